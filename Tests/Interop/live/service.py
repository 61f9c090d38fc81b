# lakebase-swift · Apache License 2.0 · see LICENSE
"""The workspace that a profile names: whether it can be reached and has Lakebase, and who the profile is there."""

import configparser
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import certifi
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.errors import DatabricksError, PermissionDenied, Unauthenticated
from live.redaction import Known


class Refusal(Exception):
    """Why a live run cannot begin, and what to do about it."""


@dataclass
class Service:
    """A profile that signs in, and what is known of it."""

    profile: str
    config_file: str
    workspace: WorkspaceClient
    user: str
    known: list

    @property
    def host(self):
        return self.workspace.config.host

    @property
    def cloud(self):
        """Which cloud the workspace is of, by the end of its host."""
        name = urlsplit(self.host).hostname or ""
        ends = {".azuredatabricks.net": "Azure", ".gcp.databricks.com": "GCP", ".databricks.com": "AWS"}
        return next((cloud for end, cloud in ends.items() if name.endswith(end)), "another")


def config_file():
    """The file with the profiles, as the SDK looks for it."""
    return str(Path(os.environ.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg").expanduser())


def root_certificates():
    """The authorities to verify the database's certificate by: what libpq was told, or the system's, or Mozilla's."""
    named = os.environ.get("PGSSLROOTCERT")
    places = [named, ssl.get_default_verify_paths().cafile, "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"]
    return next((place for place in places if place and Path(place).is_file()), certifi.where())


def sign_in(profile, file):
    """Signs in by a profile and looks whether the workspace has Lakebase; raises Refusal with the remedy."""
    _has_profile(profile, file)
    again = f"Sign in again: databricks auth login --profile {profile}"
    try:
        settings = Config(profile=profile, config_file=file, retry_timeout_seconds=20, http_timeout_seconds=20)
        workspace = WorkspaceClient(config=settings)
        me = workspace.current_user.me()
    except (Unauthenticated, PermissionDenied) as error:
        # The SDK adds its settings, which say nothing of the cause.
        cause = str(error).partition(" Config: ")[0]
        raise Refusal(f"The workspace does not take the sign-in of the profile {profile}: {cause}\n{again}") from None
    except DatabricksError as error:
        raise Refusal(f"The workspace of the profile {profile} does not say who we are: {error}") from None
    except ValueError as error:
        cause = str(error).partition(" Config: ")[0]
        raise Refusal(f"The profile {profile} cannot sign in: {cause}\n{again}") from None
    except Exception as error:
        raise Refusal(
            f"The workspace of the profile {profile} cannot be reached: {type(error).__name__}: {error}"
        ) from None
    try:
        next(iter(workspace.postgres.list_projects(page_size=1)), None)
    except (PermissionDenied, Unauthenticated) as error:
        raise Refusal(f"{me.user_name} may not list the Lakebase projects of {settings.host}: {error}") from None
    except DatabricksError as error:
        raise Refusal(
            f"The workspace {settings.host} has no Lakebase (GET /api/2.0/postgres/projects: {error})\n"
            "Not every workspace and region has it; take the profile of one that does."
        ) from None
    return Service(profile, file, workspace, me.user_name, _known(workspace, me))


def _has_profile(profile, file):
    names = configparser.ConfigParser(default_section="", interpolation=None)
    try:
        with open(file) as opened:
            names.read_file(opened)
    except OSError as error:
        raise Refusal(
            f"There are no profiles in {file}: {error.strerror}\nMake one: databricks auth login --profile {profile}"
        ) from None
    except configparser.Error as error:
        raise Refusal(f"{file} cannot be read: {type(error).__name__}") from None
    if not names.has_section(profile):
        others = ", ".join(name for name in names.sections() if name != "__settings__") or "none"
        raise Refusal(f"There is no profile {profile} in {file}; these are: {others}")


def _known(workspace, me):
    """What is never to be in a report: the host, who signed in by all names and ids, and the secrets."""
    settings = workspace.config
    values = [
        settings.host,
        urlsplit(settings.host).hostname,
        settings.workspace_id,
        settings.account_id,
        settings.profile,
    ]
    values += [settings.token, settings.client_id, settings.client_secret]
    values += [settings.authenticate().get("Authorization", "").removeprefix("Bearer ")]
    said = me.as_dict()
    values += _texts([said.get(name) for name in ("id", "userName", "displayName", "name", "emails", "externalId")])
    values += [group.display for group in me.groups or () if group.display not in ("users", "admins")]
    return [str(value) for value in values if value]


def _texts(value):
    if isinstance(value, dict):
        return [text for name, inner in value.items() if name != "type" for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


def known(services, prefix):
    return Known([prefix.rstrip("-"), *(value for service in services for value in service.known)])
