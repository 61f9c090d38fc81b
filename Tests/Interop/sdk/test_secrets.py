# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.secrets`: scopes and their secrets."""

import base64

import pytest
from databricks.sdk.errors import InvalidParameterValue, NotFound, PermissionDenied, ResourceAlreadyExists
from databricks.sdk.service.workspace import AclPermission
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


def test_permissions_are_put_read_and_taken_away(workspace, identity, scope):
    acls = {one.principal: one.permission for one in workspace.secrets.list_acls(scope)}
    assert acls == {identity.user: AclPermission.MANAGE}
    workspace.secrets.put_acl(scope, "users", AclPermission.READ)
    assert workspace.secrets.get_acl(scope, "users").permission == AclPermission.READ
    workspace.secrets.put_acl(scope, "users", AclPermission.WRITE)
    assert workspace.secrets.get_acl(scope, "users").permission == AclPermission.WRITE
    workspace.secrets.delete_acl(scope, "users")
    with refused(NotFound):
        workspace.secrets.get_acl(scope, "users")
    with refused(InvalidParameterValue):
        workspace.secrets.put_acl(scope, "nobody@example.com", AclPermission.READ)


def test_a_program_reads_what_it_may(lakebase, scope):
    made = lakebase.developer.workspace.service_principals.create(display_name=new_id("reader"))
    secret = lakebase.developer.workspace.service_principal_secrets_proxy.create(made.id).secret
    program = lakebase.developer.new_workspace(token=None, client_id=made.application_id, client_secret=secret)
    lakebase.developer.workspace.secrets.put_secret(scope, "key", string_value="value")
    with refused(PermissionDenied):
        program.secrets.get_secret(scope, "key")
    lakebase.developer.workspace.secrets.put_acl(scope, made.application_id, AclPermission.READ)
    assert base64.b64decode(program.secrets.get_secret(scope, "key").value) == b"value"
    with refused(PermissionDenied):
        program.secrets.put_secret(scope, "key", string_value="other")
    lakebase.developer.workspace.service_principals.delete(made.id)


def test_an_unknown_scope(workspace):
    with refused(NotFound, "does not exist"):
        workspace.secrets.list_secrets(new_id("scope")).__next__()
    with refused(NotFound, "does not exist"):
        workspace.secrets.delete_scope(new_id("scope"))
