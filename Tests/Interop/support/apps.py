# lakebase-swift · Apache License 2.0 · see LICENSE
"""Apps as people deploy them: files uploaded into a folder of the workspace, a deployment, and the page at the app's address."""

import io
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path

from databricks.sdk.service.apps import (
    App,
    AppDeployment,
    AppDeploymentState,
    AppResource,
    AppResourceDatabase,
    AppResourceDatabaseDatabasePermission,
    AppResourcePostgres,
    AppResourcePostgresPostgresPermission,
)
from databricks.sdk.service.workspace import ImportFormat
from support.names import new_id
from support.waiting import LIMIT

# The packages are installed once for each Python; that may take a while where PyPI is far.
INSTALL_LIMIT = timedelta(minutes=5)


def files_of(folder, **values):
    """The files of a folder beside the tests, with `{name}` in app.yaml replaced by each value."""
    files = {}
    for file in sorted(Path(folder).iterdir()):
        files[file.name] = file.read_bytes()
    text = files["app.yaml"].decode()
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return files | {"app.yaml": text.encode()}


def upload(identity, files):
    """Puts files into a new folder of the workspace, one call for each, and returns the folder."""
    folder = f"/Workspace/Users/{identity.user}/{new_id('source')}"
    workspace = identity.workspace.workspace
    for path in {str(Path(folder, name).parent) for name in files}:
        workspace.mkdirs(path)
    for name, data in files.items():
        data = data.encode() if isinstance(data, str) else data
        workspace.upload(f"{folder}/{name}", io.BytesIO(data), format=ImportFormat.AUTO, overwrite=True)
    return folder


def branch_resource(branch, workspace):
    """A branch's database as a resource, with which the platform tells an app where it is."""
    [database] = workspace.postgres.list_databases(branch)
    return AppResource(
        name="database",
        postgres=AppResourcePostgres(
            branch=branch,
            database=database.name,
            permission=AppResourcePostgresPostgresPermission.CAN_CONNECT_AND_CREATE,
        ),
    )


def instance_resource(instance):
    """The same of a Provisioned instance."""
    return AppResource(
        name="database",
        database=AppResourceDatabase(
            instance_name=instance,
            database_name="databricks_postgres",
            permission=AppResourceDatabaseDatabasePermission.CAN_CONNECT_AND_CREATE,
        ),
    )


def create(workspace, kind, *resources):
    """A new app."""
    return workspace.apps.create_and_wait(App(name=new_id(kind), resources=list(resources)), timeout=LIMIT)


def deploy(workspace, app, source):
    """Deploys as `databricks apps deploy` does; returns how long it took, in seconds, without the pauses of the SDK's wait."""
    deployment = workspace.apps.deploy_and_wait(app.name, AppDeployment(source_code_path=source), timeout=INSTALL_LIMIT)
    assert deployment.status.state == AppDeploymentState.SUCCEEDED
    began, ended = map(datetime.fromisoformat, (deployment.create_time, deployment.update_time))
    return (ended - began).total_seconds()


def page(app, path="/", data=None):
    """What the app answers at its address."""
    request = urllib.request.Request(app.url + path, data, {"Content-Type": "application/json"} if data else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()
