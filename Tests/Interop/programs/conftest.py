# lakebase-swift · Apache License 2.0 · see LICENSE
"""Fixtures of the programs: apps that go away with the test."""

import fcntl
import os
from types import SimpleNamespace

import psycopg
import pytest
import uv
from support import apps
from support.local_lakebase import LocalLakebase
from support.names import new_id


@pytest.fixture
def two_at_a_time(tmp_path_factory, worker_id):
    """Lets only two of the tests run at a time that have packages installed: all together they would measure each other."""
    # Every other worker has the same place. The folder above is that of all workers.
    place = int(worker_id.removeprefix("gw")) % 2 if worker_id.startswith("gw") else 0
    with open(tmp_path_factory.getbasetemp().parent / f"place-{place}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def deployed(lakebase):
    """Deploys files as a new app of the developer's, with the local database as its resource unless others are named."""
    workspace = lakebase.developer.workspace
    made = []

    def deploy(kind, files, *resources):
        app = apps.create(
            workspace, kind, *(resources or [apps.branch_resource("projects/local/branches/production", workspace)])
        )
        made.append(app)
        apps.deploy(workspace, app, apps.upload(lakebase.developer, files))
        return app

    yield deploy
    for app in made:
        workspace.apps.delete(app.name)


@pytest.fixture
def birds(lakebase):
    """A table with three rows that everyone may read."""
    names = ["dunnock", "robin", "wren"]
    table = f"birds_{new_id('of').replace('-', '_')}"
    with psycopg.connect(**lakebase.developer.login(), autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {table} (name text PRIMARY KEY)")
        connection.cursor().executemany(f"INSERT INTO {table} VALUES (%s)", [(name,) for name in names])
        connection.execute(f"GRANT SELECT ON {table} TO PUBLIC")
    yield SimpleNamespace(table=table, names=names)
    with psycopg.connect(**lakebase.developer.login(), autocommit=True) as connection:
        connection.execute(f"DROP TABLE {table}")


@pytest.fixture(scope="session")
def stocked(tmp_path_factory, server):
    """A local Lakebase with uv on its path, whose installers find packages of the tests' own in a folder, and that folder."""
    # Not the folder of the clients' Python: a server of PostgreSQL in it would be taken, too.
    programs, wheels = tmp_path_factory.mktemp("programs"), tmp_path_factory.mktemp("wheels")
    (programs / "uv").symlink_to(uv.find_uv_bin())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{programs}")
        patch.setenv("PIP_FIND_LINKS", f"{os.environ.get('PIP_FIND_LINKS', '')} {wheels}".strip())
        lakebase = LocalLakebase(*server)
    lakebase.wheels = wheels
    yield lakebase
    lakebase.stop()
