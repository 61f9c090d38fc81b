# lakebase-swift · Apache License 2.0 · see LICENSE
"""What clients see of an endpoint that falls asleep when nobody uses it."""

import asyncio
import ssl

import asyncpg
import psycopg
import pytest
import sqlalchemy
from databricks.sdk.service.postgres import EndpointStatusState
from psycopg_pool import ConnectionPool
from sqlalchemy import event
from support.deadline import wait_until

pytestmark = pytest.mark.local_only("the service sleeps after a minute at the soonest")


@pytest.fixture(params=["personal-token", "client-credentials"])
def sleeper(request, hasty_lakebase):
    """An identity of the Lakebase that sleeps soon."""
    return hasty_lakebase.developer if request.param == "personal-token" else hasty_lakebase.app


def wait_for_sleep(identity):
    """Waits until the endpoint says that it is suspended."""

    def is_asleep():
        status = identity.workspace.postgres.get_endpoint(identity.endpoint).status
        return status.current_state == EndpointStatusState.IDLE and status.pending_state is None

    wait_until(is_asleep, "the endpoint sleeps", limit=30, pause=0.2)


def test_a_login_wakes_the_endpoint(sleeper):
    wait_for_sleep(sleeper)
    with psycopg.connect(**sleeper.login()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        status = sleeper.workspace.postgres.get_endpoint(sleeper.endpoint).status
        assert status.current_state == EndpointStatusState.ACTIVE


def test_an_idle_session_is_ended_and_its_state_is_gone(sleeper):
    with psycopg.connect(**sleeper.login(), autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE gone (id int)")
        wait_for_sleep(sleeper)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with psycopg.connect(**sleeper.login()) as connection:
        assert connection.execute("SELECT to_regclass('pg_temp.gone')").fetchone() == (None,)


def test_a_refused_login_wakes_nothing(sleeper):
    wait_for_sleep(sleeper)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**sleeper.login(password="secret"))
    status = sleeper.workspace.postgres.get_endpoint(sleeper.endpoint).status
    assert (status.current_state, status.pending_state) == (EndpointStatusState.IDLE, None)


def test_psycopgs_pool_connects_again(sleeper):
    class Minting(psycopg.Connection):
        @classmethod
        def connect(cls, conninfo="", **settings):
            return super().connect(conninfo, **(settings | {"password": sleeper.token()}))

    with ConnectionPool(
        connection_class=Minting,
        kwargs=sleeper.login(password=None),
        min_size=0,
        max_size=2,
        check=ConnectionPool.check_connection,
    ) as pool:
        with pool.connection() as connection:
            first = connection.info.backend_pid
        wait_for_sleep(sleeper)
        with pool.connection(timeout=20) as connection:
            assert connection.execute("SELECT pg_backend_pid()").fetchone()[0] != first


def test_asyncpgs_pool_connects_again(sleeper):
    async def password():
        return await asyncio.to_thread(sleeper.token)

    async def body():
        async with asyncpg.create_pool(
            host=sleeper.host,
            port=sleeper.port,
            user=sleeper.user,
            database=sleeper.database,
            password=password,
            ssl=ssl.create_default_context(cafile=sleeper.root_certificate),
            min_size=0,
            max_size=2,
        ) as pool:
            first = await pool.fetchval("SELECT pg_backend_pid()")
            await asyncio.to_thread(wait_for_sleep, sleeper)
            return first != await pool.fetchval("SELECT pg_backend_pid()")

    assert asyncio.run(body())


def test_sqlalchemy_with_a_ping_connects_again(sleeper):
    engine = sqlalchemy.create_engine(
        sqlalchemy.URL.create(
            "postgresql+psycopg", sleeper.user, None, sleeper.host, sleeper.port, sleeper.database
        ),
        connect_args={"sslmode": "verify-full", "sslrootcert": sleeper.root_certificate},
        pool_pre_ping=True,
    )

    @event.listens_for(engine, "do_connect")
    def provide_token(dialect, record, arguments, parameters):
        parameters["password"] = sleeper.token()

    try:
        with engine.connect() as connection:
            first = connection.scalar(sqlalchemy.text("SELECT pg_backend_pid()"))
        wait_for_sleep(sleeper)
        with engine.connect() as connection:
            assert connection.scalar(sqlalchemy.text("SELECT pg_backend_pid()")) != first
    finally:
        engine.dispose()
