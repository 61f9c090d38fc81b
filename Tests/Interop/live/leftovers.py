# lakebase-swift · Apache License 2.0 · see LICENSE
"""What live runs have made in a workspace, found again by its prefix, and taken away."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from databricks.sdk.common.lro import LroOptions
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import DatabricksError, NotFound
from databricks.sdk.service.postgres import Branch, BranchSpec
from support.waiting import LIMIT

# How often what could not be deleted is tried again, and after what pause, in seconds.
ROUNDS, PAUSE = 5, 3


@dataclass(frozen=True)
class Leftover:
    """One thing that is there, and how it is deleted."""

    kind: str
    name: str
    delete: Callable[[], None]

    def __str__(self):
        return f"{self.kind} {self.name}"


def find(workspace, prefix):
    """Everything of the workspace whose name has the prefix; and what could not be looked at, with the reason."""
    found, unseen = [], []
    for kind, look in LOOKS.items():
        try:
            found += [one for one in look(workspace) if prefix in one.name]
        except DatabricksError as error:
            unseen.append(f"{kind}: {type(error).__name__} {error.error_code or ''}".strip())
    return found, unseen


def delete(workspace, prefix, say):
    """Deletes everything with the prefix; returns what is there still."""
    left = []
    for round in range(ROUNDS):
        left, unseen = find(workspace, prefix)
        if not left:
            break
        if round:
            time.sleep(PAUSE)
        for one in left:
            try:
                one.delete()
                say(f"deleted {one}")
            except NotFound:
                # It went with another one.
                pass
            except Exception as error:
                say(f"not deleted: {one}: {type(error).__name__}: {error}")
    else:
        left, unseen = find(workspace, prefix)
    return [str(one) for one in left] + [f"not looked at: {reason}" for reason in unseen]


def _projects(workspace):
    for project in workspace.postgres.list_projects(show_deleted=True):
        yield Leftover("project", project.name, lambda name=project.name: _delete_project(workspace, name))


def _delete_project(workspace, name):
    """Deletes a project for good, of which tests may have protected branches."""
    limit = LroOptions(timeout=LIMIT)
    try:
        workspace.postgres.delete_project(name, purge=True).wait(limit)
    except NotFound:
        raise
    except DatabricksError:
        free = Branch(spec=BranchSpec(is_protected=False))
        for branch in workspace.postgres.list_branches(name):
            if branch.status.is_protected:
                workspace.postgres.update_branch(branch.name, free, FieldMask(["spec.is_protected"])).wait(limit)
        workspace.postgres.delete_project(name, purge=True).wait(limit)


def _instances(workspace):
    for instance in workspace.database.list_database_instances():
        name = instance.name
        yield Leftover(
            "database instance",
            name,
            lambda name=name: workspace.database.delete_database_instance(name, force=True, purge=True),
        )


def _apps(workspace):
    for app in workspace.apps.list():
        yield Leftover("app", app.name, lambda name=app.name: workspace.apps.delete(name))


def _folders(workspace):
    home = f"/Workspace/Users/{workspace.current_user.me().user_name}"
    try:
        listed = list(workspace.workspace.list(home))
    except NotFound:
        return
    for one in listed:
        yield Leftover(
            "workspace folder", one.path, lambda path=one.path: workspace.workspace.delete(path, recursive=True)
        )


def _scopes(workspace):
    for scope in workspace.secrets.list_scopes():
        yield Leftover("secret scope", scope.name, lambda name=scope.name: workspace.secrets.delete_scope(name))


# Apps go first: they use what comes after them.
LOOKS = {
    "apps": _apps,
    "projects": _projects,
    "database instances": _instances,
    "workspace folders": _folders,
    "secret scopes": _scopes,
}
