# lakebase-swift · Apache License 2.0 · see LICENSE
"""asyncpg, whose password is a function that mints."""

import asyncio
import io
import ssl

import asyncpg
import pytest

pytestmark = pytest.mark.live


def parameters(identity, **changes):
    """What asyncpg connects with: the identity's address, verified TLS, and a credential minted for each login."""

    async def password():
        return await asyncio.to_thread(identity.token)

    return {
        "host": identity.host,
        "port": identity.port,
        "database": identity.database,
        "user": identity.user,
        "password": password,
        "ssl": ssl.create_default_context(cafile=identity.root_certificate),
        "timeout": 20,
    } | changes


def run(body, identity, **changes):
    """Runs `body` on a connection."""

    async def session():
        connection = await asyncpg.connect(**parameters(identity, **changes))
        try:
            return await body(connection)
        finally:
            await connection.close()

    return asyncio.run(session())


def test_queries_with_parameters(identity):
    async def body(connection):
        query = "SELECT $1::int, $2::text, $3::bytea, session_user"
        return await connection.fetchrow(query, 7, "ü€😀", b"\x00\xff")

    assert tuple(run(body, identity)) == (7, "ü€😀", b"\x00\xff", identity.user)


def test_a_dsn_with_verified_tls(identity):
    async def body():
        dsn = (
            f"postgresql://{identity.host}:{identity.port}/{identity.database}"
            f"?sslmode=verify-full&sslrootcert={identity.root_certificate}"
        )
        connection = await asyncpg.connect(dsn, user=identity.user, password=identity.token())
        try:
            return await connection.fetchval("SELECT 1")
        finally:
            await connection.close()

    assert asyncio.run(body()) == 1


def test_tls_can_begin_at_once(identity):
    async def body(connection):
        return await connection.fetchval("SELECT 1")

    context = ssl.create_default_context(cafile=identity.root_certificate)
    with pytest.raises(asyncpg.ProtocolViolationError, match="ALPN"):
        run(body, identity, direct_tls=True, ssl=context)
    context.set_alpn_protocols(["postgresql"])
    assert run(body, identity, direct_tls=True, ssl=context) == 1


@pytest.mark.local_only("the authority of the service is a known one")
def test_an_unknown_authority_is_refused(identity):
    async def body(connection):
        return await connection.fetchval("SELECT 1")

    with pytest.raises(ssl.SSLCertVerificationError):
        run(body, identity, ssl=ssl.create_default_context())


def test_transactions_and_savepoints(identity, schema):
    async def body(connection):
        async with connection.transaction():
            await connection.execute(f"CREATE TABLE {schema}.note (id int PRIMARY KEY)")
            await connection.execute(f"INSERT INTO {schema}.note VALUES (1)")
            with pytest.raises(asyncpg.UniqueViolationError):
                async with connection.transaction():
                    await connection.execute(f"INSERT INTO {schema}.note VALUES (1)")
            await connection.execute(f"INSERT INTO {schema}.note VALUES (2)")
        return await connection.fetchval(f"SELECT array_agg(id ORDER BY id) FROM {schema}.note")

    assert run(body, identity) == [1, 2]


def test_copy_in_and_out(identity, schema):
    async def body(connection):
        await connection.execute(f"CREATE TABLE {schema}.row (id int, text text)")
        records = [(number, f"row {number}") for number in range(10_000)]
        status = await connection.copy_records_to_table("row", schema_name=schema, records=records)
        assert status == "COPY 10000"
        output = io.BytesIO()
        await connection.copy_from_table("row", schema_name=schema, output=output, format="csv")
        return output.getvalue().decode().splitlines()

    lines = run(body, identity)
    assert len(lines) == 10_000
    assert lines[-1] == "9999,row 9999"


def test_notifications_arrive(identity):
    async def body(listener):
        received = asyncio.get_running_loop().create_future()
        await listener.add_listener("interop", lambda *note: received.done() or received.set_result(note[2:]))
        sender = await asyncpg.connect(**parameters(identity))
        await sender.execute("NOTIFY interop, 'hello'")
        await sender.close()
        note = await asyncio.wait_for(received, 10)
        await listener.remove_listener("interop", lambda *_: None)
        return note

    assert run(body, identity) == ("interop", "hello")


def test_a_cursor_reads_in_portions(identity):
    async def body(connection):
        async with connection.transaction():
            return [row[0] async for row in connection.cursor("SELECT generate_series(1, 1000)", prefetch=50)]

    assert run(body, identity) == list(range(1, 1001))


def test_a_timeout_cancels_the_query_and_the_session_lives(identity):
    async def body(connection):
        pid = connection.get_server_pid()
        with pytest.raises(asyncio.TimeoutError):
            await connection.fetchval("SELECT pg_sleep(30)", timeout=0.5)
        assert await connection.fetchval("SELECT pg_backend_pid()", timeout=10) == pid
        other = await asyncpg.connect(**parameters(identity))
        try:
            return await other.fetchval("SELECT state FROM pg_stat_activity WHERE pid = $1", pid)
        finally:
            await other.close()

    assert run(body, identity) == "idle"


def test_the_pool_mints_for_each_connection(identity):
    minted = []

    async def password():
        minted.append(1)
        return await asyncio.to_thread(identity.token)

    async def body():
        async with asyncpg.create_pool(
            **parameters(identity, password=password), min_size=2, max_size=4
        ) as pool:
            return await asyncio.gather(*(pool.fetchval("SELECT $1::int", number) for number in range(40)))

    assert asyncio.run(body()) == list(range(40))
    assert len(minted) >= 2


def test_a_bad_password_has_the_sqlstate(identity):
    async def body(connection):
        return await connection.fetchval("SELECT 1")

    with pytest.raises(asyncpg.InvalidPasswordError) as refusal:
        run(body, identity, password="not a token")
    assert refusal.value.sqlstate == "28P01"
    assert "not a valid JWT encoding" in str(refusal.value)
