# lakebase-swift · Apache License 2.0 · see LICENSE
"""psycopg's pools with a credential of its own for each connection."""

import asyncio
import threading

import psycopg
from psycopg_pool import AsyncConnectionPool, ConnectionPool

import pytest

pytestmark = pytest.mark.live


def minting(base, identity):
    """A connection class that mints a credential when it connects; `identity` counts them in `minted`."""

    class Minting(base):
        minted = 0

        @classmethod
        def connect(cls, conninfo="", **parameters):
            Minting.minted += 1
            return super().connect(conninfo, **(parameters | {"password": identity.token()}))

    return Minting


def parameters(identity):
    return identity.login(password=None) | {"autocommit": True}


def test_each_connection_mints_for_itself(identity):
    kind = minting(psycopg.Connection, identity)
    with ConnectionPool(connection_class=kind, kwargs=parameters(identity), min_size=3, max_size=3) as pool:
        pool.wait(timeout=20)
        barrier = threading.Barrier(3)
        pids = []

        def work():
            with pool.connection() as connection:
                barrier.wait(10)
                pids.append(connection.execute("SELECT pg_backend_pid()").fetchone()[0])

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(pids)) == 3
    assert kind.minted == 3


def test_the_parameters_can_be_a_function_that_mints(identity):
    minted = []

    def fresh():
        minted.append(identity.token())
        return identity.login(password=minted[-1])

    with ConnectionPool(kwargs=fresh, min_size=2, max_size=2) as pool:
        pool.wait(timeout=20)
        with pool.connection() as connection:
            assert connection.execute("SELECT session_user").fetchone() == (identity.user,)
    assert len(minted) == 2


def test_a_terminated_session_is_replaced(identity):
    kind = minting(psycopg.Connection, identity)
    with ConnectionPool(
        connection_class=kind,
        kwargs=parameters(identity),
        min_size=1,
        max_size=1,
        check=ConnectionPool.check_connection,
    ) as pool:
        with pool.connection() as connection:
            first = connection.info.backend_pid
        with psycopg.connect(**identity.login(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (first,))
        with pool.connection(timeout=20) as connection:
            assert connection.execute("SELECT pg_backend_pid()").fetchone()[0] != first
    assert kind.minted >= 2


def test_the_asynchronous_pool(identity):
    class Minting(psycopg.AsyncConnection):
        @classmethod
        async def connect(cls, conninfo="", **settings):
            token = await asyncio.to_thread(identity.token)
            return await super().connect(conninfo, **(settings | {"password": token}))

    async def body():
        async with AsyncConnectionPool(
            connection_class=Minting, kwargs=parameters(identity), min_size=0, max_size=4
        ) as pool:

            async def one(number):
                async with pool.connection() as connection:
                    cursor = await connection.execute("SELECT %s::int", (number,))
                    return (await cursor.fetchone())[0]

            return await asyncio.gather(*(one(number) for number in range(40)))

    assert asyncio.run(body()) == list(range(40))
