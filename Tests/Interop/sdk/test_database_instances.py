# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.database`: instances, credentials, catalogs and tables."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import psycopg
import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, NotImplemented, ResourceConflict
from databricks.sdk.service.database import (
    CustomTag,
    DatabaseCatalog,
    DatabaseInstance,
    DatabaseInstanceRef,
    DatabaseInstanceState,
    DatabaseTable,
    SyncedDatabaseTable,
)
from support.names import MISSING, new_id
from support.pages import check_pages
from support.refusals import refused
from support.waiting import LIMIT

pytestmark = pytest.mark.live

CREATE = "POST /database/instances"
UPDATE = "PATCH /database/instances/{instance}"
DELETE = "DELETE /database/instances/{instance}"


@pytest.fixture
def instance(workspace):
    """A new instance."""
    wanted = DatabaseInstance(name=new_id("instance"), capacity="CU_1")
    instance = workspace.database.create_database_instance_and_wait(wanted, timeout=LIMIT)
    yield instance
    try:
        workspace.database.delete_database_instance(instance.name, force=True, purge=True)
    except NotFound:
        pass


def login_at(identity, instance, **changes):
    """Parameters of a connection to an instance, with the credential of that API."""
    credential = identity.workspace.database.generate_database_credential(instance_names=[instance.name])
    return identity.login(host=instance.read_write_dns, port=5432, password=credential.token, **changes)


def test_the_local_instance(workspace, identity, lakebase):
    instance = workspace.database.get_database_instance(lakebase.project_id)
    assert instance.name == lakebase.project_id
    assert instance.state == DatabaseInstanceState.AVAILABLE
    assert instance.read_write_dns == identity.host
    assert instance.pg_version.startswith("PG_VERSION_")
    assert str(uuid.UUID(instance.uid)) == instance.uid
    assert instance.effective_stopped is False
    assert instance.effective_node_count == 1
    assert instance.effective_retention_window_in_days == 7
    assert instance.effective_enable_pg_native_login is False
    assert instance.effective_enable_readable_secondaries is False
    # What is only ever sent does not come back.
    assert instance.stopped is None and instance.node_count is None
    assert datetime.fromisoformat(instance.creation_time.replace("Z", "+00:00")).tzinfo is not None
    assert lakebase.project_id in [one.name for one in workspace.database.list_database_instances()]
    assert workspace.database.find_database_instance_by_uid(uid=instance.uid).name == lakebase.project_id


def test_an_unknown_instance(workspace):
    """Tools decide by these words whether to create one."""
    with refused(NotFound, "not found"):
        workspace.database.get_database_instance("missing")
    with refused(NotFound, "not found"):
        workspace.database.find_database_instance_by_uid(uid=str(uuid.uuid4()))


def test_a_credential_opens_the_database(workspace, identity, lakebase):
    request = str(uuid.uuid4())
    credential = workspace.database.generate_database_credential(instance_names=[lakebase.project_id], request_id=request)
    expiry = datetime.fromisoformat(credential.expiration_time.replace("Z", "+00:00"))
    assert abs(expiry - datetime.now(timezone.utc) - timedelta(hours=1)) < timedelta(seconds=10)
    with psycopg.connect(**identity.login(password=credential.token)) as connection:
        assert connection.execute("SELECT session_user").fetchone() == (identity.user,)


def test_a_credential_needs_instances_that_are_there(workspace):
    with refused(NotFound, "not found"):
        workspace.database.generate_database_credential(instance_names=["missing"])
    with refused(InvalidParameterValue):
        workspace.database.generate_database_credential()


