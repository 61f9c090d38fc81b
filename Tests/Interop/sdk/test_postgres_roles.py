# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.postgres`: roles."""

import psycopg
import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import AlreadyExists, BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.service.postgres import (
    Database,
    DatabaseDatabaseSpec,
    Role,
    RoleAttributes,
    RoleAuthMethod,
    RoleIdentityType,
    RoleMembershipRole,
    RoleRoleSpec,
)
from support.names import new_id
from support.refusals import refused
from support.waiting import done

pytestmark = pytest.mark.live

CREATE = ("POST /postgres/{branch}/roles", "GET /postgres/{operation}")
UPDATE = "PATCH /postgres/{role}"
DELETE = "DELETE /postgres/{role}"
SUPERUSER = RoleMembershipRole.DATABRICKS_SUPERUSER


@pytest.fixture
def root(project):
    return f"{project}/branches/production"


def create(workspace, branch, role_id=None, **spec):
    role_id = role_id or new_id("role")
    spec.setdefault("postgres_role", role_id.replace("-", "_"))
    return done(workspace.postgres.create_role(branch, Role(spec=RoleRoleSpec(**spec)), role_id=role_id))


def update(workspace, role, mask, **spec):
    return done(workspace.postgres.update_role(role, Role(spec=RoleRoleSpec(**spec)), FieldMask(mask)))


def in_postgres(workspace, identity, branch, role):
    """What PostgreSQL knows of a role: its attributes and the roles it is a member of."""
    [endpoint] = workspace.postgres.list_endpoints(branch)
    with psycopg.connect(**identity.login_at(endpoint)) as connection:
        return connection.execute(
            """
            SELECT rolcanlogin, rolcreatedb, rolcreaterole, rolbypassrls, rolsuper,
              pg_has_role(oid, 'databricks_superuser', 'member')
            FROM pg_roles WHERE rolname = %s
            """,
            (role,),
        ).fetchone()


def test_the_local_roles(workspace, lakebase):
    listed = workspace.postgres.list_roles(lakebase.branch)
    roles = {role.status.postgres_role: role for role in listed}
    developer, app = roles[lakebase.developer.user], roles[lakebase.app.user]
    assert developer.status.identity_type == RoleIdentityType.USER
    assert developer.status.membership_roles == [SUPERUSER]
    assert app.status.identity_type == RoleIdentityType.SERVICE_PRINCIPAL
    assert not app.status.membership_roles
    for role in (developer, app):
        assert role.spec is None
        assert role.status.auth_method == RoleAuthMethod.LAKEBASE_OAUTH_V1
        assert role.name == f"{lakebase.branch}/roles/{role.status.role_id}"
        assert workspace.postgres.get_role(role.name).status.postgres_role == role.status.postgres_role
    assert app.status.attributes.as_dict() == {"bypassrls": False, "createdb": False, "createrole": False}


def test_an_unknown_role(workspace, lakebase):
    with refused(NotFound, "role id not found", code="NOT_FOUND"):
        workspace.postgres.get_role(f"{lakebase.branch}/roles/missing")
    with refused(NotFound, "branch id not found"):
        workspace.postgres.get_role(f"{lakebase.project}/branches/missing/roles/missing")


@pytest.mark.route(*CREATE)
@pytest.mark.local_only("gives a role to a person whom no workspace has")
def test_a_role_for_a_person(workspace, identity, root):
    user = f"{new_id('person')}@example.com"
    role = create(workspace, root, postgres_role=user, identity_type=RoleIdentityType.USER)
    assert role.status.postgres_role == user
    assert role.status.identity_type == RoleIdentityType.USER
    assert role.status.auth_method == RoleAuthMethod.LAKEBASE_OAUTH_V1
    assert role.status.attributes.as_dict() == {"bypassrls": False, "createdb": False, "createrole": False}
    assert in_postgres(workspace, identity, root, user) == (True, False, False, False, False, False)


