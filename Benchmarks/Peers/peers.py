"""Select by primary key through psycopg_pool or asyncpg: a lease per query, N tasks, one process.

usage: peers.py psycopg_pool|asyncpg HOST PORT USER DATABASE ROWS TASKS SECONDS
Prints queries a second.
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
        count = 0
        while time.monotonic() < end:
            await query(numbers)
            count += 1
        return count

    total = sum(await asyncio.gather(*(worker(number) for number in range(tasks))))
    return total / (time.monotonic() - start)


async def psycopg_pool(host, port, user, database, rows, tasks, seconds):
    from psycopg_pool import AsyncConnectionPool

    conninfo = f"host={host} port={port} user={user} dbname={database} sslmode=disable"
    async with AsyncConnectionPool(
        conninfo, min_size=tasks, max_size=tasks, open=False, kwargs={"autocommit": True, "prepare_threshold": 0}
    ) as pool:
        await pool.wait()

        async def query(numbers):
            async with pool.connection() as connection:
                cursor = await connection.execute(
                    "SELECT abalance FROM pgbench_accounts WHERE aid = %s", (numbers.randint(1, rows),)
                )
                await cursor.fetchone()

        return await measure(tasks, seconds, query)


async def asyncpg(host, port, user, database, rows, tasks, seconds):
    import asyncpg

    async with asyncpg.create_pool(
        host=host, port=port, user=user, database=database, ssl=False, min_size=tasks, max_size=tasks
    ) as pool:

        async def query(numbers):
            await pool.fetchval("SELECT abalance FROM pgbench_accounts WHERE aid = $1", numbers.randint(1, rows))

        return await measure(tasks, seconds, query)


def main():
    name, host, port, user, database, rows, tasks, seconds = sys.argv[1:]
    peer = {"psycopg_pool": psycopg_pool, "asyncpg": asyncpg}[name]
    print(f"{asyncio.run(peer(host, port, user, database, int(rows), int(tasks), int(seconds))):.1f}")


main()
