# lakebase-swift · Apache License 2.0 · see LICENSE
"""Finding the workspace and signing in."""

import os

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied, Unauthenticated


def test_the_host_describes_itself(workspace):
    assert workspace.config.workspace_id.isdigit()
    assert workspace.get_workspace_id() == int(workspace.config.workspace_id)


def test_everything_comes_from_the_environment(identity, monkeypatch):
    for name, value in identity.environment.items():
        monkeypatch.setenv(name, value)
    assert WorkspaceClient().current_user.me().user_name == identity.user


def test_everything_comes_from_a_profile(identity, tmp_path, monkeypatch):
    names = {"DATABRICKS_HOST": "host", "DATABRICKS_TOKEN": "token"}
    names |= {"DATABRICKS_CLIENT_ID": "client_id", "DATABRICKS_CLIENT_SECRET": "client_secret"}
    lines = [f"{names[name]} = {value}" for name, value in identity.environment.items() if name in names]
    file = tmp_path / "databrickscfg"
    file.write_text("\n".join(["[local]", *lines, ""]))
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", os.fspath(file))
    assert WorkspaceClient(profile="local").current_user.me().user_name == identity.user


def test_the_method_is_the_identitys(identity):
    expected = "pat" if identity.name == "developer" else "oauth-m2m"
    assert identity.workspace.config.auth_type == expected


def test_a_wrong_personal_token_is_unauthenticated(lakebase):
    workspace = lakebase.developer.new_workspace(token="dapi00000000000000000000000000000000")
    with pytest.raises(Unauthenticated):
        workspace.current_user.me()


def test_a_wrong_client_secret_is_an_invalid_client(lakebase):
    workspace = lakebase.app.new_workspace(client_secret="dose00000000000000000000000000000000")
    with pytest.raises(ValueError, match="invalid_client"):
        workspace.current_user.me()


def test_an_unknown_client_is_an_invalid_client(lakebase):
    workspace = lakebase.app.new_workspace(client_id="00000000-0000-0000-0000-000000000000")
    with pytest.raises(ValueError, match="invalid_client"):
        workspace.current_user.me()


def test_a_database_credential_does_not_open_the_workspace(identity, lakebase):
    workspace = lakebase.developer.new_workspace(token=identity.token())
    with pytest.raises(PermissionDenied):
        workspace.current_user.me()


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
