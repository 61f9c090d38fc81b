# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.database`: the roles of an instance."""

import psycopg
import pytest
from databricks.sdk.errors import BadRequest, NotFound, ResourceConflict
from databricks.sdk.service.database import (
    DatabaseInstanceRole,
    DatabaseInstanceRoleAttributes,
    DatabaseInstanceRoleIdentityType,
    DatabaseInstanceRoleMembershipRole,
)
from support.names import new_id
from support.refusals import refused

pytestmark = pytest.mark.live

CREATE = "POST /database/instances/{instance}/roles"
DELETE = "DELETE /database/instances/{instance}/roles/{role}"
IDENTITY, SUPERUSER = DatabaseInstanceRoleIdentityType, DatabaseInstanceRoleMembershipRole.DATABRICKS_SUPERUSER


@pytest.fixture
def instance(lakebase):
    """The name of the local project, as instances have one."""
    return lakebase.project_id


def in_postgres(lakebase, name):
    """What PostgreSQL knows of a role: its attributes and whether it is a member of `databricks_superuser`."""
    with psycopg.connect(**lakebase.developer.login()) as connection:
        return connection.execute(
            """
            SELECT rolcreatedb, rolcreaterole, rolbypassrls, pg_has_role(oid, 'databricks_superuser', 'member')
            FROM pg_roles WHERE rolname = %s
            """,
            (name,),
        ).fetchone()


def test_the_local_roles(workspace, lakebase, instance):
    roles = {role.name: role for role in workspace.database.list_database_instance_roles(instance)}
    developer, app = roles[lakebase.developer.user], roles[lakebase.app.user]
    assert developer.identity_type == IDENTITY.USER
    assert developer.membership_role == SUPERUSER
    assert app.identity_type == IDENTITY.SERVICE_PRINCIPAL
    assert app.membership_role is None
    assert workspace.database.get_database_instance_role(instance, lakebase.app.user).name == lakebase.app.user


def test_unknown_roles_and_instances(workspace, instance):
    with refused(NotFound, "not found"):
        workspace.database.get_database_instance_role(instance, "missing@example.com")
    with refused(NotFound, "not found"):
        list(workspace.database.list_database_instance_roles("missing"))


@pytest.mark.route(CREATE, DELETE)
@pytest.mark.local_only("gives a role to a person whom no workspace has")
def test_a_role_comes_and_goes(workspace, lakebase, instance):
    name = f"{new_id('person')}@example.com"
    role = workspace.database.create_database_instance_role(
        instance,
        DatabaseInstanceRole(
            name=name,
            identity_type=IDENTITY.USER,
            membership_role=SUPERUSER,
            attributes=DatabaseInstanceRoleAttributes(createdb=True),
        ),
    )
    assert role.name == name
    assert role.identity_type == IDENTITY.USER
    assert role.membership_role == SUPERUSER
    assert role.effective_attributes.createdb
    assert in_postgres(lakebase, name) == (True, False, False, True)
    assert name in [one.name for one in workspace.database.list_database_instance_roles(instance, page_size=1)]
    workspace.database.delete_database_instance_role(instance, name)
    assert in_postgres(lakebase, name) is None
    with refused(NotFound):
        workspace.database.get_database_instance_role(instance, name)


@pytest.mark.route(CREATE, DELETE)
def test_a_role_of_postgres_only(workspace, lakebase, instance):
    name = new_id("role").replace("-", "_")
    workspace.database.create_database_instance_role(
        instance, DatabaseInstanceRole(name=name, identity_type=IDENTITY.PG_ONLY)
    )
    assert in_postgres(lakebase, name) == (False, False, False, False)
    workspace.database.delete_database_instance_role(instance, name)


@pytest.mark.route(CREATE)
def test_a_name_is_taken_once(workspace, lakebase, instance):
    with refused((BadRequest, ResourceConflict), "already exists"):
        workspace.database.create_database_instance_role(
            instance, DatabaseInstanceRole(name=lakebase.app.user, identity_type=IDENTITY.SERVICE_PRINCIPAL)
        )


@pytest.mark.route(DELETE)
def test_deleting_an_unknown_role(workspace, instance):
    with refused(NotFound):
        workspace.database.delete_database_instance_role(instance, "missing@example.com")
    workspace.database.delete_database_instance_role(instance, "missing@example.com", allow_missing=True)
