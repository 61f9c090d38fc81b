# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.secrets`: scopes and their secrets."""

import base64

import pytest
from databricks.sdk.errors import NotFound, ResourceAlreadyExists
from support.names import new_id
from support.refusals import refused

pytestmark = [pytest.mark.live, pytest.mark.any_postgres]


@pytest.fixture
def scope(workspace):
    name = new_id("scope")
    workspace.secrets.create_scope(name)
    yield name
    workspace.secrets.delete_scope(name)


def test_a_secret_is_put_read_and_deleted(workspace, scope):
    workspace.secrets.put_secret(scope, "key", string_value="välue")
    assert base64.b64decode(workspace.secrets.get_secret(scope, "key").value).decode() == "välue"
    workspace.secrets.put_secret(scope, "other", bytes_value=base64.b64encode(b"bytes").decode())
    assert [one.key for one in workspace.secrets.list_secrets(scope)] == ["key", "other"]
    assert all(one.last_updated_timestamp > 1e12 for one in workspace.secrets.list_secrets(scope))
    workspace.secrets.delete_secret(scope, "key")
    with refused(NotFound):
        workspace.secrets.get_secret(scope, "key")


def test_scopes_are_listed_and_there_once(workspace, scope):
    assert scope in [one.name for one in workspace.secrets.list_scopes()]
    with refused(ResourceAlreadyExists, "already exists"):
        workspace.secrets.create_scope(scope)


def test_an_unknown_scope(workspace):
    with refused(NotFound, "does not exist"):
        workspace.secrets.list_secrets(new_id("scope")).__next__()
    with refused(NotFound, "does not exist"):
        workspace.secrets.delete_scope(new_id("scope"))
