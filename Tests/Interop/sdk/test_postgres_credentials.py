# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.postgres.generate_database_credential`."""

from datetime import datetime, timedelta, timezone

import psycopg
import pytest
from databricks.sdk.errors import InvalidParameterValue, NotFound
from databricks.sdk.service.postgres import RequestedClaims, RequestedClaimsPermissionSet, RequestedResource
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from support.refusals import refused

pytestmark = pytest.mark.live


def remaining(credential):
    """How long the credential is still good, in seconds."""
    return (credential.expire_time.ToDatetime(timezone.utc) - datetime.now(timezone.utc)).total_seconds()


def in_future(seconds):
    timestamp = Timestamp()
    timestamp.FromDatetime(datetime.now(timezone.utc) + timedelta(seconds=seconds))
    return timestamp


def test_an_hour_by_default(workspace, identity):
    credential = workspace.postgres.generate_database_credential(endpoint=identity.endpoint)
    assert credential.token.count(".") == 2
    assert abs(remaining(credential) - 3600) < 10
    with psycopg.connect(**identity.login(password=credential.token)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.any_postgres
def test_a_lifetime_can_be_asked_for(workspace, identity):
    credential = workspace.postgres.generate_database_credential(endpoint=identity.endpoint, ttl=Duration(seconds=600))
    assert abs(remaining(credential) - 600) < 10


@pytest.mark.any_postgres
def test_an_end_can_be_asked_for(workspace, identity):
    credential = workspace.postgres.generate_database_credential(
        endpoint=identity.endpoint, expire_time=in_future(900)
    )
    assert abs(remaining(credential) - 900) < 10


@pytest.mark.any_postgres
def test_claims_can_be_asked_for(workspace, identity):
    claims = [
        RequestedClaims(
            permission_set=RequestedClaimsPermissionSet.READ_ONLY,
            resources=[RequestedResource(table_name="main.public.note")],
        )
    ]
    credential = workspace.postgres.generate_database_credential(endpoint=identity.endpoint, claims=claims)
    assert credential.token


@pytest.mark.any_postgres
@pytest.mark.parametrize("seconds", [0, 299, 3601, 86_400])
def test_other_lifetimes_are_invalid(workspace, identity, seconds):
    with refused(InvalidParameterValue, "ttl"):
        workspace.postgres.generate_database_credential(endpoint=identity.endpoint, ttl=Duration(seconds=seconds))


@pytest.mark.any_postgres
@pytest.mark.parametrize("seconds", [-10, 60, 7200])
def test_other_ends_are_invalid(workspace, identity, seconds):
    with refused(InvalidParameterValue, "expire_time"):
        workspace.postgres.generate_database_credential(
            endpoint=identity.endpoint, expire_time=in_future(seconds)
        )


@pytest.mark.any_postgres
def test_a_lifetime_and_an_end_exclude_each_other(workspace, identity):
    with refused(InvalidParameterValue):
        workspace.postgres.generate_database_credential(
            endpoint=identity.endpoint, ttl=Duration(seconds=600), expire_time=in_future(600)
        )


@pytest.mark.any_postgres
@pytest.mark.parametrize("endpoint", [None, ""])
def test_an_endpoint_is_required(workspace, endpoint):
    with refused(InvalidParameterValue, "Field 'endpoint' is required"):
        workspace.postgres.generate_database_credential(endpoint=endpoint)


@pytest.mark.any_postgres
@pytest.mark.parametrize("endpoint", ["primary", "{project}", "{project}/branches/production"])
def test_an_endpoint_is_a_path(workspace, lakebase, endpoint):
    with refused(InvalidParameterValue):
        workspace.postgres.generate_database_credential(endpoint=endpoint.format(project=lakebase.project))


@pytest.mark.any_postgres
@pytest.mark.parametrize(
    ("endpoint", "missing"),
    [
        ("projects/missing/branches/missing/endpoints/missing", "project id not found"),
        ("{project}/branches/missing/endpoints/missing", "branch id not found"),
        ("{project}/branches/production/endpoints/missing", "endpoint id not found"),
    ],
)
def test_the_missing_ancestor_is_named_first(workspace, lakebase, endpoint, missing):
    with refused(NotFound, missing, code="NOT_FOUND"):
        workspace.postgres.generate_database_credential(endpoint=endpoint.format(project=lakebase.project))
