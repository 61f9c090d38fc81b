# lakebase-swift · Apache License 2.0 · see LICENSE
"""Fixtures: a local Lakebase, its two identities, and the mark of routes that it does not serve yet."""

import os
import uuid

import psycopg
import pytest
from psycopg import sql

for name in list(os.environ):
    if name.startswith(("PG", "DATABRICKS", "LAKEBASE")) and name != "LAKEBASE_COMMAND":
        del os.environ[name]
os.environ["DATABRICKS_CONFIG_FILE"] = "/nonexistent/databrickscfg"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.0/8,127.0.0.1,localhost"

from support.local_lakebase import LocalLakebase  # noqa: E402
from support.not_served import FIXTURE_ROUTES, NOT_SERVED  # noqa: E402


def pytest_collection_modifyitems(items):
    for item in items:
        routes = [route for mark in item.iter_markers("route") for route in mark.args]
        routes += [route for fixture in item.fixturenames for route in FIXTURE_ROUTES.get(fixture, [])]
        missing = [route for route in dict.fromkeys(routes) if route in NOT_SERVED]
        if missing:
            item.add_marker(pytest.mark.xfail(strict=True, reason=f"not served yet: {', '.join(missing)}"))


@pytest.fixture(scope="session")
def lakebase():
    """A local Lakebase with the service's lifetimes, whose app administers it as the developer does."""
    lakebase = LocalLakebase()
    lakebase.make_administrator(lakebase.app)
    yield lakebase
    lakebase.stop()


@pytest.fixture(scope="session")
def hasty_lakebase():
    """Another one, whose tokens end after seconds, and whose endpoint sleeps after one."""
    lakebase = LocalLakebase("--token-lifetime", "4s", "--suspend-after", "1s")
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
