# lakebase-swift · Apache License 2.0 · see LICENSE
"""Finding the workspace and signing in."""

import os

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied, Unauthenticated
from support.identity import signs_in_by_itself

pytestmark = [pytest.mark.live, pytest.mark.any_postgres]


def test_the_host_describes_itself(workspace):
    assert workspace.config.workspace_id.isdigit()
    assert workspace.get_workspace_id() == int(workspace.config.workspace_id)


def test_everything_comes_from_the_environment(identity, monkeypatch):
    signs_in_by_itself(identity)
    for name, value in identity.environment.items():
        monkeypatch.setenv(name, value)
    assert WorkspaceClient().current_user.me().user_name == identity.user


def test_everything_comes_from_a_profile(identity, tmp_path, monkeypatch):
    signs_in_by_itself(identity)
    file = tmp_path / "databrickscfg"
    file.write_text(identity.profile("workspace"))
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", os.fspath(file))
    assert WorkspaceClient(profile="workspace").current_user.me().user_name == identity.user


def test_the_method_is_the_identitys(identity):
    signs_in_by_itself(identity)
    expected = "pat" if "DATABRICKS_TOKEN" in identity.environment else "oauth-m2m"
    assert identity.workspace.config.auth_type == expected


@pytest.mark.local_only("attempts with wrong secrets may lock whoever makes them")
def test_a_wrong_personal_token_is_unauthenticated(lakebase):
    workspace = lakebase.developer.new_workspace(token="dapi00000000000000000000000000000000")
    with pytest.raises(Unauthenticated):
        workspace.current_user.me()


@pytest.mark.local_only("attempts with wrong secrets may lock whoever makes them")
def test_a_wrong_client_secret_is_an_invalid_client(lakebase):
    workspace = lakebase.app.new_workspace(client_secret="dose00000000000000000000000000000000")
    with pytest.raises(ValueError, match="invalid_client"):
        workspace.current_user.me()


@pytest.mark.local_only("attempts with wrong secrets may lock whoever makes them")
def test_an_unknown_client_is_an_invalid_client(lakebase):
    workspace = lakebase.app.new_workspace(client_id="00000000-0000-0000-0000-000000000000")
    with pytest.raises(ValueError, match="invalid_client"):
        workspace.current_user.me()


def test_a_database_credential_does_not_open_the_workspace(identity, lakebase):
    workspace = lakebase.developer.new_workspace(token=identity.token())
    with pytest.raises(PermissionDenied):
        workspace.current_user.me()


@pytest.mark.local_only("has one workspace")
def test_another_workspaces_token_is_refused(lakebase, hasty_lakebase):
    headers = hasty_lakebase.app.workspace.config.authenticate()
    token = headers["Authorization"].removeprefix("Bearer ")
    with pytest.raises(PermissionDenied):
        lakebase.developer.new_workspace(token=token).current_user.me()


def test_a_call_for_another_workspace_is_refused(identity):
    with pytest.raises(PermissionDenied):
        identity.new_workspace(workspace_id="1").postgres.get_endpoint(identity.endpoint)


def test_an_oauth_token_is_good_for_an_hour(lakebase):
    token = lakebase.app.workspace.config.oauth_token()
    assert token.token_type == "Bearer"
    assert token.valid
