# lakebase-swift · Apache License 2.0 · see LICENSE
"""psycopg 3 on one connection: queries, transactions, COPY, notifications, cursors, cancels, TLS."""

import socket
import threading
import time

import certifi
import psycopg
import pytest
from psycopg import sql
from support.deadline import wait_until

pytestmark = pytest.mark.live


@pytest.fixture
def connection(identity):
    with psycopg.connect(**identity.login()) as connection:
        yield connection


def test_the_session_is_the_identitys_own(connection, identity):
    row = connection.execute("SELECT session_user, current_database()").fetchone()
    assert row == (identity.user, identity.database)
    assert connection.pgconn.ssl_in_use
    assert connection.info.backend_pid > 0


def test_parameters_of_many_types_come_back(connection):
    row = connection.execute(
        "SELECT %s::int, %s::text, %s::numeric, %s::bytea, %s::text[], %s::boolean, %s::jsonb -> 'a'",
        (7, "ü€😀", 1.5, b"\x00\xff", ["a", None], True, '{"a": 1}'),
    ).fetchone()
    assert row == (7, "ü€😀", 1.5, b"\x00\xff", ["a", None], True, 1)


def test_a_transaction_commits_and_rolls_back(connection, schema):
    table = sql.Identifier(schema, "note")
    with connection.transaction():
        connection.execute(sql.SQL("CREATE TABLE {} (id int PRIMARY KEY)").format(table))
        connection.execute(sql.SQL("INSERT INTO {} VALUES (1)").format(table))
    with pytest.raises(psycopg.errors.UniqueViolation) as refusal:
        with connection.transaction():
            connection.execute(sql.SQL("INSERT INTO {} VALUES (2)").format(table))
            connection.execute(sql.SQL("INSERT INTO {} VALUES (1)").format(table))
    assert refusal.value.sqlstate == "23505"
    assert refusal.value.diag.schema_name == schema
    assert connection.execute(sql.SQL("SELECT array_agg(id) FROM {}").format(table)).fetchone() == ([1],)
    connection.commit()


def test_copy_in_and_out(connection, schema):
    table = sql.Identifier(schema, "row")
    connection.execute(sql.SQL("CREATE TABLE {} (id int, text text)").format(table))
    count = 20_000
    with connection.cursor() as cursor:
        with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
            for number in range(count):
                copy.write_row((number, f"row {number}\twith a tab"))
        with cursor.copy(sql.SQL("COPY (SELECT * FROM {} ORDER BY id) TO STDOUT").format(table)) as copy:
            copy.set_types(["int4", "text"])
            rows = list(copy.rows())
    assert len(rows) == count
    assert rows[-1] == (count - 1, f"row {count - 1}\twith a tab")
    connection.commit()


def test_a_copy_that_the_client_gives_up_leaves_nothing(connection, schema):
    table = sql.Identifier(schema, "row")
    connection.execute(sql.SQL("CREATE TABLE {} (id int)").format(table))
    connection.commit()

    class GivenUp(Exception):
        pass

    with pytest.raises(GivenUp):
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
            copy.write_row((1,))
            raise GivenUp
    connection.rollback()
    assert connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone() == (0,)
    connection.commit()


def test_notifications_arrive(identity):
    with (
        psycopg.connect(**identity.login(), autocommit=True) as listener,
        psycopg.connect(**identity.login(), autocommit=True) as sender,
    ):
        listener.execute("LISTEN interop")
        sender.execute("SELECT pg_notify('interop', 'hello')")
        received = list(listener.notifies(timeout=10, stop_after=1))
        assert [(note.channel, note.payload, note.pid) for note in received] == [
            ("interop", "hello", sender.info.backend_pid)
        ]


def test_a_server_side_cursor_reads_in_portions(connection):
    with connection.cursor(name="numbers") as cursor:
        cursor.itersize = 100
        cursor.execute("SELECT * FROM generate_series(1, 1000)")
        assert cursor.fetchmany(3) == [(1,), (2,), (3,)]
        assert sum(row[0] for row in cursor) == sum(range(4, 1001))


def test_a_pipeline_keeps_the_order(connection):
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::int", (number,)) for number in range(200)]
    assert [cursor.fetchone()[0] for cursor in cursors] == list(range(200))


@pytest.mark.parametrize("cancel", ["cancel", "cancel_safe"])
def test_another_thread_cancels_a_query(connection, identity, cancel):
    """`cancel` sends a plain request without TLS, `cancel_safe` one inside TLS."""
    pid = connection.info.backend_pid

    def cancel_once_it_runs():
        with psycopg.connect(**identity.login(), autocommit=True) as observer:
            wait_until(
                lambda: observer.execute(
                    "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'", (pid,)
                ).fetchone(),
                "the query runs",
            )
        getattr(connection, cancel)()

    thread = threading.Thread(target=cancel_once_it_runs)
    started = time.monotonic()
    thread.start()
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute("SELECT pg_sleep(30)")
    thread.join()
    assert time.monotonic() - started < 20
    connection.rollback()
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_statement_timeout_is_the_servers(connection):
    connection.execute("SET LOCAL statement_timeout = '100ms'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute("SELECT pg_sleep(30)")


def test_options_of_the_start_packet_count(identity):
    login = identity.login(options="-c search_path=somewhere -c statement_timeout=12345", application_name="interop é")
    with psycopg.connect(**login) as connection:
        settings = connection.execute(
            "SELECT current_setting('search_path'), current_setting('statement_timeout')"
        ).fetchone()
    assert settings == ("somewhere", "12345ms")


def test_a_large_answer_arrives_whole(connection):
    length = 30_000_000
    (text,) = connection.execute("SELECT repeat('x', %s)", (length,)).fetchone()
    assert len(text) == length


def test_tls_can_begin_at_once(identity):
    with psycopg.connect(**identity.login(sslnegotiation="direct")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.local_only("the authority of the service is a known one")
def test_verify_full_refuses_an_unknown_authority(identity):
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(**identity.login(sslrootcert=certifi.where()))


def test_verify_full_refuses_another_name(identity):
    login = identity.login(host="database.example.com", hostaddr=socket.gethostbyname(identity.host))
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        psycopg.connect(**login)


def test_tls_is_required(identity):
    with pytest.raises(psycopg.OperationalError) as refusal:
        psycopg.connect(**identity.login(sslmode="disable"))
    assert "SSL" in str(refusal.value) or "TLS" in str(refusal.value)


def test_channel_binding_cannot_be_had(identity):
    with pytest.raises(psycopg.OperationalError, match="channel binding"):
        psycopg.connect(**identity.login(channel_binding="require"))


def test_many_sessions_at_once(lakebase):
    """Nearly the hundred that the largest known pool may open; one credential serves them all."""
    login = lakebase.app.login()
    connections = []
    try:
        failures = []

        def open_some():
            try:
                for _ in range(10):
                    connections.append(psycopg.connect(**login))
            except psycopg.Error as error:
                failures.append(error)

        threads = [threading.Thread(target=open_some) for _ in range(9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len({connection.info.backend_pid for connection in connections}) == 90
    finally:
        for connection in connections:
            connection.close()
