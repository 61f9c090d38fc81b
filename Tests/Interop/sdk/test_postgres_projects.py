# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.postgres`: projects and their operations."""

import uuid

import psycopg
import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import AlreadyExists, BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.service.database import DatabaseInstance
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel
from databricks.sdk.service.postgres import (
    BranchStatusState,
    EndpointType,
    Project,
    ProjectCustomTag,
    ProjectDefaultEndpointSettings,
    ProjectSpec,
)
from google.protobuf.duration_pb2 import Duration
from support.names import MISSING, new_id
from support.pages import check_pages
from support.refusals import refused
from support.waiting import LIMIT, done

pytestmark = pytest.mark.live

CREATE = ("POST /postgres/projects", "GET /postgres/{operation}")
DELETE = "DELETE /postgres/{project}"


def create(workspace, **spec):
    operation = workspace.postgres.create_project(Project(spec=ProjectSpec(**spec)), new_id("project"))
    return done(operation)


def names(projects):
    return [project.name for project in projects]


def test_the_local_project(workspace, lakebase):
    project = workspace.postgres.get_project(lakebase.project)
    assert project.name == lakebase.project
    assert project.spec is None
    assert project.status.project_id == lakebase.project_id
    assert project.status.default_branch == lakebase.branch
    assert project.status.pg_version >= 15
    assert str(uuid.UUID(project.uid)) == project.uid
    assert lakebase.project in names(workspace.postgres.list_projects())


@pytest.mark.any_postgres
def test_an_unknown_project(workspace):
    with refused(NotFound, "project id not found", code="NOT_FOUND"):
        workspace.postgres.get_project("projects/missing")


@pytest.mark.route(*CREATE)
def test_creating_gives_an_operation_and_then_the_project(workspace, identity):
    project_id = new_id("project")
    operation = workspace.postgres.create_project(Project(spec=ProjectSpec(display_name="Shop")), project_id)
    assert operation.name().startswith(f"projects/{project_id}/operations/")
    project = done(operation)
    assert project.name == f"projects/{project_id}"
    assert project.spec is None
    assert project.create_time.seconds > 0
    assert project.delete_time is None
    assert project.status.display_name == "Shop"
    assert project.status.owner == identity.user
    assert operation.done()
    assert workspace.postgres.get_project(project.name).as_dict() == project.as_dict()
    assert workspace.postgres.get_operation(operation.name()).response is not None


@pytest.mark.route(*CREATE)
def test_defaults_are_materialised(workspace):
    status = create(workspace).status
    assert status.history_retention_duration.seconds == 604_800
    assert status.default_endpoint_settings.autoscaling_limit_min_cu == 1
    assert status.default_endpoint_settings.autoscaling_limit_max_cu == 1
    assert status.enable_pg_native_login is False
    assert status.branch_logical_size_limit_bytes == 8_796_093_022_208
    assert status.default_branch == f"projects/{status.project_id}/branches/production"


@pytest.mark.route(*CREATE)
def test_what_the_specification_says_shows_in_the_status(workspace):
    settings = ProjectDefaultEndpointSettings(
        autoscaling_limit_min_cu=0.5, autoscaling_limit_max_cu=2, suspend_timeout_duration=Duration(seconds=600)
    )
    project = create(
        workspace,
        display_name="Grüße",
        pg_version=17,
        history_retention_duration=Duration(seconds=172_800),
        default_endpoint_settings=settings,
        custom_tags=[ProjectCustomTag(key="team", value="shop")],
    )
    status = project.status
    assert status.display_name == "Grüße"
    # As it was asked for, whatever runs it here: a declarative client sees a difference otherwise.
    assert status.pg_version == 17
    assert status.history_retention_duration.seconds == 172_800
    assert status.default_endpoint_settings.autoscaling_limit_min_cu == 0.5
    assert status.default_endpoint_settings.autoscaling_limit_max_cu == 2
    assert status.default_endpoint_settings.suspend_timeout_duration.seconds == 600
    assert [(tag.key, tag.value) for tag in status.custom_tags] == [("team", "shop")]
    [endpoint] = workspace.postgres.list_endpoints(f"{project.name}/branches/production")
    assert endpoint.status.autoscaling_limit_max_cu == 2


