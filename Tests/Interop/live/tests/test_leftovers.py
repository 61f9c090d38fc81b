# lakebase-swift · Apache License 2.0 · see LICENSE
"""Taking away what a run made: all of it, nothing else, and with a word of what cannot be."""

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service.apps import App
from databricks.sdk.service.database import DatabaseInstance
from databricks.sdk.service.postgres import Branch, BranchSpec, Project, ProjectSpec
from live import leftovers
from live.leftovers import Leftover, delete, find
from live.target import ANY_RUN
from support.waiting import done

pytestmark = [pytest.mark.local_only("tests of script/test live itself"), pytest.mark.any_postgres]

OURS, OTHERS = "lakebase-interop-0001-", "lakebase-interop-0002-"


def test_all_that_a_run_made_goes_and_nothing_else(lakebase):
    """Protected branches and things that were deleted already among it, and the same things of another run beside."""
    developer = lakebase.developer
    workspace = developer.workspace
    home = f"/Workspace/Users/{developer.user}"
    project = done(workspace.postgres.create_project(Project(spec=ProjectSpec()), f"{OURS}p")).name
    spec = BranchSpec(no_expiry=True, is_protected=True)
    done(workspace.postgres.create_branch(project, Branch(spec=spec), "kept"))
    workspace.database.create_database_instance(DatabaseInstance(name=f"{OURS}i", capacity="CU_1"))
    for prefix in (OURS, OTHERS):
        workspace.apps.create(App(name=f"{prefix}a"), no_compute=True)
        workspace.workspace.mkdirs(f"{home}/{prefix}f/below")
        workspace.secrets.create_scope(f"{prefix}s")
    gone = done(workspace.postgres.create_project(Project(spec=ProjectSpec()), f"{OURS}g")).name
    done(workspace.postgres.delete_project(gone))
    said = []
    assert delete(workspace, OURS, said.append) == []
    assert {one.partition(" lakebase")[0].partition(" /")[0].partition(" projects")[0] for one in said} >= {
        "deleted app",
        "deleted project",
        "deleted workspace folder",
        "deleted secret scope",
    }
    assert find(workspace, OURS) == ([], [])
    left, _ = find(workspace, OTHERS)
    assert {one.kind for one in left} == {"app", "workspace folder", "secret scope"}
    assert delete(workspace, OTHERS, said.append) == []


@pytest.fixture
def things(monkeypatch):
    """Things that are there until something happens; `kept` refuse to go, `slow` go after two looks."""
    there = {"kept": 99, "slow": 2, "gone": 0}

    def refuse():
        raise PermissionDenied("not you")

    def vanish():
        raise NotFound("it is not there")

    def look(_):
        there["slow"] -= 1
        acts = {"kept": refuse, "slow": lambda: None, "gone": vanish}
        found = [Leftover("thing", f"{OURS}{name}", act) for name, act in acts.items() if there[name] > 0]
        return found

    monkeypatch.setattr(leftovers, "LOOKS", {"things": look})
    monkeypatch.setattr(leftovers, "PAUSE", 0)
    return there


def test_names_of_somebody_else_are_none_of_a_run(monkeypatch):
    names = ["lakebase-interop-0a1b-12345678", "lakebase-interop-test", "lakebase-interop-2026-figures", "interop"]
    monkeypatch.setattr(
        leftovers, "LOOKS", {"things": lambda _: [Leftover("thing", name, lambda: None) for name in names]}
    )
    assert [one.name for one in find(None, ANY_RUN)[0]] == names[:1]


def test_what_cannot_be_deleted_is_named_after_some_attempts(things):
    said = []
    assert delete(None, OURS, said.append) == [f"thing {OURS}kept"]
    assert said.count(f"not deleted: thing {OURS}kept: PermissionDenied: not you") == leftovers.ATTEMPTS


def test_what_takes_its_time_is_waited_for_and_asked_once(things):
    things["kept"], things["slow"] = 0, 4
    said = []
    assert delete(None, OURS, said.append) == []
    assert said == [f"deleted thing {OURS}slow"]


def test_what_cannot_be_looked_at_is_said(monkeypatch):
    def look(_):
        raise PermissionDenied("not you", error_code="PERMISSION_DENIED")

    monkeypatch.setattr(leftovers, "LOOKS", {"apps": look})
    assert delete(None, OURS, print) == ["not looked at: apps: PermissionDenied PERMISSION_DENIED"]
