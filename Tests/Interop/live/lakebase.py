# lakebase-swift · Apache License 2.0 · see LICENSE
"""A project of the run's own in a workspace, in the place of the local Lakebase."""

from pathlib import Path

import psycopg
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service.database import DatabaseInstance
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel
from databricks.sdk.service.postgres import Project, ProjectSpec, Role, RoleIdentityType, RoleRoleSpec
from live.recording import SERVES
from psycopg import sql
from support.identity import Identity
from support.names import new_id
from support.waiting import LIMIT, done

NO_APP = "wants a second profile, a service principal's: --app-profile"


def config(target, profile, **changes):
    """The SDK's settings for a profile, by whatever way it signs in."""
    limits = {"retry_timeout_seconds": 120, "http_timeout_seconds": 60}
    return Config(profile=profile, config_file=target.config_file, **(limits | changes))


class LiveIdentity(Identity):
    """Who a profile signs in as."""

    def __init__(self, name, target, profile):
        super().__init__(name, {})
        self._target, self._profile = target, profile
        settings = self.workspace.config
        self.environment |= {
            "DATABRICKS_HOST": settings.host,
            "PGUSER": self.workspace.current_user.me().user_name,
            "PGPORT": "5432",
            "PGDATABASE": "databricks_postgres",
            "PGSSLMODE": "require",
            "PGSSLROOTCERT": target.root_certificates,
            "NODE_EXTRA_CA_CERTS": target.root_certificates,
        }
        # Other ways to sign in cannot be put into variables.
        if settings.auth_type == "pat":
            self.environment["DATABRICKS_TOKEN"] = settings.token
        elif settings.auth_type == "oauth-m2m":
            self.environment |= {
                "DATABRICKS_CLIENT_ID": settings.client_id,
                "DATABRICKS_CLIENT_SECRET": settings.client_secret,
            }

    def new_workspace(self, **changes):
        if {"token", "client_id", "client_secret"} & set(changes):
            return super().new_workspace(**changes)
        return WorkspaceClient(config=config(self._target, self._profile, **changes))


class LiveLakebase:
    """A new project, which the tests use as they use projects/local."""

    def __init__(self, target):
        self.developer = LiveIdentity("developer", target, target.profile)
        self._app = LiveIdentity("app", target, target.app_profile) if target.app_profile else None
        self.host = self.developer.environment["DATABRICKS_HOST"]
        self.project_id = new_id("local")
        postgres = self.developer.workspace.postgres
        made = self._make()
        self.project = made.name
        self.branch = made.status.default_branch
        [endpoint] = postgres.list_endpoints(self.branch)
        self.endpoint = endpoint.name
        for identity in filter(None, (self.developer, self._app)):
            identity.environment |= {"PGHOST": endpoint.status.hosts.host, "LAKEBASE_ENDPOINT": self.endpoint}
        with psycopg.connect(**self.developer.login(), autocommit=True) as connection:
            serves = connection.info.parameter_status("server_version").split()[0]
            Path(target.recordings, SERVES).write_text(serves)
            if self._app is not None:
                self._let_in(self._app, connection)

    @property
    def app(self):
        if self._app is None:
            pytest.skip(NO_APP)
        return self._app

    def _make(self):
        """The project, made as a database instance so that both APIs know it; where they do not, made as a project."""
        workspace = self.developer.workspace
        wanted = DatabaseInstance(name=self.project_id, capacity="CU_1")
        try:
            workspace.database.create_database_instance_and_wait(wanted, timeout=LIMIT)
            return workspace.postgres.get_project(f"projects/{self.project_id}")
        except DatabricksError:
            self.project_id = new_id("local")
            spec = ProjectSpec(display_name=self.project_id)
            return done(workspace.postgres.create_project(Project(spec=spec), self.project_id))

    def _let_in(self, identity, connection):
        """What an app's service principal has in the local project: a role that may make schemas, and credentials."""
        kind = RoleIdentityType.SERVICE_PRINCIPAL if identity.is_service_principal else RoleIdentityType.USER
        spec = RoleRoleSpec(postgres_role=identity.user, identity_type=kind)
        workspace = self.developer.workspace
        done(workspace.postgres.create_role(self.branch, Role(spec=spec), role_id=new_id("role")))
        name = {"service_principal_name" if identity.is_service_principal else "user_name": identity.user}
        manage = AccessControlRequest(permission_level=PermissionLevel.CAN_MANAGE, **name)
        workspace.permissions.update("database-projects", self.project_id, access_control_list=[manage])
        database, role = sql.Identifier(self.developer.database), sql.Identifier(identity.user)
        connection.execute(sql.SQL("GRANT CONNECT, CREATE ON DATABASE {} TO {}").format(database, role))

    def stop(self):
        done(self.developer.workspace.postgres.delete_project(self.project, purge=True))
