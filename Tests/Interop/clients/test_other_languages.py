# lakebase-swift · Apache License 2.0 · see LICENSE
"""JDBC and node-postgres of Debian: one program each, which prints what it sees."""

import os
import subprocess
from pathlib import Path

import pytest
from support.debian import program, unpacked
from support.identity import signs_in_by_itself

pytestmark = pytest.mark.live

PROGRAMS = Path(__file__).parent / "programs"


def lines(command, environment):
    """What a program prints, by the first word of each line."""
    run = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NO_PROXY": os.environ["NO_PROXY"]} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return dict(line.split(" ", 1) for line in run.stdout.splitlines())


def test_jdbc(identity):
    jar = unpacked("libpostgresql-jdbc-java") / "usr/share/java/postgresql.jar"
    program("javac")
    command = [program("java"), "-cp", jar, PROGRAMS / "Interop.java"]
    assert lines(command, identity.environment | {"PGPASSWORD": identity.token()}) == {
        "user": identity.user,
        "copied": "3 1,2,3,",
        "cancelled": "57014",
        "alive": "1",
        "refused": "28P01",
    }


def test_node_postgres(identity):
    signs_in_by_itself(identity)
    modules = unpacked("node-pg", "node-split2", "node-readable-stream", "node-xtend") / "usr/share/nodejs"
    command = [program("node"), PROGRAMS / "interop.cjs"]
    assert lines(command, identity.environment | {"NODE_PATH": os.fspath(modules)}) == {
        "numbers": ",".join(str(number) for number in range(20)),
        "user": identity.user,
        "sum": "500500",
        "notified": "hello",
        "refused": "28P01",
    }


def test_appkit_trusts_what_it_is_given(lakebase):
    modules = unpacked("node-pg", "node-split2", "node-readable-stream", "node-xtend") / "usr/share/nodejs"
    command = [program("node"), PROGRAMS / "appkit.cjs"]
    developer = lakebase.developer
    signs_in_by_itself(developer, "DATABRICKS_TOKEN")
    environment = developer.environment | {"NODE_PATH": os.fspath(modules)}
    assert lines(command, environment) == {"mode": "require", "object": developer.user, "flag": developer.user}
