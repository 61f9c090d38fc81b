# lakebase-swift · Apache License 2.0 · see LICENSE
"""Each route that the released SDK can ask for is served, or refused as what is not there yet: none is a wrong path."""

import inspect
import re

import pytest
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service import apps, database, iam, postgres, workspace

pytestmark = [pytest.mark.local_only("sends changes to every route that the SDK has"), pytest.mark.any_postgres]

MODULES = (apps, database, iam, postgres, workspace)
CALL = re.compile(r'_api\.do\(\s*"(\w+)",\s*f?"([^"]+)"')
PROJECT = "projects/missing"
BRANCH = f"{PROJECT}/branches/missing"
DATABASE = f"{BRANCH}/databases/missing"
# What stands before the collections of the Postgres API, whose templates do not say it.
PARENTS = {
    "branches": PROJECT,
    "snapshots": PROJECT,
    "undelete": PROJECT,
    "endpoints": BRANCH,
    "roles": BRANCH,
    "databases": BRANCH,
    "password": f"{BRANCH}/roles/missing",
    "cdf-configs": DATABASE,
    "data-api": DATABASE,
    "cdf-statuses": f"{DATABASE}/cdf-configs/missing",
}
# Calls of accounts go to another host.
ROUTES = sorted(
    {
        route
        for module in MODULES
        for route in CALL.findall(inspect.getsource(module))
        if "self._api.account_id" not in route[1]
    }
)


def path_of(template):
    """A path of that template, for something that is not there."""
    if template.startswith("/api/2.0/postgres/{"):
        parent = PARENTS.get(template.rpartition("/")[2], PROJECT)
        return re.sub(r"\{[^}]*\}", parent, template)
    return re.sub(r"\{[^}]*\}", "missing", template)


def test_there_are_routes():
    assert len(ROUTES) > 100


@pytest.mark.parametrize(("method", "template"), ROUTES, ids=lambda value: value)
def test_it_is_no_wrong_path(workspace, method, template):
    try:
        workspace.api_client.do(method, path_of(template), body=None if method in ("GET", "DELETE") else {})
    except DatabricksError as error:
        assert error.error_code not in ("ENDPOINT_NOT_FOUND", "METHOD_NOT_ALLOWED"), f"{method} {template}: {error}"
