# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.apps`: apps, deployments and permissions."""

import uuid

import psycopg
import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, NotFound, OperationFailed, ResourceConflict
from databricks.sdk.service.apps import (
    App,
    AppAccessControlRequest,
    AppDeployment,
    AppDeploymentMode,
    AppDeploymentState,
    AppPermissionLevel,
    AppResource,
    AppResourceDatabase,
    AppResourceDatabaseDatabasePermission,
    AppResourcePostgres,
    AppResourcePostgresPostgresPermission,
    AppUpdateUpdateStatusUpdateState,
    ComputeState,
    EnvVar,
)
from databricks.sdk.service.workspace import ImportFormat
from support.names import MISSING, new_id
from support.pages import check_pages
from support.refusals import refused
from support.waiting import LIMIT

pytestmark = pytest.mark.live

CREATE, GET = "POST /apps", "GET /apps/{app}"
DEPLOY, DEPLOYMENT = "POST /apps/{app}/deployments", "GET /apps/{app}/deployments/{deployment}"
FILES = ("POST /workspace/mkdirs", "POST /workspace/import")


# What is made without a name of the run's own would not be found again.
NAMELESS = pytest.mark.local_only("asks for a name that is not the run's own")


@pytest.fixture
def app(workspace):
    """A new app whose compute is active."""
    app = workspace.apps.create_and_wait(App(name=new_id("app")), timeout=LIMIT)
    yield app
    try:
        workspace.apps.delete(app.name)
    except DatabricksError:
        # The test deleted it.
        pass


@pytest.fixture
def source(workspace, identity):
    """A folder with an app's source code."""
    path = f"/Workspace/Users/{identity.user}/{new_id('source')}"
    workspace.workspace.mkdirs(path)
    manifest = b'command: ["python3", "-m", "http.server", "$DATABRICKS_APP_PORT"]\n'
    workspace.workspace.upload(f"{path}/app.yaml", manifest, format=ImportFormat.AUTO)
    return path


def roles_of_the_local_database(lakebase):
    with psycopg.connect(**lakebase.developer.login()) as connection:
        return [row[0] for row in connection.execute("SELECT role_name FROM databricks_list_roles")]


def has_rights(lakebase, role):
    """Whether a role may connect to the local database and create schemas in it."""
    with psycopg.connect(**lakebase.developer.login()) as connection:
        return connection.execute(
            """
            SELECT has_database_privilege(%(role)s, current_database(), 'CONNECT')
              AND has_database_privilege(%(role)s, current_database(), 'CREATE')
            """,
            {"role": role},
        ).fetchone()[0]


