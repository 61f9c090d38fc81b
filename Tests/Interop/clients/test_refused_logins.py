# lakebase-swift · Apache License 2.0 · see LICENSE
"""What a client is told whose credential does not open the database."""

import base64
import json
import time

import psycopg
import pytest
from support.deadline import wait_until

pytestmark = pytest.mark.live


def refusal(identity, **changes):
    """The text of the refusal of a login."""
    with pytest.raises(psycopg.OperationalError) as raised:
        psycopg.connect(**identity.login(**changes))
    return str(raised.value)


def test_an_ordinary_password(identity):
    assert "Provided authentication token is not a valid JWT encoding" in refusal(identity, password="secret")


def test_an_empty_password(identity):
    """libpq itself refuses to send one."""
    assert "no password supplied" in refusal(identity, password="")


def test_a_workspace_credential(identity):
    headers = identity.workspace.config.authenticate()
    token = headers["Authorization"].removeprefix("Bearer ")
    assert "workspace token" in refusal(identity, password=token)


@pytest.mark.local_only("logins with forged tokens may lock whoever sends them")
def test_a_changed_token(identity):
    header, payload, signature = identity.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims["exp"] += 3600
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    assert "signature is not valid" in refusal(identity, password=f"{header}.{payload}.{signature}")


@pytest.mark.local_only("logins with forged tokens may lock whoever sends them")
def test_an_unsigned_token(identity):
    _, payload, _ = identity.token().split(".")
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    assert "FATAL" in refusal(identity, password=f"{header}.{payload}.")


def test_the_token_of_somebody_else(lakebase):
    text = refusal(lakebase.app, password=lakebase.developer.token())
    assert lakebase.app.user in text and lakebase.developer.user in text


@pytest.mark.local_only("has one workspace")
def test_the_token_of_another_workspace(lakebase, hasty_lakebase):
    text = refusal(lakebase.developer, password=hasty_lakebase.developer.token())
    assert "another workspace" in text


@pytest.mark.local_only("tokens of the service live for minutes at least")
def test_an_ended_token(hasty_lakebase):
    """An open session outlives it, a new login does not."""
    identity = hasty_lakebase.app
    parameters = identity.login()
    with psycopg.connect(**parameters, autocommit=True) as connection:

        def refused():
            connection.execute("SELECT 1")
            try:
                psycopg.connect(**parameters).close()
            except psycopg.OperationalError as error:
                return str(error)
            return None

        text = wait_until(refused, "the token ends", pause=0.2)
        # What users of the service report; the rest is said here only.
        assert "OAuth: User is not authorized" in text
        assert "the token expired at" in text and "mint a new one" in text
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with psycopg.connect(**identity.login()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_role_that_no_identity_is_linked_to(lakebase):
    developer = lakebase.developer
    with psycopg.connect(**developer.login(), autocommit=True) as connection:
        connection.execute("CREATE ROLE interop_plain LOGIN PASSWORD 'secret'")
        try:
            assert "FATAL" in refusal(developer, user="interop_plain", password="secret")
            assert "interop_plain" in refusal(developer, user="interop_plain")
        finally:
            connection.execute("DROP ROLE interop_plain")


def test_a_refusal_is_quick(identity):
    started = time.monotonic()
    refusal(identity, password="secret")
    assert time.monotonic() - started < 5
