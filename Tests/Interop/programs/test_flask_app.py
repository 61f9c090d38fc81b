# lakebase-swift · Apache License 2.0 · see LICENSE
"""An app of Flask's that listens on the platform's port, by the steps of the service's tutorial: role, table, upload, deployment."""

import json
import pathlib

import psycopg
import pytest
from psycopg import sql
from support import apps

FILES = pathlib.Path(__file__).parent / "flask_app"
BIRDS = ["dunnock", "robin", "wren"]


@pytest.mark.usefixtures("two_at_a_time")
@pytest.mark.timeout(400, func_only=True)
def test_a_flask_app_on_port_8000_is_installed_and_answers(lakebase):
    developer = lakebase.developer
    workspace = developer.workspace
    app = apps.create(workspace, "flask")
    client_id = app.service_principal_client_id
    login = developer.login()
    with psycopg.connect(**login, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS databricks_auth")
        connection.execute("SELECT databricks_create_role(%s, 'service_principal')", [client_id])
        connection.execute("CREATE TABLE birds (name text PRIMARY KEY)")
        connection.cursor().executemany("INSERT INTO birds VALUES (%s)", [(name,) for name in BIRDS])
        connection.execute(sql.SQL("GRANT SELECT ON birds TO {}").format(sql.Identifier(client_id)))
    files = apps.files_of(
        FILES, host=developer.host, port=str(developer.port), client_id=client_id, endpoint=lakebase.endpoint
    )
    source = apps.upload(developer, files)
    apps.deploy(workspace, app, source)
    assert json.loads(apps.page(app))["birds"] == BIRDS

    # Once more, with everything installed: 5 seconds with the app's own start, which takes two where nothing else runs.
    took = apps.deploy(workspace, app, source)
    answer = json.loads(apps.page(app))
    assert answer["birds"] == BIRDS
    assert took - answer["own"] < 3
    workspace.apps.delete(app.name)
    with psycopg.connect(**login, autocommit=True) as connection:
        connection.execute("DROP TABLE birds")