@pytest.mark.route(*CREATE)
def test_a_new_project_can_be_used_at_once(workspace, identity):
    project = create(workspace)
    [branch] = workspace.postgres.list_branches(project.name)
    assert branch.name == f"{project.name}/branches/production"
    assert branch.status.current_state == BranchStatusState.READY
    assert (branch.status.default, branch.status.is_protected) == (True, False)
    assert branch.status.source_branch is None
    [endpoint] = workspace.postgres.list_endpoints(branch.name)
    assert endpoint.name == f"{branch.name}/endpoints/primary"
    assert endpoint.status.endpoint_type == EndpointType.ENDPOINT_TYPE_READ_WRITE
    databases = list(workspace.postgres.list_databases(branch.name))
    assert [database.status.postgres_database for database in databases] == ["databricks_postgres"]
    roles = list(workspace.postgres.list_roles(branch.name))
    assert identity.user in [role.status.postgres_role for role in roles]
    with psycopg.connect(**identity.login_at(endpoint)) as connection:
        row = connection.execute("SELECT session_user, current_database()").fetchone()
        assert row == (identity.user, "databricks_postgres")
        connection.execute("CREATE TABLE public.note (id int)")


@pytest.mark.route(*CREATE)
def test_pages_hold_what_was_asked_for(workspace, project):
    create(workspace)
    check_pages(lambda **page: names(workspace.postgres.list_projects(**page)), least=3)


@pytest.mark.route("PATCH /postgres/{project}")
def test_updating_changes_what_the_mask_names(workspace, project):
    operation = workspace.postgres.update_project(
        project, Project(spec=ProjectSpec(display_name="Renamed")), FieldMask(["spec.display_name"])
    )
    assert done(operation).status.display_name == "Renamed"
    settings = ProjectDefaultEndpointSettings(autoscaling_limit_max_cu=4)
    operation = workspace.postgres.update_project(
        project,
        Project(spec=ProjectSpec(display_name="Ignored", default_endpoint_settings=settings)),
        FieldMask(["spec.default_endpoint_settings.autoscaling_limit_max_cu"]),
    )
    status = done(operation).status
    assert status.display_name == "Renamed"
    assert status.default_endpoint_settings.autoscaling_limit_max_cu == 4
    assert status.default_endpoint_settings.autoscaling_limit_min_cu == 1


@pytest.mark.any_postgres
@pytest.mark.route("PATCH /postgres/{project}")
@pytest.mark.parametrize("path", ["spec.no_such_field", "display_name", "status.owner"])
def test_a_mask_names_fields_of_the_specification(workspace, project, path):
    with refused(InvalidParameterValue, f"Unknown field path in update_mask: '{path}'"):
        workspace.postgres.update_project(
            project, Project(spec=ProjectSpec(display_name="Renamed")), FieldMask([path])
        )


@pytest.mark.route("PATCH /postgres/{project}")
def test_masks_as_terraform_and_bundles_send_them(workspace, project):
    # Golden files of databricks/cli: postgres_projects/update_display_name (Terraform) and factcheck/update_mask_spec.
    spec = ProjectSpec(display_name="Whole", pg_version=17)
    mask = FieldMask(["initial_branch_spec", "initial_endpoint_spec", "spec"])
    status = done(workspace.postgres.update_project(project, Project(spec=spec), mask)).status
    assert status.display_name == "Whole"
    assert status.history_retention_duration.seconds == 604_800
    settings = ProjectDefaultEndpointSettings(autoscaling_limit_max_cu=8)
    with refused(
        InvalidParameterValue,
        "Field 'spec.default_endpoint_settings.suspension' is in update_mask but not provided in request",
    ):
        workspace.postgres.update_project(
            project,
            Project(spec=ProjectSpec(default_endpoint_settings=settings)),
            FieldMask(["spec.default_endpoint_settings"]),
        )
    # databricks/cli#6767: a star asks for every field.
    with refused(InvalidParameterValue, "is in update_mask but not provided in request"):
        workspace.postgres.update_project(project, Project(spec=spec), FieldMask(["*"]))


