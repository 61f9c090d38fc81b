# lakebase-swift · Apache License 2.0 · see LICENSE
"""Resources that the tests of the SDK share, made with the SDK."""

import pytest
import support.names
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service.postgres import Branch, BranchSpec, Project, ProjectSpec
from support.names import new_id
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
def projects_end_with_the_test(request):
    """Takes away the projects that a test made by itself: each has a server that runs on otherwise."""
    before = len(support.names.projects)
    yield
    made = support.names.projects[before:]
    if made and "workspace" in request.fixturenames:
        delete = request.getfixturevalue("workspace").postgres.delete_project
        for project_id in made:
            gone(delete, f"projects/{project_id}")


@pytest.fixture
def branch(workspace, project):
    """The name of a new branch of that project's root."""
    operation = workspace.postgres.create_branch(project, Branch(spec=BranchSpec(no_expiry=True)), new_id("branch"))
    name = done(operation).name
    yield name
    gone(workspace.postgres.delete_branch, name)