@pytest.mark.route(*CREATE)
@pytest.mark.parametrize(
    ("kind", "nobody"),
    [
        (RoleIdentityType.USER, "no address"),
        (RoleIdentityType.SERVICE_PRINCIPAL, "00000000-0000-4000-8000-000000000000"),
    ],
)
def test_a_role_is_for_an_identity_that_there_is(workspace, root, kind, nobody):
    # databricks/terraform-provider-databricks#5634 and the recorded answers beside it.
    with refused((NotFound, BadRequest), f"Identity '{nobody}' not found"):
        create(workspace, root, postgres_role=nobody, identity_type=kind)


@pytest.mark.route(*CREATE)
def test_a_role_for_a_service_principal_as_tools_make_it(workspace, lakebase, identity, root):
    """The id is `sp-` and the client id; then that principal can log in."""
    other = lakebase.app if identity is lakebase.developer else lakebase.developer
    kind = RoleIdentityType.SERVICE_PRINCIPAL if other is lakebase.app else RoleIdentityType.USER
    role = create(
        workspace,
        root,
        role_id=f"sp-{other.user}" if other is lakebase.app else new_id("role"),
        postgres_role=other.user,
        identity_type=kind,
        auth_method=RoleAuthMethod.LAKEBASE_OAUTH_V1,
        membership_roles=[SUPERUSER],
    )
    assert role.status.membership_roles == [SUPERUSER]
    assert in_postgres(workspace, identity, root, other.user)[5]
    [endpoint] = workspace.postgres.list_endpoints(root)
    with psycopg.connect(**other.login_at(endpoint)) as connection:
        assert connection.execute("SELECT session_user").fetchone() == (other.user,)


@pytest.mark.route(*CREATE, "POST /postgres/{role}/password")
def test_a_plain_role_has_a_password_that_can_be_read(workspace, identity, root):
    role = create(workspace, root, attributes=RoleAttributes(createdb=True))
    assert role.status.identity_type is None
    assert role.status.auth_method == RoleAuthMethod.PG_PASSWORD_SCRAM_SHA_256
    assert role.status.attributes.createdb
    password = workspace.postgres.reveal_role_password(role.name).password
    assert len(password) >= 12
    assert in_postgres(workspace, identity, root, role.status.postgres_role) == (True, True, False, False, False, False)


@pytest.mark.route(*CREATE)
def test_a_role_that_does_not_log_in(workspace, root):
    # databricks/terraform-provider-databricks#5634: the documents list it, and the service refuses it.
    with refused(BadRequest, "Creating roles with auth_method NO_LOGIN is not currently supported"):
        create(workspace, root, auth_method=RoleAuthMethod.NO_LOGIN)


@pytest.mark.route(*CREATE)
def test_an_id_is_made_if_none_is_given(workspace, root):
    name = new_id("role").replace("-", "_")
    role = done(workspace.postgres.create_role(root, Role(spec=RoleRoleSpec(postgres_role=name))))
    assert role.name == f"{root}/roles/{role.status.role_id}"
    assert role.status.postgres_role == name


@pytest.mark.route(*CREATE)
def test_a_second_role_of_a_name_is_a_bad_request(workspace, root):
    role = create(workspace, root)
    with refused(BadRequest, "role with that name already exists", code="BAD_REQUEST") as raised:
        create(workspace, root, role_id=role.status.role_id, postgres_role=role.status.postgres_role)
    assert not isinstance(raised.value, (AlreadyExists, InvalidParameterValue))


@pytest.mark.route(*CREATE)
def test_an_existing_role_can_be_replaced(workspace, root):
    role = create(workspace, root, membership_roles=[SUPERUSER])
    spec = RoleRoleSpec(postgres_role=role.status.postgres_role, attributes=RoleAttributes(createrole=True))
    replaced = done(
        workspace.postgres.create_role(root, Role(spec=spec), role_id=role.status.role_id, replace_existing=True)
    )
    assert not replaced.status.membership_roles
    assert replaced.status.attributes.createrole


