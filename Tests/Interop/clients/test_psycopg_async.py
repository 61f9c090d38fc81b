# lakebase-swift · Apache License 2.0 · see LICENSE
"""psycopg 3's asynchronous connections."""

import asyncio

import psycopg
import pytest
from psycopg import sql

pytestmark = pytest.mark.live


def test_concurrent_sessions_answer(identity):
    async def one(number):
        async with await psycopg.AsyncConnection.connect(**identity.login()) as connection:
            cursor = await connection.execute("SELECT %s::int, session_user", (number,))
            return await cursor.fetchone()

    async def all_of_them():
        return await asyncio.gather(*(one(number) for number in range(8)))

    assert asyncio.run(all_of_them()) == [(number, identity.user) for number in range(8)]


def test_copy_and_cursors(identity, schema):
    async def body():
        async with await psycopg.AsyncConnection.connect(**identity.login()) as connection:
            table = sql.Identifier(schema, "row")
            await connection.execute(sql.SQL("CREATE TABLE {} (id int)").format(table))
            async with connection.cursor() as cursor:
                async with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(table)) as copy:
                    copy.set_types(["int4"])
                    for number in range(1000):
                        await copy.write_row((number,))
            async with connection.cursor(name="numbers") as cursor:
                await cursor.execute(sql.SQL("SELECT id FROM {} ORDER BY id").format(table))
                return [row[0] async for row in cursor]

    assert asyncio.run(body()) == list(range(1000))


def test_cancelling_the_task_cancels_the_query(identity):
    async def body():
        async with await psycopg.AsyncConnection.connect(**identity.login()) as connection:
            query = asyncio.create_task(connection.execute("SELECT pg_sleep(30)"))
            await asyncio.sleep(0.3)
            query.cancel()
            with pytest.raises((asyncio.CancelledError, psycopg.errors.QueryCanceled)):
                await query
            await connection.rollback()
            cursor = await connection.execute("SELECT 1")
            return await cursor.fetchone()

    assert asyncio.run(asyncio.wait_for(body(), 20)) == (1,)


def test_notifications_arrive(identity):
    async def body():
        async with (
            await psycopg.AsyncConnection.connect(**identity.login(), autocommit=True) as listener,
            await psycopg.AsyncConnection.connect(**identity.login(), autocommit=True) as sender,
        ):
            await listener.execute("LISTEN interop")
            await sender.execute("NOTIFY interop, 'hello'")
            return [note.payload async for note in listener.notifies(timeout=10, stop_after=1)]

    assert asyncio.run(body()) == ["hello"]
