# lakebase-swift · Apache License 2.0 · see LICENSE
"""The routes of the workspace that the local one does not serve yet.

A test names the routes it calls with `@pytest.mark.route`. As long as one of them stands here the test has to fail, and
fails the run when it passes: the route is served, and goes from this list. Paths are those below `/api/2.0`.
"""

NOT_SERVED = {
    # Projects, branches, endpoints, roles and databases.
    "POST /postgres/projects",
    "PATCH /postgres/{project}",
    "DELETE /postgres/{project}",
    "POST /postgres/{project}/undelete",
    "POST /postgres/{project}/branches",
    "PATCH /postgres/{branch}",
    "DELETE /postgres/{branch}",
    "POST /postgres/{branch}/undelete",
    "POST /postgres/{branch}/endpoints",
    "PATCH /postgres/{endpoint}",
    "DELETE /postgres/{endpoint}",
    "POST /postgres/{branch}/roles",
    "PATCH /postgres/{role}",
    "DELETE /postgres/{role}",
    "POST /postgres/{role}/password",
    "POST /postgres/{branch}/databases",
    "PATCH /postgres/{database}",
    "DELETE /postgres/{database}",
    "GET /postgres/{operation}",
    # Database instances.
    "POST /database/instances",
    "PATCH /database/instances/{instance}",
    "DELETE /database/instances/{instance}",
    "POST /database/instances/{instance}/roles",
    "DELETE /database/instances/{instance}/roles/{role}",
    "GET /database/instances/{instance}/catalogs",
    "GET /database/instances/{instance}/synced_tables",
    # Apps.
    "POST /apps",
    "GET /apps",
    "GET /apps/{app}",
    "PATCH /apps/{app}",
    "DELETE /apps/{app}",
    "POST /apps/{app}/start",
    "POST /apps/{app}/stop",
    "POST /apps/{app}/update",
    "POST /apps/{app}/deployments",
    "GET /apps/{app}/deployments",
    "GET /apps/{app}/deployments/{deployment}",
    "GET /permissions/apps/{app}",
    "PUT /permissions/apps/{app}",
    "PATCH /permissions/apps/{app}",
    "GET /permissions/apps/{app}/permissionLevels",
    # Workspace files.
    "POST /workspace/mkdirs",
    "POST /workspace/import",
    "GET /workspace/export",
    "GET /workspace/get-status",
    "GET /workspace/list",
    "POST /workspace/delete",
}

# What the fixtures call, so that each test that takes one needs it too.
FIXTURE_ROUTES = {
    "project": ["POST /postgres/projects", "GET /postgres/{operation}"],
    "branch": ["POST /postgres/{project}/branches", "GET /postgres/{operation}"],
    "folder": ["POST /workspace/mkdirs", "POST /workspace/delete"],
    "app": ["POST /apps", "GET /apps/{app}"],
    "instance": ["POST /database/instances", "DELETE /database/instances/{instance}"],
}