@pytest.mark.any_postgres
@pytest.mark.route(*CREATE)
@pytest.mark.parametrize("role_id", ["1st", "Writer", "a_b", "ends-", "x" * 64])
def test_an_id_has_a_form(workspace, root, role_id):
    with refused(BadRequest):
        workspace.postgres.create_role(
            root, Role(spec=RoleRoleSpec(postgres_role=new_id("role").replace("-", "_"))), role_id=role_id
        )


@pytest.mark.route(*CREATE)
def test_a_branch_has_to_be_there(workspace, project):
    with refused(NotFound, "branch id not found"):
        create(workspace, f"{project}/branches/missing")


@pytest.mark.route(*CREATE, UPDATE)
def test_one_attribute_leaves_the_others_alone(workspace, identity, root):
    role = create(workspace, root, attributes=RoleAttributes(createdb=True), membership_roles=[SUPERUSER])
    changed = update(
        workspace, role.name, ["spec.attributes.createrole"], attributes=RoleAttributes(createrole=True, createdb=False)
    )
    assert changed.status.attributes.as_dict() == {"bypassrls": False, "createdb": True, "createrole": True}
    assert changed.status.membership_roles == [SUPERUSER]
    assert in_postgres(workspace, identity, root, role.status.postgres_role)[1:3] == (True, True)


@pytest.mark.route(*CREATE, UPDATE)
def test_memberships_come_and_go(workspace, identity, root):
    role = create(workspace, root)
    changed = update(workspace, role.name, ["spec.membership_roles"], membership_roles=[SUPERUSER])
    assert changed.status.membership_roles == [SUPERUSER]
    assert in_postgres(workspace, identity, root, role.status.postgres_role)[5]
    # A mask of the whole specification replaces the memberships, and an absent list clears them.
    changed = update(workspace, role.name, ["spec"], attributes=RoleAttributes(createdb=True))
    assert not changed.status.membership_roles
    assert changed.status.attributes.createdb
    assert not in_postgres(workspace, identity, root, role.status.postgres_role)[5]


@pytest.mark.route(*CREATE, UPDATE)
@pytest.mark.parametrize("field", ["identity_type", "auth_method", "postgres_role", "no_such_field"])
def test_some_fields_cannot_be_changed(workspace, root, field):
    role = create(workspace, root)
    with refused(InvalidParameterValue):
        update(
            workspace,
            role.name,
            [f"spec.{field}"],
            postgres_role="other",
            identity_type=RoleIdentityType.USER,
            auth_method=RoleAuthMethod.NO_LOGIN,
        )


@pytest.mark.route(*CREATE, DELETE)
def test_deleting_takes_the_role_from_postgres(workspace, identity, root):
    role = create(workspace, root)
    operation = workspace.postgres.delete_role(role.name)
    assert done(operation) is None
    assert in_postgres(workspace, identity, root, role.status.postgres_role) is None
    with refused(NotFound, "role id not found"):
        workspace.postgres.get_role(role.name)
    assert workspace.postgres.get_operation(operation.name()).response is not None


@pytest.mark.route(*CREATE, DELETE, "POST /postgres/{branch}/databases")
def test_what_a_deleted_role_owned_can_be_given_to_another(workspace, root):
    owner, heir = create(workspace, root), create(workspace, root)
    spec = DatabaseDatabaseSpec(role=owner.name, postgres_database=new_id("owned").replace("-", "_"))
    database = done(workspace.postgres.create_database(root, Database(spec=spec), database_id=new_id("owned")))
    done(workspace.postgres.delete_role(owner.name, reassign_owned_to=heir.name))
    assert workspace.postgres.get_database(database.name).status.role == heir.name


@pytest.mark.route(*CREATE)
def test_pages_hold_what_was_asked_for(workspace, root):
    create(workspace, root)
    all_at_once = sorted(role.name for role in workspace.postgres.list_roles(root))
    assert len(all_at_once) >= 2
    assert sorted(role.name for role in workspace.postgres.list_roles(root, page_size=1)) == all_at_once