@pytest.mark.route(CREATE)
def test_creating_waits_until_it_is_available(workspace, identity):
    name = new_id("instance")
    waiter = workspace.database.create_database_instance(
        DatabaseInstance(
            name=name,
            capacity="CU_2",
            retention_window_in_days=14,
            custom_tags=[CustomTag(key="team", value="shop")],
        )
    )
    assert waiter.response.name == name
    instance = waiter.result(timeout=LIMIT)
    assert instance.state == DatabaseInstanceState.AVAILABLE
    assert instance.creator == identity.user
    assert (instance.capacity, instance.effective_capacity) == ("CU_2", "CU_2")
    assert instance.effective_retention_window_in_days == 14
    assert [(tag.key, tag.value) for tag in instance.effective_custom_tags] == [("team", "shop")]
    with psycopg.connect(**login_at(identity, instance)) as connection:
        row = connection.execute("SELECT session_user, current_database()").fetchone()
        assert row == (identity.user, "databricks_postgres")


@pytest.mark.route(CREATE)
def test_both_generations_see_an_instance(workspace, instance):
    project = workspace.postgres.get_project(f"projects/{instance.name}")
    assert project.status.project_id == instance.name
    [endpoint] = workspace.postgres.list_endpoints(project.status.default_branch)
    assert endpoint.status.hosts.host == instance.read_write_dns


@pytest.mark.route(CREATE)
def test_a_project_of_the_postgres_api_is_no_instance(workspace, project):
    """Tools look for an instance of a name first, and take the one that is there for a Provisioned one."""
    name = project.removeprefix("projects/")
    with refused(NotFound, name):
        workspace.database.get_database_instance(name)
    assert name not in [one.name for one in workspace.database.list_database_instances()]
    with refused(ResourceConflict, "already exists"):
        workspace.database.create_database_instance(DatabaseInstance(name=name, capacity="CU_1"))


@pytest.mark.route(CREATE)
def test_a_name_is_taken_once(workspace, lakebase):
    with refused(ResourceConflict, "already exists"):
        workspace.database.create_database_instance(DatabaseInstance(name=lakebase.project_id, capacity="CU_1"))


@pytest.mark.route(CREATE)
@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(
            DatabaseInstance(name="", capacity="CU_1"), marks=pytest.mark.local_only("what it made would have no name")
        ),
        DatabaseInstance(name="1_{}", capacity="CU_1"),
        DatabaseInstance(name="{}" + "x" * 64, capacity="CU_1"),
        DatabaseInstance(name="{}", capacity="CU_3"),
        DatabaseInstance(name="{}", capacity="CU_1", retention_window_in_days=1),
        DatabaseInstance(name="{}", capacity="CU_1", retention_window_in_days=36),
    ],
    ids=["no-name", "bad-name", "long-name", "capacity", "short-retention", "long-retention"],
)
def test_values_outside_of_the_limits_are_invalid(workspace, wanted):
    wanted = replace(wanted, name=wanted.name.format(new_id("instance")))
    with refused(BadRequest):
        workspace.database.create_database_instance(wanted)


@pytest.mark.route(CREATE, UPDATE)
def test_updating_changes_what_the_mask_names(workspace, instance):
    changed = workspace.database.update_database_instance(
        instance.name,
        DatabaseInstance(name=instance.name, capacity="CU_4", retention_window_in_days=21),
        "capacity",
    )
    assert changed.capacity == "CU_4"
    assert changed.effective_retention_window_in_days == 7
    changed = workspace.database.update_database_instance(
        instance.name, DatabaseInstance(name=instance.name, capacity="CU_2", retention_window_in_days=21), "*"
    )
    assert changed.effective_capacity == "CU_2"
    assert changed.effective_retention_window_in_days == 21


@pytest.mark.route(CREATE, UPDATE)
def test_a_mask_clears_what_the_body_leaves_out(workspace, instance):
    tagged = DatabaseInstance(name=instance.name, custom_tags=[CustomTag(key="team", value="shop")])
    assert workspace.database.update_database_instance(instance.name, tagged, "custom_tags").effective_custom_tags
    bare = DatabaseInstance(name=instance.name, custom_tags=[])
    assert not workspace.database.update_database_instance(instance.name, bare, "custom_tags").effective_custom_tags


