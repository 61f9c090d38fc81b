# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.postgres`: endpoints."""

import psycopg
import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import AlreadyExists, BadRequest, InvalidParameterValue, NotFound, ResourceConflict
from databricks.sdk.service.postgres import Endpoint, EndpointSpec, EndpointStatusState, EndpointType
from google.protobuf.duration_pb2 import Duration
from support.deadline import wait_until
from support.names import new_id
from support.refusals import refused
from support.waiting import done

pytestmark = pytest.mark.live

READ_WRITE, READ_ONLY = EndpointType.ENDPOINT_TYPE_READ_WRITE, EndpointType.ENDPOINT_TYPE_READ_ONLY
CREATE = ("POST /postgres/{branch}/endpoints", "GET /postgres/{operation}")
UPDATE = "PATCH /postgres/{endpoint}"
DELETE = "DELETE /postgres/{endpoint}"


@pytest.fixture
def primary(branch):
    return f"{branch}/endpoints/primary"


def update(workspace, name, mask, **spec):
    endpoint = Endpoint(spec=EndpointSpec(endpoint_type=READ_WRITE, **spec))
    return done(workspace.postgres.update_endpoint(name, endpoint, FieldMask(mask)))


def test_the_local_endpoint(workspace, identity, lakebase):
    [listed] = workspace.postgres.list_endpoints(lakebase.branch)
    endpoint = workspace.postgres.get_endpoint(identity.endpoint)
    assert listed.name == endpoint.name == f"{lakebase.branch}/endpoints/primary"
    assert endpoint.parent == lakebase.branch
    assert endpoint.uid.startswith("ep-")
    assert endpoint.spec is None
    status = endpoint.status
    assert status.endpoint_id == "primary"
    assert status.endpoint_type == READ_WRITE
    assert status.current_state in (EndpointStatusState.ACTIVE, EndpointStatusState.IDLE)
    assert status.hosts.host == identity.host
    assert status.hosts.read_only_host is None
    assert status.hosts.read_write_pooled_host is not None
    assert status.settings is not None
    assert status.disabled is False
    assert status.suspend_timeout_duration.seconds > 0


@pytest.mark.any_postgres
@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("projects/missing/branches/production/endpoints/primary", "project id not found"),
        ("{project}/branches/missing/endpoints/primary", "branch id not found"),
        ("{project}/branches/production/endpoints/missing", "endpoint id not found"),
    ],
)
def test_an_unknown_endpoint(workspace, lakebase, name, missing):
    with refused(NotFound, missing, code="NOT_FOUND"):
        workspace.postgres.get_endpoint(name.format(project=lakebase.project))


@pytest.mark.any_postgres
@pytest.mark.route(UPDATE)
def test_updating_changes_what_the_mask_names(workspace, primary):
    changed = update(
        workspace,
        primary,
        ["spec.autoscaling_limit_max_cu", "spec.suspension"],
        autoscaling_limit_max_cu=4,
        suspend_timeout_duration=Duration(seconds=900),
    )
    assert changed.status.autoscaling_limit_max_cu == 4
    assert changed.status.autoscaling_limit_min_cu == 1
    assert changed.status.suspend_timeout_duration.seconds == 900
    assert changed.status.endpoint_type == READ_WRITE
    always = update(workspace, primary, ["spec.suspension"], no_suspension=True)
    assert always.status.suspend_timeout_duration is None
    # databricks/cli#6443, asked of the service on 2026-08-31.
    with refused(InvalidParameterValue, "Unknown field path in update_mask: 'spec.no_suspension'"):
        update(workspace, primary, ["spec.no_suspension"], no_suspension=True)


@pytest.mark.any_postgres
@pytest.mark.route(UPDATE)
@pytest.mark.parametrize(
    "spec",
    [
        {"autoscaling_limit_min_cu": 1.0, "autoscaling_limit_max_cu": 18.0},
        {"autoscaling_limit_max_cu": 65.0},
        {"autoscaling_limit_min_cu": 0.1},
        {"suspend_timeout_duration": Duration(seconds=30)},
        {"suspend_timeout_duration": Duration(seconds=604_801)},
    ],
    ids=["span", "maximum", "minimum", "short-suspension", "long-suspension"],
)
def test_values_outside_of_the_limits_are_invalid(workspace, primary, spec):
    mask = [f"spec.{'suspension' if name == 'suspend_timeout_duration' else name}" for name in spec]
    with refused(BadRequest):
        update(workspace, primary, mask, **spec)


