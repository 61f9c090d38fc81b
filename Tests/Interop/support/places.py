# lakebase-swift · Apache License 2.0 · see LICENSE
"""Where a test can run: on a real workspace as well (`live`), or on `lakebase dev` only, with the reason (`local_only`).

Each module says which; a test of it, or a case of one, can say otherwise. One that says neither fails the run.
"""

import inspect
from pathlib import Path

# What is wrong in a test that is to run on a real workspace.
LOCAL_FIXTURES = ("hasty_lakebase", "server")
LOCAL_WORDS = ("projects/local", '"local"', "'local'", "LocalLakebase(", "make_administrator")
# Whole folders, whose tests need no mark of their own.
FOLDERS = {"programs": "installs and runs whole programs, which has not been tried on the platform yet"}


def reason_to_stay_local(item):
    """Why a test is not for a real workspace; None if it is for one."""
    mark = _mark(item)
    if mark is None:
        return FOLDERS.get(_folder(item))
    return mark.args[0] if mark.name == "local_only" else None


def misplaced(item):
    """What is wrong about how a test says where it can run."""
    mark = _mark(item)
    if mark is None:
        return [] if _folder(item) in FOLDERS else [f"{item.nodeid}: mark it with live, or with local_only(reason)"]
    if mark.name == "local_only":
        reasons = [reason for reason in mark.args if isinstance(reason, str) and reason.strip()]
        return [] if len(reasons) == len(mark.args) == 1 else [f"{item.nodeid}: local_only wants one reason"]
    wrong = [f"the fixture {name}" for name in LOCAL_FIXTURES if name in _fixtures(item)]
    wrong += [f"{word} in its source" for word in LOCAL_WORDS if word in inspect.getsource(item.function)]
    return [f"{item.nodeid} is marked live, and has {what}" for what in wrong]


def _fixtures(item):
    """What a test asks for itself: `server` is also behind the fixture that is for both."""
    return inspect.signature(item.function).parameters


def _mark(item):
    """The nearest of the two marks: the case's, the test's, the module's."""
    for mark in item.iter_markers():
        if mark.name in ("live", "local_only"):
            return mark
    return None


def _folder(item):
    return Path(item.path).relative_to(Path(__file__).parents[1]).parts[0]
