# lakebase-swift · Apache License 2.0 · see LICENSE
"""A page of Streamlit's, which runs anew for each visitor and each change, with a pool that all of them share."""

import os

import streamlit
from databricks.sdk import WorkspaceClient
from psycopg import Connection
from psycopg_pool import ConnectionPool


class TokenConnection(Connection):
    """Asks for a credential of its own whenever the pool opens it."""

    @classmethod
    def connect(cls, conninfo="", **parameters):
        endpoint = os.environ["ENDPOINT_NAME"]
        token = WorkspaceClient().postgres.generate_database_credential(endpoint=endpoint).token
        return super().connect(conninfo, password=token, **parameters)


@streamlit.cache_resource
def pool() -> ConnectionPool:
    return ConnectionPool("", connection_class=TokenConnection, min_size=1, max_size=4, open=True)


part = streamlit.query_params.get("part", "")
with pool().connection() as connection:
    query = f"SELECT name FROM {os.environ['TABLE']} WHERE name LIKE %s ORDER BY name"
    names = [name for (name,) in connection.execute(query, [f"%{part}%"])]
for name in names:
    streamlit.text(f"a {name}, by {streamlit.context.headers['X-Forwarded-Email']}")
streamlit.text(f"{len(names)} birds with '{part}'")
