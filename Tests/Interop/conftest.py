# lakebase-swift · Apache License 2.0 · see LICENSE
"""Fixtures: a Lakebase, its two identities; the marks of what is not served yet, and of what only makes sense locally."""

import os
import uuid

import psycopg
import pytest
from psycopg import sql

KEPT = ("LAKEBASE_COMMAND", "LAKEBASE_INTEROP_LIVE")
for name in list(os.environ):
    if name.startswith(("PG", "DATABRICKS", "LAKEBASE")) and name not in KEPT:
        del os.environ[name]
os.environ["DATABRICKS_CONFIG_FILE"] = "/nonexistent/databrickscfg"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.0/8,127.0.0.1,localhost"

from live.lakebase import LiveLakebase  # noqa: E402
from live.plugin import Live  # noqa: E402
from live.target import target  # noqa: E402
from support.local_lakebase import LocalLakebase  # noqa: E402
from support.not_served import FIXTURE_ROUTES, NOT_SERVED  # noqa: E402
from support.places import misplaced, reason_to_stay_local  # noqa: E402
from support.postgres_versions import folder_of, major  # noqa: E402

if target() is not None:
    # What signs in by another program reads it too.
    os.environ["DATABRICKS_CONFIG_FILE"] = target().config_file


def pytest_addoption(parser):
    parser.addoption(
        "--postgres",
        metavar="VERSION",
        help="the PostgreSQL to run on: a version that is here, or a folder of programs",
    )


def pytest_configure(config):
    wanted = config.getoption("--postgres")
    if wanted is not None:
        try:
            config.postgres = folder_of(wanted)
        except ValueError as error:
            raise pytest.UsageError(f"--postgres: {error}") from None
    if target() is not None:
        live = Live(target())
        live.install()
        config.pluginmanager.register(live, "live")


def pytest_report_header(config):
    if hasattr(config, "postgres"):
        return f"on PostgreSQL {major(config.postgres)} in {config.postgres}"
    return None


def pytest_collection_modifyitems(items):
    wrong = [complaint for item in items for complaint in misplaced(item)]
    if wrong:
        raise pytest.UsageError("\n".join(wrong))
    for item in items:
        routes = [route for mark in item.iter_markers("route") for route in mark.args]
        routes += [route for fixture in item.fixturenames for route in FIXTURE_ROUTES.get(fixture, [])]
        missing = [route for route in dict.fromkeys(routes) if route in NOT_SERVED]
        if missing:
            item.add_marker(pytest.mark.xfail(strict=True, reason=f"not served yet: {', '.join(missing)}"))
        if target() is not None and (reason := reason_to_stay_local(item)):
            item.add_marker(pytest.mark.skip(reason=f"local only: {reason}"))


@pytest.fixture(scope="session")
def server(pytestconfig):
    """The arguments by which a local Lakebase runs on the PostgreSQL that was asked for; none for the newest found."""
    return ["--postgres", pytestconfig.postgres] if hasattr(pytestconfig, "postgres") else []


@pytest.fixture(scope="session")
def lakebase(server):
    """A local Lakebase with the service's lifetimes, whose app administers it as the developer does; or the real one."""
    if target() is not None:
        lakebase = LiveLakebase(target())
    else:
        lakebase = LocalLakebase(*server)
        lakebase.make_administrator(lakebase.app)
    yield lakebase
    lakebase.stop()


@pytest.fixture(scope="session")
def hasty_lakebase(server):
    """Another one, whose tokens end after seconds, and whose endpoint sleeps after one."""
    lakebase = LocalLakebase(*server, "--token-lifetime", "4s", "--suspend-after", "1s")
    yield lakebase
    lakebase.stop()


@pytest.fixture(scope="session", params=["personal-token", "client-credentials"])
def identity(request, lakebase):
    """Each way to sign in: the developer's personal token, the app's client id and secret."""
    return lakebase.developer if request.param == "personal-token" else lakebase.app


@pytest.fixture(scope="session")
def workspace(identity):
    """The SDK's client of the identity."""
    return identity.workspace


@pytest.fixture
def schema(identity):
    """The name of a schema of the identity's own, which goes away with the test."""
    name = f"interop_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(**identity.login(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    yield name
    with psycopg.connect(**identity.login(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
