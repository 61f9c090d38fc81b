# lakebase-swift · Apache License 2.0 · see LICENSE
"""What live runs have made in a workspace, found again by its prefix, and taken away."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from databricks.sdk.common.lro import LroOptions
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import DatabricksError, NotFound
from databricks.sdk.service.postgres import Branch, BranchSpec
from support.waiting import LIMIT

# How often a deletion that is refused is tried again.
ATTEMPTS = 3
# How long what is being deleted may take to be gone, and the pause between two looks, in seconds.
PATIENCE, PAUSE = 600, 3


@dataclass(frozen=True)
class Leftover:
    """One thing that is there, and how it is deleted."""

    kind: str
    name: str
    delete: Callable[[], None]

    def __str__(self):
        return f"{self.kind} {self.name}"


def find(workspace, prefix):
    """Everything of the workspace whose name has the prefix, a pattern; and what could not be looked at, and why."""
    found, unseen = [], []
    for kind, look in LOOKS.items():
        try:
            found += [one for one in look(workspace) if re.search(prefix, one.name)]
        except DatabricksError as error:
            unseen.append(f"{kind}: {type(error).__name__} {error.error_code or ''}".strip())
    return found, unseen


def delete(workspace, prefix, say):
    """Deletes everything with the prefix and waits until it is gone; returns what is there still."""
    refusals, asked, seen = {}, set(), False
    deadline = time.monotonic() + PATIENCE
    while True:
        left, unseen = find(workspace, prefix)
        for one in left:
            name = str(one)
            if name in asked or refusals.get(name, 0) == ATTEMPTS:
                continue
            try:
                one.delete()
            except NotFound:
                # It went with another one.
                asked.add(name)
            except Exception as error:
                refusals[name] = refusals.get(name, 0) + 1
                say(f"not deleted: {name}: {type(error).__name__}: {error}")
            else:
                asked.add(name)
                say(f"deleted {name}")
        hopeless = all(refusals.get(str(one), 0) == ATTEMPTS for one in left)
        if hopeless or time.monotonic() > deadline:
            return [str(one) for one in left] + [f"not looked at: {reason}" for reason in unseen]
        # A first look again at once: most things are gone when the call comes back.
        time.sleep(PAUSE if seen else 0)
        seen = True


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
