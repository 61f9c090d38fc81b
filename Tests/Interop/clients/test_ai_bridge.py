# lakebase-swift · Apache License 2.0 · see LICENSE
"""databricks-ai-bridge: its pools, its SQLAlchemy engine and its client, by each way to name a database."""

import asyncio

import psycopg
import pytest
import sqlalchemy
from databricks_ai_bridge.lakebase import (
    AsyncLakebasePool,
    AsyncLakebaseSQLAlchemy,
    LakebaseClient,
    LakebasePool,
    SchemaPrivilege,
    SequencePrivilege,
    TablePrivilege,
)

pytestmark = pytest.mark.live


@pytest.fixture(params=["instance", "endpoint", "project-and-branch", "branch-path"])
def database(request, identity, lakebase):
    """The parameters that name the database, and the workspace's client."""
    named = {
        "instance": {"instance_name": lakebase.project_id},
        "endpoint": {"autoscaling_endpoint": identity.endpoint},
        "project-and-branch": {"project": lakebase.project_id, "branch": lakebase.branch.rpartition("/")[2]},
        "branch-path": {"branch": lakebase.branch},
    }[request.param]
    return named | {"workspace_client": identity.workspace}


@pytest.fixture
def endpoint(identity):
    return {"autoscaling_endpoint": identity.endpoint, "workspace_client": identity.workspace}


def test_the_pool(database, identity):
    pool = LakebasePool(**database, min_size=1, max_size=3)
    try:
        assert pool.host == identity.host
        with pool.connection() as connection, pool.connection() as other:
            assert connection.execute("SELECT session_user AS name").fetchone() == {"name": identity.user}
            assert other.execute("SELECT 1 AS one").fetchone() == {"one": 1}
    finally:
        pool.close()


def test_the_asynchronous_pool(database, identity):
    async def body():
        async with AsyncLakebasePool(**database, min_size=1, max_size=3) as pool:

            async def one(number):
                async with pool.connection() as connection:
                    cursor = await connection.execute("SELECT %s::int AS number, session_user AS name", (number,))
                    return await cursor.fetchone()

            return await asyncio.gather(*(one(number) for number in range(9)))

    assert asyncio.run(body()) == [{"number": number, "name": identity.user} for number in range(9)]


def test_the_sqlalchemy_engine(database, identity):
    async def body():
        lakebase = AsyncLakebaseSQLAlchemy(**database)
        try:
            async with lakebase.engine.begin() as connection:
                return await connection.scalar(sqlalchemy.text("SELECT session_user"))
        finally:
            await lakebase.engine.dispose()

    assert asyncio.run(body()) == identity.user


def test_a_pool_with_a_schema_creates_and_uses_it(endpoint, schema):
    pool = LakebasePool(**endpoint, schema=schema, min_size=1, max_size=1)
    try:
        LakebaseClient.create_schema(pool)
        with LakebaseClient(pool=pool) as client:
            client.execute("CREATE TABLE note (id serial PRIMARY KEY, text text)")
            client.execute("INSERT INTO note (text) VALUES (%s)", ("hello",))
            assert client.execute("SELECT * FROM note") == [{"id": 1, "text": "hello"}]
            same = "SELECT to_regclass('note')::oid = to_regclass(%s)::oid AS same"
            assert client.execute(same, (f"{schema}.note",)) == [{"same": True}]
    finally:
        pool.close()


def test_copy_through_the_pool(endpoint, schema):
    pool = LakebasePool(**endpoint, schema=schema, min_size=1, max_size=1)
    try:
        with pool.connection() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE row (id int)")
            with cursor.copy("COPY row FROM STDIN") as copy:
                for number in range(1000):
                    copy.write_row((number,))
            with cursor.copy("COPY row TO STDOUT") as copy:
                assert len(b"".join(copy).splitlines()) == 1000
    finally:
        pool.close()


