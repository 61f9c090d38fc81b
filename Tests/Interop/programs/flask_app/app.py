# lakebase-swift · Apache License 2.0 · see LICENSE
"""What people deploy first: a page of Flask's with rows from a pool whose connections log in with tokens."""

import os

from databricks.sdk import WorkspaceClient
from flask import Flask, jsonify
from psycopg import Connection
from psycopg_pool import ConnectionPool

workspace = WorkspaceClient()


class TokenConnection(Connection):
    """Asks for a credential of its own whenever the pool opens it."""

    @classmethod
    def connect(cls, conninfo="", **parameters):
        token = workspace.postgres.generate_database_credential(endpoint=os.environ["ENDPOINT_NAME"]).token
        return super().connect(conninfo, password=token, **parameters)


# Everything else libpq takes from PGHOST and its like, which app.yaml sets.
pool = ConnectionPool("", connection_class=TokenConnection, min_size=1, max_size=4, open=True)
app = Flask(__name__)


@app.get("/")
def birds():
    with pool.connection() as connection:
        rows = connection.execute("SELECT name FROM birds ORDER BY name").fetchall()
    return jsonify([name for (name,) in rows])
