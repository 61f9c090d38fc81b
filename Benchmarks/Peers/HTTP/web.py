"""The four database tests of script/bench http, with FastAPI on asyncpg.

usage: web.py HOST PORT USER DATABASE CONNECTIONS HTTP_PORT
"""

import contextlib
import html
import random
import sys

import asyncpg
import orjson
import uvicorn
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse

SELECT = "SELECT id, randomnumber FROM world WHERE id = $1"
UPDATE = "UPDATE world SET randomnumber = $2 WHERE id = $1"
WORLDS = range(1, 10001)


@contextlib.asynccontextmanager
async def lifespan(app):
    async with asyncpg.create_pool(
        host=host, port=int(port), user=user, database=database, ssl=False, min_size=int(size), max_size=int(size)
    ) as app.state.pool:
        yield


app = FastAPI(lifespan=lifespan)


def ids(count):
    return random.sample(WORLDS, min(max(count, 1), 500))


def as_json(value):
    # Past FastAPI's models, which cost more.
    return Response(orjson.dumps(value), media_type="application/json")


def world(row):
    return {"id": row[0], "randomNumber": row[1]}


async def one_after_the_other(connection, ids):
    return [world(await connection.fetchrow(SELECT, id)) for id in ids]


async def pipelined(connection, ids):
    return [world(row) for row in await connection.fetchmany(SELECT, [(id,) for id in ids])]


def changed(worlds):
    return [{"id": row["id"], "randomNumber": random.choice(WORLDS)} for row in worlds]


@app.get("/db")
async def db():
    async with app.state.pool.acquire() as connection:
        return as_json(world(await connection.fetchrow(SELECT, random.choice(WORLDS))))


@app.get("/queries")
async def queries(queries: int = 1):
    async with app.state.pool.acquire() as connection:
        return as_json(await one_after_the_other(connection, ids(queries)))


@app.get("/pipelined/queries")
async def pipelined_queries(queries: int = 1):
    async with app.state.pool.acquire() as connection:
        return as_json(await pipelined(connection, ids(queries)))


@app.get("/fortunes")
async def fortunes():
    async with app.state.pool.acquire() as connection:
        rows = [(row[0], row[1]) for row in await connection.fetch("SELECT id, message FROM fortune")]
    rows.append((0, "Additional fortune added at request time."))
    rows.sort(key=lambda row: row[1].encode())
    table = "".join(f"<tr><td>{id}</td><td>{html.escape(message)}</td></tr>" for id, message in rows)
    return HTMLResponse(
        "<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table><tr><th>id</th><th>message</th></tr>"
        f"{table}</table></body></html>"
    )


@app.get("/updates")
async def updates(queries: int = 1):
    async with app.state.pool.acquire() as connection:
        # In order, so that no two requests wait for each other.
        worlds = changed(await one_after_the_other(connection, sorted(ids(queries))))
        async with connection.transaction():
            for row in worlds:
                await connection.execute(UPDATE, row["id"], row["randomNumber"])
    return as_json(worlds)


@app.get("/pipelined/updates")
async def pipelined_updates(queries: int = 1):
    async with app.state.pool.acquire() as connection:
        worlds = changed(await pipelined(connection, sorted(ids(queries))))
        await connection.executemany(UPDATE, [(row["id"], row["randomNumber"]) for row in worlds])
    return as_json(worlds)


host, port, user, database, size, http_port = sys.argv[1:]
uvicorn.run(app, port=int(http_port), loop="uvloop", http="httptools", log_level="warning", access_log=False)