@pytest.mark.any_postgres
@pytest.mark.route(UPDATE)
def test_a_mask_names_fields_of_the_specification(workspace, primary):
    with refused(InvalidParameterValue, "Unknown field path in update_mask: 'spec.no_such_field'"):
        update(workspace, primary, ["spec.no_such_field"], disabled=True)


@pytest.mark.route(UPDATE)
def test_a_disabled_endpoint_takes_no_logins(workspace, identity, primary):
    login = identity.login_at(workspace.postgres.get_endpoint(primary))
    with psycopg.connect(**login) as connection:
        assert update(workspace, primary, ["spec.disabled"], disabled=True).status.disabled
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**login)
    status = workspace.postgres.get_endpoint(primary).status
    assert status.current_state == EndpointStatusState.IDLE
    assert not update(workspace, primary, ["spec.disabled"], disabled=False).status.disabled
    with psycopg.connect(**login) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.route("POST /postgres/{branch}/endpoints, read-only")
def test_a_read_only_endpoint_follows(workspace, identity, branch, primary):
    spec = EndpointSpec(endpoint_type=READ_ONLY, autoscaling_limit_min_cu=0.5, autoscaling_limit_max_cu=1)
    replica = done(workspace.postgres.create_endpoint(branch, Endpoint(spec=spec), "replica"))
    assert replica.name == f"{branch}/endpoints/replica"
    assert replica.status.endpoint_type == READ_ONLY
    assert replica.status.hosts.read_only_host == replica.status.hosts.host
    assert replica.status.hosts.read_only_pooled_host is not None
    assert replica.status.group.enable_readable_secondaries is True
    assert replica.status.hosts.host != workspace.postgres.get_endpoint(primary).status.hosts.host
    with (
        psycopg.connect(**identity.login_at(workspace.postgres.get_endpoint(primary)), autocommit=True) as writer,
        psycopg.connect(**identity.login_at(replica), autocommit=True) as reader,
    ):
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reader.execute("CREATE TABLE public.no (id int)")
        writer.execute("CREATE TABLE public.copied AS SELECT 1 AS id")
        wait_until(
            lambda: reader.execute("SELECT to_regclass('public.copied')").fetchone()[0], "the replica has the table"
        )
    assert len(list(workspace.postgres.list_endpoints(branch, page_size=1))) == 2
    assert done(workspace.postgres.delete_endpoint(replica.name)) is None
    with refused(NotFound, "endpoint id not found"):
        workspace.postgres.get_endpoint(replica.name)


@pytest.mark.any_postgres
@pytest.mark.route(*CREATE)
def test_a_branch_has_one_writer(workspace, branch):
    endpoint = Endpoint(spec=EndpointSpec(endpoint_type=READ_WRITE))
    with refused(AlreadyExists, "endpoint with such id already exists", code="ALREADY_EXISTS"):
        workspace.postgres.create_endpoint(branch, endpoint, "primary")
    with refused((BadRequest, ResourceConflict), "read_write endpoint already exists"):
        workspace.postgres.create_endpoint(branch, endpoint, "second")


@pytest.mark.any_postgres
@pytest.mark.route(*CREATE)
def test_an_id_is_required(workspace, branch):
    with refused(InvalidParameterValue, "Field 'endpoint_id' is required"):
        workspace.postgres.create_endpoint(branch, Endpoint(spec=EndpointSpec(endpoint_type=READ_ONLY)), None)


@pytest.mark.any_postgres
@pytest.mark.route(*CREATE)
def test_a_branch_has_to_be_there(workspace, project):
    endpoint = Endpoint(spec=EndpointSpec(endpoint_type=READ_ONLY))
    with refused(NotFound, "branch id not found"):
        workspace.postgres.create_endpoint(f"{project}/branches/missing", endpoint, new_id("endpoint"))


@pytest.mark.any_postgres
@pytest.mark.route(DELETE)
def test_the_writer_cannot_be_deleted(workspace, primary):
    words = f"Cannot delete read-write endpoint '{primary}'. Read-write endpoints cannot be deleted."
    with refused(BadRequest, words, code="BAD_REQUEST") as raised:
        workspace.postgres.delete_endpoint(primary)
    assert raised.value.get_error_details().request_info.request_id
    information = raised.value.get_error_details().error_info
    assert information.reason == "RESOURCE_CONFLICT"
    assert information.metadata["declarative_context"] == "MANAGED_BY_PARENT"