@pytest.mark.route(CREATE, UPDATE)
def test_stopping_and_starting(workspace, identity, instance):
    login = login_at(identity, instance)
    stopped = DatabaseInstance(name=instance.name, stopped=True)
    answer = workspace.database.update_database_instance(instance.name, stopped, "stopped")
    assert answer.effective_stopped
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**login)
    started = DatabaseInstance(name=instance.name, stopped=False)
    workspace.database.update_database_instance(instance.name, started, "stopped")
    answer = workspace.database.wait_get_database_instance_database_available(instance.name, timeout=LIMIT)
    assert answer.effective_stopped is False
    with psycopg.connect(**login) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.route(UPDATE)
def test_updating_an_unknown_instance(workspace):
    with refused(NotFound, "not found"):
        workspace.database.update_database_instance(
            MISSING, DatabaseInstance(name=MISSING, capacity="CU_2"), "capacity"
        )


@pytest.mark.route(CREATE, DELETE)
def test_a_child_begins_as_its_parent(workspace, identity, instance):
    with psycopg.connect(**login_at(identity, instance), autocommit=True) as connection:
        connection.execute("CREATE TABLE public.note AS SELECT 1 AS id")
    wanted = DatabaseInstance(
        name=new_id("child"), capacity="CU_1", parent_instance_ref=DatabaseInstanceRef(name=instance.name)
    )
    child = workspace.database.create_database_instance_and_wait(wanted, timeout=LIMIT)
    assert child.parent_instance_ref.name == instance.name
    with psycopg.connect(**login_at(identity, child)) as connection:
        assert connection.execute("SELECT id FROM public.note").fetchall() == [(1,)]
    parent = workspace.database.get_database_instance(instance.name)
    assert [reference.name for reference in parent.child_instance_refs] == [child.name]
    with refused((BadRequest, ResourceConflict)):
        workspace.database.delete_database_instance(instance.name, purge=True)
    workspace.database.delete_database_instance(instance.name, force=True, purge=True)
    for name in (instance.name, child.name):
        with refused(NotFound, "not found"):
            workspace.database.get_database_instance(name)


@pytest.mark.route(CREATE, DELETE)
def test_deleting_is_for_good(workspace, instance):
    with refused(BadRequest):
        workspace.database.delete_database_instance(instance.name, purge=False)
    workspace.database.delete_database_instance(instance.name, purge=True)
    with refused(NotFound, "not found"):
        workspace.database.get_database_instance(instance.name)
    assert instance.name not in [one.name for one in workspace.database.list_database_instances()]
    # And the name is free again.
    wanted = DatabaseInstance(name=instance.name, capacity="CU_1")
    again = workspace.database.create_database_instance(wanted).result(timeout=LIMIT)
    assert again.uid != instance.uid


@pytest.mark.route(DELETE)
def test_deleting_an_unknown_instance(workspace):
    with refused(NotFound, "not found"):
        workspace.database.delete_database_instance(MISSING, purge=True)


@pytest.mark.route(CREATE)
def test_pages_hold_what_was_asked_for(workspace, instance):
    check_pages(lambda **page: [one.name for one in workspace.database.list_database_instances(**page)], least=2)


@pytest.mark.route("GET /database/instances/{instance}/catalogs", "GET /database/instances/{instance}/synced_tables")
def test_there_are_neither_catalogs_nor_synced_tables(workspace, lakebase):
    assert list(workspace.database.list_database_catalogs(lakebase.project_id)) == []
    assert list(workspace.database.list_synced_database_tables(lakebase.project_id)) == []


@pytest.mark.local_only("the service has what is refused here")
def test_catalogs_and_tables_are_refused_plainly(workspace):
    with pytest.raises(NotImplemented):
        workspace.database.create_database_catalog(
            DatabaseCatalog(name="shop", database_instance_name="local", database_name="databricks_postgres")
        )
    with pytest.raises(NotImplemented):
        workspace.database.create_database_table(DatabaseTable(name="main.public.note", database_instance_name="local"))
    with pytest.raises(NotImplemented):
        workspace.database.create_synced_database_table(SyncedDatabaseTable(name="main.public.note"))