@pytest.mark.any_postgres
@pytest.mark.route("PATCH /postgres/{project}")
def test_a_mask_names_what_the_body_has(workspace, project):
    with refused(
        InvalidParameterValue,
        "Field 'spec.history_retention_duration' is in update_mask but not provided in request",
    ):
        workspace.postgres.update_project(
            project, Project(spec=ProjectSpec(display_name="Renamed")), FieldMask(["spec.history_retention_duration"])
        )


@pytest.mark.any_postgres
@pytest.mark.route("PATCH /postgres/{project}")
def test_updating_an_unknown_project(workspace):
    with refused(NotFound, "project id not found"):
        workspace.postgres.update_project(
            f"projects/{MISSING}", Project(spec=ProjectSpec(display_name="Renamed")), FieldMask(["spec.display_name"])
        )


@pytest.mark.any_postgres
@pytest.mark.route("POST /postgres/projects")
def test_an_id_is_taken_once(workspace, lakebase):
    with refused(AlreadyExists, "project with such id already exists", code="ALREADY_EXISTS"):
        workspace.postgres.create_project(Project(spec=ProjectSpec()), lakebase.project_id)


@pytest.mark.any_postgres
@pytest.mark.route("POST /postgres/projects")
@pytest.mark.local_only("what it made would have no name of the run")
def test_an_id_is_required(workspace):
    with refused(InvalidParameterValue, "Field 'project_id' is required"):
        workspace.postgres.create_project(Project(spec=ProjectSpec()), None)


@pytest.mark.any_postgres
@pytest.mark.route("POST /postgres/projects")
@pytest.mark.parametrize("form", ["Shop-{}", "1{}", "{}_1", "-{}", "{}" + "s" * 64, "{}/1"])
def test_an_id_has_a_form(workspace, form):
    with refused(BadRequest):
        workspace.postgres.create_project(Project(spec=ProjectSpec()), form.format(new_id("shop")))


@pytest.mark.any_postgres
@pytest.mark.route("POST /postgres/projects")
@pytest.mark.parametrize(
    "spec",
    [
        ProjectSpec(display_name="x" * 257),
        ProjectSpec(history_retention_duration=Duration(seconds=3600)),
        ProjectSpec(
            default_endpoint_settings=ProjectDefaultEndpointSettings(suspend_timeout_duration=Duration(seconds=10))
        ),
        ProjectSpec(
            default_endpoint_settings=ProjectDefaultEndpointSettings(
                suspend_timeout_duration=Duration(seconds=600), no_suspension=True
            )
        ),
        ProjectSpec(default_endpoint_settings=ProjectDefaultEndpointSettings(autoscaling_limit_min_cu=0.1)),
    ],
    ids=["long-name", "short-retention", "short-suspension", "two-suspensions", "too-small"],
)
def test_values_outside_of_the_limits_are_invalid(workspace, spec):
    with refused(BadRequest):
        workspace.postgres.create_project(Project(spec=spec), new_id("project"))


