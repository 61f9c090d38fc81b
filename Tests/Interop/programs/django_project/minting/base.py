# lakebase-swift · Apache License 2.0 · see LICENSE
"""Django's backend of PostgreSQL with a fresh token as the password of each connection."""

import os

from databricks.sdk import WorkspaceClient
from django.db.backends.postgresql import base

workspace = WorkspaceClient()


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self):
        token = workspace.postgres.generate_database_credential(endpoint=os.environ["LAKEBASE_ENDPOINT"]).token
        return super().get_connection_params() | {"password": token}
