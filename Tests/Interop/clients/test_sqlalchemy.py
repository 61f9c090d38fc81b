# lakebase-swift · Apache License 2.0 · see LICENSE
"""SQLAlchemy, with the password put in when it connects."""

import asyncio

import pytest
import sqlalchemy
from sqlalchemy import event, orm
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

pytestmark = pytest.mark.live


def url(identity, driver):
    return sqlalchemy.URL.create(
        f"postgresql+{driver}", identity.user, None, identity.host, identity.port, identity.database
    )


def mint_at_connect(engine, identity):
    """Has the engine mint a credential for each connection; returns the list of what it minted."""
    minted = []

    @event.listens_for(engine, "do_connect")
    def provide_token(dialect, record, arguments, parameters):
        parameters["password"] = identity.token()
        minted.append(parameters["password"])

    return minted


class Base(orm.DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "note"

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    text: orm.Mapped[str]


@pytest.fixture
def engine(identity):
    engine = sqlalchemy.create_engine(
        url(identity, "psycopg"),
        connect_args={"sslmode": "verify-full", "sslrootcert": identity.root_certificate},
        pool_size=3,
        pool_pre_ping=True,
        pool_recycle=2700,
    )
    yield engine
    engine.dispose()


def test_each_new_connection_gets_a_credential(engine, identity):
    minted = mint_at_connect(engine, identity)
    with engine.connect() as first, engine.connect() as second:
        assert first.scalar(sqlalchemy.text("SELECT session_user")) == identity.user
        assert second.scalar(sqlalchemy.text("SELECT session_user")) == identity.user
    with engine.connect() as again:
        again.scalar(sqlalchemy.text("SELECT 1"))
    assert len(minted) == 2


def test_the_orm_writes_and_reads(engine, identity, schema):
    mint_at_connect(engine, identity)
    placed = engine.execution_options(schema_translate_map={None: schema})
    Base.metadata.create_all(placed)
    with orm.Session(placed) as session:
        session.add_all([Note(text=f"note {number}") for number in range(500)])
        session.commit()
    with orm.Session(placed) as session:
        session.add(Note(text="not kept"))
        session.flush()
        session.rollback()
        assert session.scalar(sqlalchemy.select(sqlalchemy.func.count()).select_from(Note)) == 500
    assert [column["name"] for column in sqlalchemy.inspect(engine).get_columns("note", schema=schema)] == [
        "id",
        "text",
    ]


def test_a_result_is_streamed(engine, identity):
    mint_at_connect(engine, identity)
    with engine.connect() as connection:
        rows = connection.execution_options(yield_per=100).execute(
            sqlalchemy.text("SELECT generate_series(1, 1000)")
        )
        assert sum(row[0] for row in rows) == 500_500


def test_a_lost_session_is_noticed_before_use(engine, identity):
    minted = mint_at_connect(engine, identity)
    with engine.connect() as connection:
        pid = connection.scalar(sqlalchemy.text("SELECT pg_backend_pid()"))
    with engine.connect() as victim, engine.connect() as other:
        assert victim.scalar(sqlalchemy.text("SELECT pg_backend_pid()")) == pid
        victim.commit()
        victim.close()
        other.execute(sqlalchemy.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    before = len(minted)
    with engine.connect() as one, engine.connect() as two:
        pids = [connection.scalar(sqlalchemy.text("SELECT pg_backend_pid()")) for connection in (one, two)]
    assert pid not in pids
    assert len(minted) > before


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_the_asynchronous_engine(identity, driver):
    if driver == "psycopg":
        arguments = {"sslmode": "verify-full", "sslrootcert": identity.root_certificate}
    else:
        import ssl

        arguments = {"ssl": ssl.create_default_context(cafile=identity.root_certificate)}

    async def body():
        engine = create_async_engine(url(identity, driver), connect_args=arguments, pool_size=3)
        mint_at_connect(engine.sync_engine, identity)
        try:

            async def one(number):
                async with AsyncSession(engine) as session:
                    return await session.scalar(sqlalchemy.select(sqlalchemy.literal(number)))

            return await asyncio.gather(*(one(number) for number in range(12)))
        finally:
            await engine.dispose()

    assert asyncio.run(body()) == list(range(12))
