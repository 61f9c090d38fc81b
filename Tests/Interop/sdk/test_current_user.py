# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.current_user`."""

import uuid

import pytest

pytestmark = [pytest.mark.live, pytest.mark.any_postgres]


def test_me_names_the_postgres_user(workspace, identity):
    me = workspace.current_user.me()
    assert me.user_name == identity.user
    assert me.id.isdigit()
    assert me.active


def test_a_person_is_known_by_an_address(lakebase):
    me = lakebase.developer.workspace.current_user.me()
    if lakebase.developer.is_service_principal:
        pytest.skip("the profile is a service principal's")
    assert "@" in me.user_name
    assert [email.value for email in me.emails if email.primary] == [me.user_name]


def test_a_service_principal_is_known_by_its_client_id(lakebase):
    me = lakebase.app.workspace.current_user.me()
    assert me.user_name == lakebase.app.environment["DATABRICKS_CLIENT_ID"]
    assert str(uuid.UUID(me.user_name)) == me.user_name
