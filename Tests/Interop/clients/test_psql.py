# lakebase-swift · Apache License 2.0 · see LICENSE
"""psql of this machine, with the environment that `lakebase dev` gives and a minted credential."""

import os
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.live


def psql(identity, *arguments, token=None, **changes):
    """Runs psql to its end."""
    program = shutil.which("psql")
    assert program, "psql is not installed: apt-get install postgresql-client"
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PGPASSWORD": token or identity.token()}
    environment |= {name: value for name, value in identity.environment.items() if name.startswith("PG")} | changes
    return subprocess.run(
        [program, "--no-psqlrc", "--tuples-only", "--no-align", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_a_query_with_verified_tls(identity):
    run = psql(identity, "-c", "SELECT session_user || ' in ' || current_database()")
    assert run.stderr == ""
    assert run.stdout == f"{identity.user} in {identity.database}\n"


@pytest.mark.parametrize("mode", ["require", "prefer", "verify-ca"])
def test_the_other_modes_of_tls(identity, mode):
    run = psql(identity, "-c", "SELECT ssl FROM (SELECT true AS ssl) AS one", PGSSLMODE=mode)
    assert (run.returncode, run.stdout) == (0, "t\n")


def test_copy_and_meta_commands(identity, schema):
    run = psql(
        identity,
        "-c", f"CREATE TABLE {schema}.note (id int)",
        "-c", f"\\copy {schema}.note FROM PROGRAM 'seq 1 1000'",
        "-c", f"SELECT count(*) FROM {schema}.note",
        "-c", f"\\dt {schema}.*",
    )  # fmt: skip
    assert run.stderr == ""
    lines = run.stdout.splitlines()
    assert lines[:3] == ["CREATE TABLE", "COPY 1000", "1000"]
    assert lines[3].startswith(f"{schema}|note|table|")


def test_a_bad_password_is_final(identity):
    """The vendor's command line takes a refusal as final by the words in psql's output."""
    run = psql(identity, "-c", "SELECT 1", token="not a token")
    assert run.returncode == 2
    assert "Provided authentication token is not a valid JWT encoding" in run.stderr


def test_an_unknown_database_is_named(identity):
    run = psql(identity, "-c", "SELECT 1", PGDATABASE="missing")
    assert run.returncode == 2
    assert 'database "missing" does not exist' in run.stderr
