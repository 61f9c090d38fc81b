# lakebase-swift · Apache License 2.0 · see LICENSE
"""databricks-tellr: its helper for deployments, unmodified, with a small app in the place of its own."""

import json
import zlib
from pathlib import Path

import databricks_tellr
import pytest
from databricks.sdk.errors import NotFound
from databricks.sdk.service.database import DatabaseInstance
from databricks_tellr import deploy
from support import apps, wheels
from support.names import new_id
from support.waiting import LIMIT

RUN = (Path(__file__).parent / "tellr_app" / "run.py").read_bytes()
# A version that PyPI does not have, and another one for each content: packages are kept by their names.
VERSION = f"99.0.{zlib.crc32(RUN)}"


def build(folder):
    """The small app as a wheel of the name that the helper asks pip for."""
    files = {"databricks_tellr_app/__init__.py": b"", "databricks_tellr_app/run.py": RUN}
    requires = ["databricks-sdk>=0.85.0", "psycopg2-binary>=2.9.0"]
    return wheels.build(folder, "databricks-tellr-app", VERSION, files, requires)


def created(stocked, lakebase_name):
    """An app that the helper's `create` made, and what the other functions of it are to be called with."""
    developer = stocked.developer
    build(stocked.wheels)
    app_name = new_id("tellr")
    common = {
        "lakebase_name": lakebase_name,
        "schema_name": f"tellr_{lakebase_name.replace('-', '_')}",
        "app_name": app_name,
        "app_file_workspace_path": f"/Workspace/Users/{developer.user}/{app_name}",
        "client": developer.workspace,
    }
    result = databricks_tellr.create(**common, app_version=VERSION)
    assert result["status"] == "created"
    return common, developer.workspace.apps.get(app_name), result


@pytest.mark.usefixtures("two_at_a_time")
@pytest.mark.timeout(400, func_only=True)
def test_with_an_autoscaling_project(stocked):
    workspace = stocked.developer.workspace
    common, app, result = created(stocked, new_id("slides"))
    assert result["lakebase_type"] == "autoscaling"
    assert json.loads(apps.page(app)) == {"kind": "autoscaling", "starts": 1}

    result = databricks_tellr.update(**common, app_version=VERSION, reset_database=True)
    assert (result["status"], result["lakebase_type"]) == ("updated", "autoscaling")
    assert json.loads(apps.page(app)) == {"kind": "autoscaling", "starts": 1}

    assert databricks_tellr.delete(app.name, client=workspace)["status"] == "deleted"
    workspace.postgres.delete_project(f"projects/{common['lakebase_name']}").wait()


@pytest.mark.usefixtures("two_at_a_time")
@pytest.mark.timeout(400, func_only=True)
def test_with_a_provisioned_instance(stocked):
    workspace = stocked.developer.workspace
    name = new_id("slides")
    workspace.database.create_database_instance_and_wait(DatabaseInstance(name=name, capacity="CU_1"), timeout=LIMIT)
    common, app, result = created(stocked, name)
    assert result["lakebase_type"] == "provisioned"
    assert json.loads(apps.page(app)) == {"kind": "provisioned", "starts": 1}

    result = databricks_tellr.update(**common, app_version=VERSION)
    assert (result["status"], result["lakebase_type"]) == ("updated", "provisioned")
    assert json.loads(apps.page(app)) == {"kind": "provisioned", "starts": 2}

    result = databricks_tellr.delete(app.name, name, common["schema_name"], reset_database=True, client=workspace)
    assert (result["status"], result["database_reset"]) == ("deleted", True)
    workspace.database.delete_database_instance(name, purge=True)
    with pytest.raises(NotFound):
        workspace.database.get_database_instance(name)


@pytest.mark.usefixtures("two_at_a_time")
@pytest.mark.timeout(400, func_only=True)
def test_ephemeral_branches_of_a_fixed_name(lakebase, tmp_path):
    """As its developers try things out: a branch of one name, deleted and made again, and a wheel beside app.yaml."""
    developer = lakebase.developer
    workspace = developer.workspace
    app = apps.create(workspace, "tellr")
    name, schema = new_id("scratch"), new_id("data").replace("-", "_")
    for _ in range(2):
        branch = deploy._recreate_ephemeral_branch(workspace, "local", "production", name)
        assert branch["branch_id"] == name
        deploy._ensure_sp_autoscaling_role(workspace, "local", app.service_principal_client_id, name)
        deploy._setup_database_schema(workspace, app, "local", schema, lakebase_result=branch)
        connection, _ = deploy._get_lakebase_connection(workspace, "local", lakebase_result=branch)
        with connection.cursor() as cursor:
            # Nothing is left of the branch before.
            cursor.execute(f"CREATE TABLE {schema}.once (id int)")
        connection.close()
    wheel = build(tmp_path)
    with deploy._staging_dir() as staging:
        deploy._write_requirements(staging, None, local_wheel_path=f"./wheels/{wheel.name}")
        deploy._write_app_yaml(staging, "local", schema, lakebase_result=branch)
        files = {file.name: file.read_bytes() for file in staging.iterdir()}
    apps.deploy(workspace, app, apps.upload(developer, files | {f"wheels/{wheel.name}": wheel.read_bytes()}))
    assert json.loads(apps.page(app)) == {"kind": "autoscaling", "starts": 1}
    workspace.apps.delete(app.name)
    assert deploy._branch_exists(workspace, "local", name)
    deploy._delete_branch(workspace, "local", name)
    assert not deploy._branch_exists(workspace, "local", name)
    deploy._delete_branch(workspace, "local", name)
