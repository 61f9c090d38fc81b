# lakebase-swift · Apache License 2.0 · see LICENSE
"""Each test says where it can run, and the run fails where one does not, or says what is not so."""

from types import SimpleNamespace

import pytest
from support import places
from support.places import misplaced, reason_to_stay_local

pytestmark = [pytest.mark.local_only("tests of script/test live itself"), pytest.mark.any_postgres]

SDK = places.__file__.replace("support/places.py", "sdk/test_x.py")


def item(function, *marks, path=SDK):
    """A test as pytest collects it; the nearest mark stands first."""
    return SimpleNamespace(
        nodeid="x", function=function, path=path, iter_markers=lambda: iter(mark.mark for mark in marks)
    )


def plain(workspace):
    pass


def of_this_machine(workspace):
    workspace.postgres.get_project("projects/local")


def hasty(hasty_lakebase):
    pass


LIVE, LOCAL = pytest.mark.live, pytest.mark.local_only


def test_a_test_says_where_it_runs():
    assert misplaced(item(plain, LIVE)) == []
    assert misplaced(item(plain, LOCAL("sleeps"))) == []
    assert misplaced(item(plain, pytest.mark.route("GET /x")))[0].endswith(
        "mark it with live, or with local_only(reason)"
    )


def test_it_has_a_reason_to_stay():
    for mark in (LOCAL(), LOCAL(""), LOCAL(" "), LOCAL("a", "b")):
        assert misplaced(item(plain, mark)) == ["x: local_only wants one reason"]


def test_what_is_only_here_is_not_live():
    assert misplaced(item(of_this_machine, LIVE)) == ["x is marked live, and has projects/local in its source"]
    assert misplaced(item(hasty, LIVE)) == ["x is marked live, and has the fixture hasty_lakebase"]
    assert misplaced(item(hasty, LOCAL("tokens of seconds"))) == []


def test_the_nearest_mark_counts():
    assert reason_to_stay_local(item(plain, LOCAL("sleeps"), LIVE)) == "sleeps"
    assert reason_to_stay_local(item(plain, LIVE, LOCAL("sleeps"))) is None


def test_programs_stay_without_a_mark():
    path = places.__file__.replace("support/places.py", "programs/test_x.py")
    assert misplaced(item(plain, path=path)) == []
    assert reason_to_stay_local(item(plain, path=path)) == places.FOLDERS["programs"]
    assert reason_to_stay_local(item(plain, LIVE, path=path)) is None
