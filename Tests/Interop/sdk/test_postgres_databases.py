# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.postgres`: databases."""

import psycopg
import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import AlreadyExists, BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.service.postgres import Database, DatabaseDatabaseSpec
from support.names import new_id
from support.refusals import refused
from support.waiting import done

pytestmark = pytest.mark.live

CREATE = ("POST /postgres/{branch}/databases", "GET /postgres/{operation}")
UPDATE = "PATCH /postgres/{database}"
DELETE = "DELETE /postgres/{database}"
PATTERN = "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"


@pytest.fixture
def root(project):
    return f"{project}/branches/production"


@pytest.fixture
def owner(workspace, identity, root):
    """The full name of the identity's own role."""
    [role] = [role for role in workspace.postgres.list_roles(root) if role.status.postgres_role == identity.user]
    return role.name


def create(workspace, branch, owner, database_id=None, name=None):
    database_id = database_id or new_id("database")
    spec = DatabaseDatabaseSpec(role=owner, postgres_database=name or database_id.replace("-", "_"))
    return done(workspace.postgres.create_database(branch, Database(spec=spec), database_id=database_id))


def connect(workspace, identity, branch, name):
    [endpoint] = workspace.postgres.list_endpoints(branch)
    return psycopg.connect(**identity.login_at(endpoint, dbname=name))


def test_the_local_database(workspace, lakebase):
    [database] = workspace.postgres.list_databases(lakebase.branch)
    assert database.parent == lakebase.branch
    assert database.spec is None
    assert database.status.postgres_database == "databricks_postgres"
    assert database.name == f"{database.parent}/databases/{database.status.database_id}"
    assert workspace.postgres.get_database(database.name).status.role == database.status.role
    assert workspace.postgres.get_role(database.status.role).status.postgres_role


def test_an_unknown_database(workspace, lakebase):
    with refused(NotFound, "database id not found", code="NOT_FOUND"):
        workspace.postgres.get_database(f"{lakebase.branch}/databases/missing")


@pytest.mark.route(*CREATE)
def test_a_new_database_belongs_to_its_owner(workspace, identity, root, owner):
    database = create(workspace, root, owner)
    assert database.status.role == owner
    assert database.spec is None
    with connect(workspace, identity, root, database.status.postgres_database) as connection:
        row = connection.execute(
            "SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        assert row == (database.status.postgres_database, identity.user)
        connection.execute("CREATE TABLE public.note (id int)")


@pytest.mark.route(*CREATE)
def test_an_id_is_made_if_none_is_given(workspace, root, owner):
    spec = DatabaseDatabaseSpec(role=owner, postgres_database=new_id("database").replace("-", "_"))
    database = done(workspace.postgres.create_database(root, Database(spec=spec)))
    assert database.name == f"{root}/databases/{database.status.database_id}"
    assert database.status.postgres_database == spec.postgres_database


@pytest.mark.any_postgres
@pytest.mark.route(*CREATE)
def test_an_owner_is_required(workspace, root):
    spec = DatabaseDatabaseSpec(role=None, postgres_database="ownerless")
    with refused(InvalidParameterValue, "Field 'database.spec.role' is required, expected non-default value"):
        workspace.postgres.create_database(root, Database(spec=spec), database_id="ownerless")


@pytest.mark.route(*CREATE)
def test_an_owner_has_to_be_there(workspace, root):
    with refused(NotFound, "role not found", code="NOT_FOUND"):
        create(workspace, root, f"{root}/roles/missing")


@pytest.mark.route(*CREATE)
def test_a_second_database_of_a_name_is_a_bad_request(workspace, root, owner):
    database = create(workspace, root, owner)
    with refused(BadRequest, "database with that name already exists", code="BAD_REQUEST") as raised:
        create(workspace, root, owner, database.status.database_id, database.status.postgres_database)
    assert not isinstance(raised.value, (AlreadyExists, InvalidParameterValue))


@pytest.mark.route(*CREATE)
@pytest.mark.parametrize("database_id", ["1st", "Shop", "a_b", "ends-", "x" * 64])
def test_an_id_has_a_form(workspace, root, owner, database_id):
    with refused(InvalidParameterValue, f"Field database_id must match pattern {PATTERN}, got '{database_id}'."):
        create(workspace, root, owner, database_id, "shop")


@pytest.mark.route(*CREATE, UPDATE)
def test_a_database_can_be_renamed(workspace, identity, root, owner):
    database = create(workspace, root, owner)
    name = f"{database.status.postgres_database}_new"
    spec = DatabaseDatabaseSpec(role=owner, postgres_database=name)
    operation = workspace.postgres.update_database(
        database.name, Database(spec=spec), FieldMask(["spec.postgres_database"])
    )
    renamed = done(operation)
    assert renamed.name == database.name
    assert renamed.status.postgres_database == name
    with connect(workspace, identity, root, name) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == (name,)


@pytest.mark.route(*CREATE, UPDATE)
def test_a_mask_names_fields_of_the_specification(workspace, root, owner):
    database = create(workspace, root, owner)
    with refused(InvalidParameterValue):
        workspace.postgres.update_database(
            database.name, Database(spec=DatabaseDatabaseSpec(role=owner)), FieldMask(["spec.no_such_field"])
        )


@pytest.mark.route(*CREATE, DELETE)
def test_deleting_takes_the_database_from_postgres(workspace, identity, root, owner):
    database = create(workspace, root, owner)
    operation = workspace.postgres.delete_database(database.name)
    assert done(operation) is None
    with refused(NotFound, "database id not found"):
        workspace.postgres.get_database(database.name)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(workspace, identity, root, database.status.postgres_database)
    assert workspace.postgres.get_operation(operation.name()).response is not None


@pytest.mark.route(*CREATE)
def test_pages_hold_what_was_asked_for(workspace, root, owner):
    create(workspace, root, owner)
    all_at_once = sorted(database.name for database in workspace.postgres.list_databases(root))
    assert len(all_at_once) >= 2
    assert sorted(database.name for database in workspace.postgres.list_databases(root, page_size=1)) == all_at_once