def test_a_cancel_through_the_pool(endpoint):
    pool = LakebasePool(**endpoint, min_size=1, max_size=1)
    try:
        with pool.connection() as connection:
            connection.execute("SET statement_timeout = '200ms'")
            with pytest.raises(psycopg.errors.QueryCanceled):
                connection.execute("SELECT pg_sleep(30)")
            connection.execute("RESET statement_timeout")
    finally:
        pool.close()


@pytest.mark.local_only("gives a role to a person whom no workspace has")
def test_the_owner_creates_a_role_and_grants(lakebase):
    """What the package's documentation sets up for an app, with the local workspace's own app."""
    developer, app = lakebase.developer, lakebase.app
    pool = LakebasePool(
        autoscaling_endpoint=developer.endpoint, workspace_client=developer.workspace, min_size=1, max_size=1
    )
    try:
        with LakebaseClient(pool=pool) as client:
            # The app's role is there already, which the package takes as well.
            assert client.create_role(app.user, "SERVICE_PRINCIPAL") is None
            client.create_role("interop.person@example.com", "USER")
            assert client.execute(
                "SELECT identity_type FROM databricks_list_roles WHERE role_name = %s", ("interop.person@example.com",)
            ) == [{"identity_type": "user"}]
            client.execute("CREATE SCHEMA interop_bridge")
            client.execute("CREATE TABLE interop_bridge.note (id serial PRIMARY KEY, text text)")
            client.grant_schema(app.user, [SchemaPrivilege.USAGE], ["interop_bridge"])
            client.grant_all_tables_in_schema(
                app.user, [TablePrivilege.SELECT, TablePrivilege.INSERT], ["interop_bridge"]
            )
            client.grant_all_sequences_in_schema(
                app.user, [SequencePrivilege.USAGE, SequencePrivilege.SELECT], ["interop_bridge"]
            )
            with psycopg.connect(**app.login(), autocommit=True) as connection:
                connection.execute("INSERT INTO interop_bridge.note (text) VALUES ('of the app')")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute("DROP TABLE interop_bridge.note")
            assert client.execute("SELECT text FROM interop_bridge.note") == [{"text": "of the app"}]
    finally:
        with pool.connection() as connection:
            connection.execute("DROP SCHEMA IF EXISTS interop_bridge CASCADE")
            connection.execute('DROP ROLE IF EXISTS "interop.person@example.com"')
        pool.close()


def test_the_clients_own_errors_come_from_the_servers_codes(lakebase):
    developer, app = lakebase.developer, lakebase.app
    with LakebaseClient(
        autoscaling_endpoint=developer.endpoint, workspace_client=developer.workspace, min_size=1, max_size=1
    ) as client:
        with pytest.raises(ValueError, match="does not exist"):
            client.grant_schema(app.user, [SchemaPrivilege.USAGE], ["no_such_schema"])
        with pytest.raises(ValueError, match="does not exist"):
            client.grant_table(app.user, [TablePrivilege.SELECT], ["public.no_such_table"])
        with pytest.raises(ValueError, match="does not exist"):
            client.grant_schema("no such role", [SchemaPrivilege.USAGE], ["public"])
        with pytest.raises(ValueError, match="not found"):
            client.create_role("x" * 80, "USER")
    with LakebaseClient(
        autoscaling_endpoint=app.endpoint, workspace_client=app.workspace, min_size=1, max_size=1
    ) as client:
        with pytest.raises(PermissionError):
            client.create_role("somebody@example.com", "USER", ensure_extension=False)


def test_names_that_are_not_there_are_explained(identity, lakebase):
    workspace = identity.workspace
    with pytest.raises(ValueError, match="Unable to resolve Lakebase provisioned instance"):
        LakebasePool(instance_name="missing", workspace_client=workspace)
    with pytest.raises(ValueError, match="Unable to resolve Lakebase autoscaling endpoint"):
        LakebasePool(autoscaling_endpoint=f"{identity.endpoint}-missing", workspace_client=workspace)
    with pytest.raises(ValueError, match="Unable to list endpoints"):
        LakebasePool(project=lakebase.project_id, branch="missing", workspace_client=workspace)
