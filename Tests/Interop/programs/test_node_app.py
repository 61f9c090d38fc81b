# lakebase-swift · Apache License 2.0 · see LICENSE
"""An app of Node.js that connects as AppKit does, with node-postgres of Debian."""

import json
import os
from pathlib import Path

import pytest
from databricks.sdk.service.postgres import Role, RoleIdentityType, RoleRoleSpec
from support import apps
from support.debian import program, unpacked
from support.names import new_id
from support.waiting import done

FILES = Path(__file__).parent / "node_app"


@pytest.fixture
def modules():
    program("node")
    return os.fspath(unpacked("node-pg", "node-split2", "node-readable-stream", "node-xtend") / "usr/share/nodejs")


def answers(app, birds):
    expected = {"names": birds.names, "mode": "require", "encrypted": True, "authorized": True}
    return json.loads(apps.page(app)) == expected


def test_an_app_with_a_database_verifies_it(lakebase, deployed, birds, modules):
    files = apps.files_of(FILES, modules=modules, endpoint=lakebase.endpoint, table=birds.table)
    assert answers(deployed("node", files), birds)


def test_an_app_whose_database_is_named_in_its_manifest_verifies_it_too(lakebase, birds, modules):
    """As by the service's tutorial: no resource, a role for the app, and where the database is in app.yaml."""
    developer = lakebase.developer
    workspace = developer.workspace
    app = apps.create(workspace, "node")
    role = Role(
        spec=RoleRoleSpec(
            postgres_role=app.service_principal_client_id, identity_type=RoleIdentityType.SERVICE_PRINCIPAL
        )
    )
    done(workspace.postgres.create_role("projects/local/branches/production", role, role_id=new_id("role")))
    files = apps.files_of(FILES, modules=modules, endpoint=lakebase.endpoint, table=birds.table)
    for name in ("PGHOST", "PGPORT", "PGDATABASE"):
        files["app.yaml"] += f'  - {{name: {name}, value: "{developer.environment[name]}"}}\n'.encode()
    files["app.yaml"] += b"  - {name: PGSSLMODE, value: require}\n"
    apps.deploy(workspace, app, apps.upload(developer, files))
    assert answers(app, birds)
    workspace.apps.delete(app.name)
