"""Select by primary key through psycopg_pool or asyncpg: a lease per query, N tasks, one process.

usage: peers.py psycopg_pool|asyncpg HOST PORT USER DATABASE ROWS TASKS SECONDS CONNECTIONS
Prints queries a second, and the microseconds that a query took with its wait for a connection: the median, and the 99th of
a hundred.
"""

import asyncio
import random
import sys
import time


async def measure(tasks, seconds, query):
    end = time.monotonic() + seconds
    start = time.monotonic()

    async def worker(number):
        numbers = random.Random(number)
        taken = []
        before = time.monotonic()
        while before < end:
            await query(numbers)
            after = time.monotonic()
            taken.append(after - before)
            before = after
        return taken

    workers = await asyncio.gather(*(worker(number) for number in range(tasks)))
    rate = sum(map(len, workers)) / (time.monotonic() - start)
    taken = sorted(value for worker in workers for value in worker)
    return rate, taken[len(taken) // 2] * 1e6, taken[(len(taken) - 1) * 99 // 100] * 1e6


async def psycopg_pool(host, port, user, database, rows, tasks, seconds, size):
    from psycopg_pool import AsyncConnectionPool

    conninfo = f"host={host} port={port} user={user} dbname={database} sslmode=disable"
    async with AsyncConnectionPool(
        conninfo, min_size=size, max_size=size, open=False, kwargs={"autocommit": True, "prepare_threshold": 0}
    ) as pool:
        await pool.wait()

        async def query(numbers):
            async with pool.connection() as connection:
                cursor = await connection.execute(
                    "SELECT abalance FROM pgbench_accounts WHERE aid = %s", (numbers.randint(1, rows),)
                )
                await cursor.fetchone()

        return await measure(tasks, seconds, query)


async def asyncpg(host, port, user, database, rows, tasks, seconds, size):
    import asyncpg

    async with asyncpg.create_pool(
        host=host, port=port, user=user, database=database, ssl=False, min_size=size, max_size=size
    ) as pool:

        async def query(numbers):
            await pool.fetchval("SELECT abalance FROM pgbench_accounts WHERE aid = $1", numbers.randint(1, rows))

        return await measure(tasks, seconds, query)


def main():
    name, host, port, user, database, rows, tasks, seconds, size = sys.argv[1:]
    peer = {"psycopg_pool": psycopg_pool, "asyncpg": asyncpg}[name]
    measured = asyncio.run(peer(host, port, user, database, int(rows), int(tasks), int(seconds), int(size)))
    print(*(f"{number:.1f}" for number in measured))


main()
