# lakebase-swift · Apache License 2.0 · see LICENSE
"""Resources that the tests of the SDK share, made with the SDK."""

import pytest
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service.postgres import Branch, BranchSpec, Project, ProjectSpec
from support.names import given, new_id
from support.waiting import done


def gone(delete, name):
    """Deletes for good what a test need not have left; the service allows for few branches at a time."""
    try:
        delete(name, purge=True)
    except DatabricksError:
        # The test deleted it, or has left something that depends on it: that goes with the project.
        pass


@pytest.fixture(scope="session")
def project(workspace):
    """The name of a project of the identity's own."""
    operation = workspace.postgres.create_project(Project(spec=ProjectSpec(display_name="Interop")), new_id("project"))
    name = done(operation).name
    yield name
    gone(workspace.postgres.delete_project, name)


@pytest.fixture(autouse=True)
def servers_end_with_the_test(request):
    """Takes away the projects and branches that a test made: each has a server that runs on otherwise."""
    before = {kind: len(ids) for kind, ids in given.items()}
    yield
    projects, branches = (given[kind][before[kind] :] for kind in ("project", "branch"))
    if "workspace" not in request.fixturenames or not projects + branches:
        return
    postgres = request.getfixturevalue("workspace").postgres
    if "project" in request.fixturenames:
        # Children before their parents.
        for branch_id in reversed(branches):
            gone(postgres.delete_branch, f"{request.getfixturevalue('project')}/branches/{branch_id}")
    for project_id in projects:
        gone(postgres.delete_project, f"projects/{project_id}")


@pytest.fixture
def branch(workspace, project):
    """The name of a new branch of that project's root, which goes away with the test."""
    operation = workspace.postgres.create_branch(project, Branch(spec=BranchSpec(no_expiry=True)), new_id("branch"))
    return done(operation).name
