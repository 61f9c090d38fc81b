# lakebase-swift · Apache License 2.0 · see LICENSE
"""An app of Flask's that listens on the platform's port, by the steps of the service's tutorial: role, table, upload, deployment."""

import json
import pathlib
import urllib.request
from datetime import datetime, timedelta

import psycopg
import pytest
from databricks.sdk.service.apps import App, AppDeployment, AppDeploymentState
from databricks.sdk.service.workspace import ImportFormat
from psycopg import sql
from support.names import new_id
from support.waiting import LIMIT

FILES = pathlib.Path(__file__).parent / "flask_app"
# The packages are installed once for each Python; that may take a while where PyPI is far.
INSTALL_LIMIT = timedelta(minutes=5)
BIRDS = ["dunnock", "robin", "wren"]


def page(app):
    with urllib.request.urlopen(app.url, timeout=30) as answer:
        return json.load(answer)


def deploy(workspace, app, source):
    """Deploys as `databricks apps deploy` does; returns how long it took, in seconds, without the pauses of the SDK's wait."""
    deployment = workspace.apps.deploy_and_wait(
        app.name, AppDeployment(source_code_path=source), timeout=INSTALL_LIMIT
    )
    assert deployment.status.state == AppDeploymentState.SUCCEEDED
    began, ended = map(datetime.fromisoformat, (deployment.create_time, deployment.update_time))
    return (ended - began).total_seconds()


@pytest.mark.timeout(400)
def test_a_flask_app_on_port_8000_is_installed_and_answers(lakebase):
    developer = lakebase.developer
    workspace = developer.workspace
    app = workspace.apps.create_and_wait(App(name=new_id("flask")), timeout=LIMIT)
    client_id = app.service_principal_client_id
    login = developer.login()
    with psycopg.connect(**login, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS databricks_auth")
        connection.execute("SELECT databricks_create_role(%s, 'service_principal')", [client_id])
        connection.execute("CREATE TABLE birds (name text PRIMARY KEY)")
        connection.cursor().executemany("INSERT INTO birds VALUES (%s)", [(name,) for name in BIRDS])
        connection.execute(sql.SQL("GRANT SELECT ON birds TO {}").format(sql.Identifier(client_id)))
    source = f"/Workspace/Users/{developer.user}/{new_id('flask-app')}"
    workspace.workspace.mkdirs(source)
    values = {
        "{host}": developer.host, "{port}": str(developer.port), "{client_id}": client_id, "{endpoint}": lakebase.endpoint
    }  # fmt: skip
    for file in sorted(FILES.iterdir()):
        text = file.read_text()
        if file.name == "app.yaml":
            for placeholder, value in values.items():
                text = text.replace(placeholder, value)
        workspace.workspace.upload(f"{source}/{file.name}", text.encode(), format=ImportFormat.AUTO, overwrite=True)
    deploy(workspace, app, source)
    assert page(app) == BIRDS

    # Once more, with everything installed.
    assert deploy(workspace, app, source) < 5
    assert page(app) == BIRDS
    workspace.apps.delete(app.name)
    with psycopg.connect(**login, autocommit=True) as connection:
        connection.execute("DROP TABLE birds")
