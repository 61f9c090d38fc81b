# lakebase-swift · Apache License 2.0 · see LICENSE
"""What people deploy first: a page of Flask's with rows from a pool whose connections log in with tokens."""

import os
import time

BEGAN = time.monotonic()

from databricks.sdk import WorkspaceClient  # noqa: E402
from flask import Flask, jsonify  # noqa: E402
from psycopg import Connection  # noqa: E402
from psycopg_pool import ConnectionPool  # noqa: E402

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
# The seconds of this start that are the app's own.
OWN = time.monotonic() - BEGAN


@app.get("/")
def birds():
    with pool.connection() as connection:
        rows = connection.execute("SELECT name FROM birds ORDER BY name").fetchall()
    return jsonify(birds=[name for (name,) in rows], own=OWN)
