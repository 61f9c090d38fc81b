# lakebase-swift · Apache License 2.0 · see LICENSE
"""Resources that the tests of the SDK share, made with the SDK."""

import pytest
from databricks.sdk.service.postgres import Branch, BranchSpec, Project, ProjectSpec
from support.names import new_id
from support.waiting import done


@pytest.fixture(scope="session")
def project(workspace):
    """The name of a project of the identity's own."""
    operation = workspace.postgres.create_project(Project(spec=ProjectSpec(display_name="Interop")), new_id("project"))
    return done(operation).name


@pytest.fixture
def branch(workspace, project):
    """The name of a new branch of that project's root."""
    operation = workspace.postgres.create_branch(project, Branch(spec=BranchSpec(no_expiry=True)), new_id("branch"))
    return done(operation).name
