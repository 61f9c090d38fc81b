# lakebase-swift · Apache License 2.0 · see LICENSE
"""pg_recvlogical, PostgreSQL's own consumer of changes: a slot made, streamed and dropped through the endpoint's address."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest
from support.deadline import wait_until
from support.names import new_id


@pytest.fixture(scope="module")
def consumer():
    """The program of a distribution: those of wheels know no TLS."""
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_recvlogical")), shutil.which("pg_recvlogical")]
    if found[0] is None:
        pytest.skip("pg_recvlogical is not installed")
    return found[0]


@pytest.mark.parametrize("plugin", ["test_decoding", "pgoutput"])
def test_changes_are_streamed(lakebase, consumer, plugin, tmp_path):
    developer = lakebase.developer
    slot, table = (new_id(kind).replace("-", "_") for kind in ("slot", "table"))
    variables = {"PATH": os.environ["PATH"], "LC_ALL": "C"} | {
        name: value for name, value in developer.environment.items() if name.startswith("PG")
    }
    variables |= {"PGSSLMODE": "verify-full", "PGPASSWORD": developer.token()}
    options = ["-o", "proto_version=1", "-o", f"publication_names={table}"] if plugin == "pgoutput" else []

    def run(*arguments):
        command = [consumer, "--dbname", developer.database, "--slot", slot, *arguments]
        return subprocess.run(
            command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=40
        )

    with psycopg.connect(**developer.login(), autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, name text)")
        connection.execute(f"CREATE PUBLICATION {table} FOR TABLE {table}")
        made = run("--create-slot", "--plugin", plugin)
        assert made.returncode == 0, made.stderr
        assert run("--create-slot", "--plugin", plugin, "--if-not-exists").returncode == 0

        out = tmp_path / "changes"
        stream = subprocess.Popen(
            [consumer, "--dbname", developer.database, "--slot", slot, "--start", "--file", out, *options],
            env=variables,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            rows = [(number, f"bird {number}") for number in range(500)]
            connection.cursor().executemany(f"INSERT INTO {table} VALUES (%s, %s)", rows)
            connection.execute(f"DELETE FROM {table} WHERE id = 7")

            def streamed():
                assert stream.poll() is None, stream.stderr.read()
                data = out.read_bytes() if out.exists() else b""
                return all(name.encode() in data for _, name in rows) and data

            data = wait_until(streamed, "all changes in the file", limit=30)
            if plugin == "test_decoding":
                assert re.findall(rb"table public\.\w+: INSERT: id\[integer\]:(\d+)", data) == [b"%d" % n for n, _ in rows]
                wait_until(lambda: b"DELETE: id[integer]:7" in out.read_bytes(), "the deletion")
        finally:
            # As Ctrl-C does; it confirms what it wrote and leaves.
            stream.send_signal(signal.SIGINT)
            _, said = stream.communicate(timeout=20)
        assert stream.returncode == 0, said
        slots = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
        wait_until(lambda: connection.execute(slots, [slot]).fetchone() == (False,), "the slot is free")
        dropped = run("--drop-slot")
        assert dropped.returncode == 0, dropped.stderr
        assert connection.execute(slots, [slot]).fetchone() is None
        connection.execute(f"DROP PUBLICATION {table}")
        connection.execute(f"DROP TABLE {table}")
