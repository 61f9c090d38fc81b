# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.database`: instances, credentials, catalogs and tables."""

import uuid
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
from support.names import new_id
from support.refusals import refused
from support.waiting import LIMIT

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


def test_the_local_instance(workspace, identity):
    instance = workspace.database.get_database_instance("local")
    assert instance.name == "local"
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
    assert "local" in [one.name for one in workspace.database.list_database_instances()]
    assert workspace.database.find_database_instance_by_uid(uid=instance.uid).name == "local"


def test_an_unknown_instance(workspace):
    """Tools decide by these words whether to create one."""
    with refused(NotFound, "not found"):
        workspace.database.get_database_instance("missing")
    with refused(NotFound, "not found"):
        workspace.database.find_database_instance_by_uid(uid=str(uuid.uuid4()))


def test_a_credential_opens_the_database(workspace, identity):
    request = str(uuid.uuid4())
    credential = workspace.database.generate_database_credential(instance_names=["local"], request_id=request)
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
def test_both_generations_see_a_project(workspace, project):
    instance = workspace.database.get_database_instance(project.removeprefix("projects/"))
    assert instance.state == DatabaseInstanceState.AVAILABLE


@pytest.mark.route(CREATE)
def test_a_name_is_taken_once(workspace):
    with refused(ResourceConflict, "already exists"):
        workspace.database.create_database_instance(DatabaseInstance(name="local", capacity="CU_1"))


@pytest.mark.route(CREATE)
@pytest.mark.parametrize(
    "wanted",
    [
        DatabaseInstance(name="", capacity="CU_1"),
        DatabaseInstance(name="1_instance", capacity="CU_1"),
        DatabaseInstance(name="x" * 64, capacity="CU_1"),
        DatabaseInstance(name="instance-capacity", capacity="CU_3"),
        DatabaseInstance(name="instance-retention", capacity="CU_1", retention_window_in_days=1),
        DatabaseInstance(name="instance-retention", capacity="CU_1", retention_window_in_days=36),
    ],
    ids=["no-name", "bad-name", "long-name", "capacity", "short-retention", "long-retention"],
)
def test_values_outside_of_the_limits_are_invalid(workspace, wanted):
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
            "missing", DatabaseInstance(name="missing", capacity="CU_2"), "capacity"
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
        workspace.database.delete_database_instance("missing", purge=True)


@pytest.mark.route(CREATE)
def test_pages_hold_what_was_asked_for(workspace, instance):
    all_at_once = sorted(one.name for one in workspace.database.list_database_instances())
    assert len(all_at_once) >= 2
    assert sorted(one.name for one in workspace.database.list_database_instances(page_size=1)) == all_at_once


@pytest.mark.route("GET /database/instances/{instance}/catalogs", "GET /database/instances/{instance}/synced_tables")
def test_there_are_neither_catalogs_nor_synced_tables(workspace):
    assert list(workspace.database.list_database_catalogs("local")) == []
    assert list(workspace.database.list_synced_database_tables("local")) == []


def test_catalogs_and_tables_are_refused_plainly(workspace):
    with pytest.raises(NotImplemented):
        workspace.database.create_database_catalog(
            DatabaseCatalog(name="shop", database_instance_name="local", database_name="databricks_postgres")
        )
    with pytest.raises(NotImplemented):
        workspace.database.create_database_table(DatabaseTable(name="main.public.note", database_instance_name="local"))
    with pytest.raises(NotImplemented):
        workspace.database.create_synced_database_table(SyncedDatabaseTable(name="main.public.note"))