@pytest.fixture
def extension(lakebase):
    """The extension that lists the roles of identities."""
    with psycopg.connect(**lakebase.developer.login(), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS databricks_auth")


@pytest.mark.any_postgres
@pytest.mark.route(CREATE, GET)
def test_a_new_app_has_a_service_principal_and_an_address(workspace, identity):
    name = new_id("app")
    app = workspace.apps.create_and_wait(App(name=name, description="A shop"), timeout=LIMIT)
    assert app.name == name
    assert app.description == "A shop"
    assert app.creator == identity.user
    assert app.compute_status.state == ComputeState.ACTIVE
    assert app.url.startswith("http")
    assert str(uuid.UUID(app.service_principal_client_id)) == app.service_principal_client_id
    assert app.service_principal_id > 0
    assert app.service_principal_name
    assert app.active_deployment is None
    assert workspace.apps.get(name).service_principal_client_id == app.service_principal_client_id


@pytest.mark.any_postgres
@pytest.mark.route(CREATE, GET)
def test_without_compute_it_is_stopped(workspace):
    waiter = workspace.apps.create(App(name=new_id("app")), no_compute=True)
    assert workspace.apps.get(waiter.response.name).compute_status.state == ComputeState.STOPPED
    with pytest.raises(OperationFailed):
        waiter.result(timeout=LIMIT)


@pytest.mark.any_postgres
@pytest.mark.route(GET)
def test_an_unknown_app(workspace):
    with refused(NotFound):
        workspace.apps.get("missing")


@pytest.mark.any_postgres
@pytest.mark.route(CREATE)
def test_a_name_is_taken_once(workspace, app):
    with refused(ResourceConflict, f"An app with the same name already exists: {app.name}"):
        workspace.apps.create(App(name=app.name))


@pytest.mark.any_postgres
@pytest.mark.route(CREATE)
@pytest.mark.parametrize("form", ["Shop-{}", "{}_b", "{} b", pytest.param("", marks=NAMELESS), pytest.param("../{}", marks=NAMELESS)])
def test_a_name_has_a_form(workspace, form):
    with refused(BadRequest):
        workspace.apps.create(App(name=form.format(new_id("a"))))


@pytest.mark.any_postgres
@pytest.mark.route("GET /apps")
def test_pages_hold_what_was_asked_for(workspace, app):
    workspace.apps.create(App(name=new_id("app")), no_compute=True)
    assert app.name in [one.name for one in workspace.apps.list()]
    check_pages(lambda **page: [one.name for one in workspace.apps.list(**page)], least=2)


@pytest.mark.route(CREATE, GET)
def test_a_database_resource_makes_the_role(workspace, lakebase, extension):
    """Tools grant to the role as soon as the wait ends."""
    resource = AppResource(
        name="database",
        database=AppResourceDatabase(
            instance_name=lakebase.project_id,
            database_name="databricks_postgres",
            permission=AppResourceDatabaseDatabasePermission.CAN_CONNECT_AND_CREATE,
        ),
    )
    app = workspace.apps.create_and_wait(App(name=new_id("app"), resources=[resource]), timeout=LIMIT)
    assert [one.name for one in app.resources] == ["database"]
    assert app.resources[0].database.instance_name == lakebase.project_id
    assert app.service_principal_client_id in roles_of_the_local_database(lakebase)
    assert has_rights(lakebase, app.service_principal_client_id)


@pytest.mark.route(CREATE, GET)
def test_a_postgres_resource_makes_the_role(workspace, lakebase, extension):
    branch = lakebase.branch
    [database] = workspace.postgres.list_databases(branch)
    resource = AppResource(
        name="postgres",
        postgres=AppResourcePostgres(
            branch=branch,
            database=database.name,
            permission=AppResourcePostgresPostgresPermission.CAN_CONNECT_AND_CREATE,
        ),
    )
    app = workspace.apps.create_and_wait(App(name=new_id("app"), resources=[resource]), timeout=LIMIT)
    assert app.resources[0].postgres.branch == branch
    assert app.service_principal_client_id in roles_of_the_local_database(lakebase)
    assert has_rights(lakebase, app.service_principal_client_id)


@pytest.mark.any_postgres
@pytest.mark.route(CREATE)
def test_a_resource_has_to_be_there(workspace):
    resource = AppResource(
        name="database",
        database=AppResourceDatabase(
            instance_name="missing",
            database_name="databricks_postgres",
            permission=AppResourceDatabaseDatabasePermission.CAN_CONNECT_AND_CREATE,
        ),
    )
    with refused((BadRequest, NotFound), "Database instance missing does not exist"):
        workspace.apps.create(App(name=new_id("app"), resources=[resource]))


@pytest.mark.any_postgres
@pytest.mark.route("PATCH /apps/{app}")
def test_an_update_replaces_everything(workspace, app):
    assert workspace.apps.update(app.name, App(name=app.name, description="New")).description == "New"
    assert not workspace.apps.update(app.name, App(name=app.name)).description
    assert workspace.apps.get(app.name).service_principal_client_id == app.service_principal_client_id


@pytest.mark.any_postgres
@pytest.mark.route("POST /apps/{app}/update")
def test_an_update_with_a_mask_replaces_what_it_names(workspace, app):
    update = workspace.apps.create_update_and_wait(
        app.name, "description", app=App(name=app.name, description="Masked"), timeout=LIMIT
    )
    assert update.status.state == AppUpdateUpdateStatusUpdateState.SUCCEEDED
    assert workspace.apps.get(app.name).description == "Masked"
    # As bundles of the CLI 1.13 and 1.14 met it: what is refused is listed against what is not.
    with refused(BadRequest, "Invalid update mask. Only description, budget_policy_id, usage_policy_id, resources, "):
        workspace.apps.create_update(app.name, "description,source_code_path", app=App(name=app.name))


@pytest.mark.any_postgres
@pytest.mark.route("POST /apps/{app}/stop", "POST /apps/{app}/start")
def test_stopping_and_starting(workspace, app):
    assert workspace.apps.stop_and_wait(app.name, timeout=LIMIT).compute_status.state == ComputeState.STOPPED
    assert workspace.apps.start_and_wait(app.name, timeout=LIMIT).compute_status.state == ComputeState.ACTIVE


@pytest.mark.any_postgres
@pytest.mark.route(DEPLOY, DEPLOYMENT, "GET /apps/{app}/deployments", *FILES)
def test_a_deployment_succeeds(workspace, identity, app, source):
    deployment = workspace.apps.deploy_and_wait(
        app.name,
        AppDeployment(
            source_code_path=source,
            mode=AppDeploymentMode.SNAPSHOT,
            env_vars=[EnvVar(name="GREETING", value="hello")],
        ),
        timeout=LIMIT,
    )
    assert deployment.status.state == AppDeploymentState.SUCCEEDED
    assert deployment.status.message
    assert deployment.creator == identity.user
    assert deployment.source_code_path == source
    read = workspace.apps.get_deployment(app.name, deployment.deployment_id)
    assert [(variable.name, variable.value) for variable in read.env_vars] == [("GREETING", None)]
    assert [one.deployment_id for one in workspace.apps.list_deployments(app.name)] == [deployment.deployment_id]
    after = workspace.apps.get(app.name)
    assert after.active_deployment.deployment_id == deployment.deployment_id
    assert after.pending_deployment is None


@pytest.mark.any_postgres
@pytest.mark.route(DEPLOY)
def test_a_source_has_to_be_there(workspace, app):
    with pytest.raises((BadRequest, NotFound, OperationFailed)) as raised:
        workspace.apps.deploy_and_wait(
            app.name, AppDeployment(source_code_path="/Workspace/Users/missing/source"), timeout=LIMIT
        )
    assert getattr(raised.value, "error_code", None) not in ("ENDPOINT_NOT_FOUND", "NOT_IMPLEMENTED")


@pytest.mark.any_postgres
@pytest.mark.route(DEPLOYMENT)
def test_an_unknown_deployment(workspace, app):
    with refused(NotFound):
        workspace.apps.get_deployment(app.name, "00000000000000000000000000000000")


@pytest.mark.any_postgres
@pytest.mark.route("DELETE /apps/{app}")
def test_deleting_takes_the_app_away(workspace, app):
    workspace.apps.delete(app.name)
    try:
        state = workspace.apps.get(app.name).compute_status.state
    except NotFound as error:
        assert error.error_code != "ENDPOINT_NOT_FOUND"
    else:
        assert state == ComputeState.DELETING


@pytest.mark.any_postgres
@pytest.mark.route("DELETE /apps/{app}")
def test_the_name_of_an_app_is_taken_until_it_is_gone(workspace, app):
    for _ in range(50):
        workspace.apps.delete(app.name)
        try:
            workspace.apps.create(App(name=app.name)).result()
        except ResourceConflict as error:
            assert "already exists" in str(error)
            break
        # On a busy machine it was gone by then.
    else:
        pytest.fail("the name was always free at once")


@pytest.mark.any_postgres
@pytest.mark.route("DELETE /apps/{app}")
def test_deleting_an_unknown_app(workspace):
    with refused(NotFound):
        workspace.apps.delete(MISSING)


@pytest.mark.any_postgres
@pytest.mark.route(
    "GET /permissions/apps/{app}",
    "PUT /permissions/apps/{app}",
    "PATCH /permissions/apps/{app}",
    "GET /permissions/apps/{app}/permissionLevels",
)
def test_permissions(workspace, lakebase, app):
    levels = [level.permission_level for level in workspace.apps.get_permission_levels(app.name).permission_levels]
    assert set(levels) == {AppPermissionLevel.CAN_USE, AppPermissionLevel.CAN_MANAGE}
    entry = AppAccessControlRequest(user_name=lakebase.developer.user, permission_level=AppPermissionLevel.CAN_USE)
    for change in (workspace.apps.set_permissions, workspace.apps.update_permissions):
        granted = change(app.name, access_control_list=[entry]).access_control_list
        assert lakebase.developer.user in [one.user_name for one in granted]
    assert workspace.apps.get_permissions(app.name).access_control_list