@pytest.mark.route(*CREATE, DELETE, "POST /postgres/{project}/undelete")
def test_deleting_is_soft_and_can_be_undone(workspace):
    project = create(workspace)
    operation = workspace.postgres.delete_project(project.name)
    assert done(operation) is None
    assert project.name not in names(workspace.postgres.list_projects())
    [deleted] = [one for one in workspace.postgres.list_projects(show_deleted=True) if one.name == project.name]
    assert deleted.delete_time.seconds >= project.create_time.seconds
    assert deleted.purge_time.seconds > deleted.delete_time.seconds
    assert workspace.postgres.get_operation(operation.name()).done
    # The project itself can be read, and nothing below it.
    assert workspace.postgres.get_project(project.name).delete_time is not None
    for look in (
        lambda: list(workspace.postgres.list_branches(project.name)),
        lambda: workspace.postgres.get_branch(f"{project.name}/branches/production"),
        lambda: list(workspace.postgres.list_roles(f"{project.name}/branches/production")),
    ):
        with refused(NotFound, "project id not found [TraceId: ", code="NOT_FOUND"):
            look()
    done(workspace.postgres.undelete_project(project.name))
    assert workspace.postgres.get_project(project.name).delete_time is None
    assert project.name in names(workspace.postgres.list_projects())


@pytest.mark.route(*CREATE, DELETE)
def test_purging_is_for_good(workspace):
    project = create(workspace)
    operation = workspace.postgres.delete_project(project.name, purge=True)
    done(operation)
    with refused(NotFound, "project id not found"):
        workspace.postgres.get_project(project.name)
    assert project.name not in names(workspace.postgres.list_projects(show_deleted=True))
    # The answer to the deletion is still to be had, although what it was about is gone.
    gone = workspace.postgres.get_operation(operation.name())
    assert gone.done and gone.response is not None
    # And the id is free again.
    again = workspace.postgres.create_project(Project(spec=ProjectSpec()), project.status.project_id)
    assert done(again).uid != project.uid


@pytest.mark.route(*CREATE, DELETE)
def test_deleting_twice(workspace):
    project = create(workspace)
    done(workspace.postgres.delete_project(project.name, purge=True))
    with refused(NotFound):
        workspace.postgres.delete_project(project.name)


@pytest.mark.any_postgres
@pytest.mark.route(DELETE)
def test_deleting_an_unknown_project(workspace):
    with refused(NotFound, "project id not found"):
        workspace.postgres.delete_project(f"projects/{MISSING}")


@pytest.mark.route(*CREATE)
@pytest.mark.parametrize("kind", ["database-projects", "database-instances"])
def test_permissions(workspace, lakebase, identity, kind):
    """As bundles and Terraform set them: golden files of databricks/cli, bundle/resources/permissions."""
    if kind == "database-projects":
        name = create(workspace).status.project_id
    else:
        instance = DatabaseInstance(name=new_id("instance"), capacity="CU_1")
        name = workspace.database.create_database_instance_and_wait(instance, timeout=LIMIT).name
    levels = workspace.permissions.get_permission_levels(kind, name).permission_levels
    assert {level.permission_level for level in levels} == {PermissionLevel.CAN_USE, PermissionLevel.CAN_MANAGE}
    [owner] = workspace.permissions.get(kind, name).access_control_list
    assert identity.user in (owner.user_name, owner.service_principal_name)
    wanted = [
        AccessControlRequest(group_name="users", permission_level=PermissionLevel.CAN_USE),
        AccessControlRequest(service_principal_name=lakebase.app.user, permission_level=PermissionLevel.CAN_MANAGE),
    ]
    given = workspace.permissions.set(kind, name, access_control_list=wanted)
    assert (given.object_id, given.object_type) == (f"/{kind}/{name}", kind)
    assert {entry.group_name or entry.service_principal_name for entry in given.access_control_list} == {
        "users",
        lakebase.app.user,
    }
    more = AccessControlRequest(user_name=lakebase.developer.user, permission_level=PermissionLevel.CAN_MANAGE)
    assert len(workspace.permissions.update(kind, name, access_control_list=[more]).access_control_list) == 3
    with refused(NotFound, "not found"):
        workspace.permissions.get(kind, "missing")


@pytest.mark.any_postgres
def test_an_unknown_operation(workspace, lakebase):
    with refused(NotFound):
        workspace.postgres.get_operation(f"{lakebase.project}/operations/missing")
