# lakebase-swift · Apache License 2.0 · see LICENSE
"""Who a test is: the workspace client and the Postgres login of an identity."""

from dataclasses import dataclass
from functools import cached_property

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config


def signs_in_by_itself(identity, *variables):
    """Skips for an identity whose way to sign in cannot be put into the environment of a program."""
    if not set(variables or ("DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET")) & set(identity.environment):
        pytest.skip("the profile signs in by another program")


@dataclass(eq=False)
class Identity:
    """An identity of the local workspace, with the environment a program of it is given."""

    name: str
    environment: dict

    @property
    def user(self):
        return self.environment["PGUSER"]

    @property
    def is_service_principal(self):
        """Whether it is a program's identity; a person's is known by an address."""
        return "@" not in self.user

    @property
    def host(self):
        return self.environment["PGHOST"]

    @property
    def port(self):
        return int(self.environment["PGPORT"])

    @property
    def database(self):
        return self.environment["PGDATABASE"]

    @property
    def endpoint(self):
        return self.environment["LAKEBASE_ENDPOINT"]

    @property
    def root_certificate(self):
        return self.environment["PGSSLROOTCERT"]

    @cached_property
    def workspace(self):
        """The SDK's client, signed in the way this identity does."""
        return self.new_workspace()

    @property
    def settings(self):
        """How it signs in, by the names that a profile has."""
        names = {"host": "DATABRICKS_HOST", "token": "DATABRICKS_TOKEN"}
        names |= {"client_id": "DATABRICKS_CLIENT_ID", "client_secret": "DATABRICKS_CLIENT_SECRET"}
        return {name: self.environment[variable] for name, variable in names.items() if variable in self.environment}

    def profile(self, name):
        """The same as a section of a .databrickscfg."""
        return "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in self.settings.items()), "", ""])

    def new_workspace(self, **changes):
        settings = self.settings
        # What goes wrong is to be seen in seconds, not in the SDK's five minutes.
        settings |= {"retry_timeout_seconds": 20, "http_timeout_seconds": 20}
        return WorkspaceClient(config=Config(**(settings | changes)))

    def token(self, endpoint=None):
        """A fresh database credential."""
        return self.workspace.postgres.generate_database_credential(endpoint=endpoint or self.endpoint).token

    def login_at(self, endpoint, **changes):
        """The same for an endpoint as the API describes it."""
        changes = {"host": endpoint.status.hosts.host, "port": 5432} | changes
        if "password" not in changes:
            changes["password"] = self.token(endpoint.name)
        return self.login(**changes)

    def login(self, **changes):
        """Parameters of a libpq connection, with a fresh credential as password."""
        parameters = {
            "host": self.host,
            "port": self.port,
            "dbname": self.database,
            "user": self.user,
            "sslmode": "verify-full",
            "sslrootcert": self.root_certificate,
            "connect_timeout": 20,
        }
        if "password" not in changes:
            parameters["password"] = self.token()
        return parameters | changes
