# lakebase-swift · Apache License 2.0 · see LICENSE
"""The routes of the workspace that the local one does not serve yet.

A test names the routes it calls with `@pytest.mark.route`. As long as one of them stands here the test has to fail, and
fails the run when it passes: the route is served, and goes from this list. Paths are those below `/api/2.0`.
"""

NOT_SERVED: set[str] = set()

# What the fixtures call, so that each test that takes one needs it too.
FIXTURE_ROUTES = {
    "project": ["POST /postgres/projects", "GET /postgres/{operation}"],
    "branch": ["POST /postgres/{project}/branches", "GET /postgres/{operation}"],
    "folder": ["POST /workspace/mkdirs", "POST /workspace/delete"],
    "app": ["POST /apps", "GET /apps/{app}"],
    "instance": ["POST /database/instances", "DELETE /database/instances/{instance}"],
}
