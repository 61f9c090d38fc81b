# lakebase-swift · Apache License 2.0 · see LICENSE
"""A small app where databricks-tellr expects its own: tables are made first, then a page says what is in them."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2
from databricks.sdk import WorkspaceClient

SCHEMA = os.environ["LAKEBASE_SCHEMA"]


def connect():
    """Connects by what the helper wrote into app.yaml, or by what the platform says of the app's resource."""
    workspace = WorkspaceClient()
    if os.environ["LAKEBASE_TYPE"] == "autoscaling":
        host, user = os.environ["LAKEBASE_PG_HOST"], workspace.current_user.me().user_name
        credential = workspace.postgres.generate_database_credential(endpoint=os.environ["LAKEBASE_ENDPOINT_NAME"])
    else:
        host, user = os.environ["PGHOST"], os.environ["PGUSER"]
        instance = os.environ["LAKEBASE_INSTANCE"]
        credential = workspace.database.generate_database_credential(request_id="tests", instance_names=[instance])
    return psycopg2.connect(
        host=host,
        port=5432,
        user=user,
        password=credential.token,
        dbname="databricks_postgres",
        sslmode="require",
        options=f"-csearch_path={SCHEMA}",
    )


def init_database():
    with connect() as connection, connection.cursor() as cursor:
        # The helper asks before an update if this column is not there.
        cursor.execute("CREATE TABLE IF NOT EXISTS slide_style_library (id serial PRIMARY KEY, image_guidelines text)")
        cursor.execute("INSERT INTO slide_style_library (image_guidelines) VALUES ('started')")


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        with connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM slide_style_library")
            starts = cursor.fetchone()[0]
        text = json.dumps({"kind": os.environ["LAKEBASE_TYPE"], "starts": starts}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", int(os.environ["DATABRICKS_APP_PORT"])), Page).serve_forever()
