# lakebase-swift · Apache License 2.0 · see LICENSE
"""What counts as a difference between two recordings, and what does not."""

import pytest
from live.differences import in_answers, in_ends
from live.recording import Answer, Recording

pytestmark = [pytest.mark.local_only("tests of script/test live itself"), pytest.mark.any_postgres]

ROUTE = ("GET", "/api/2.0/postgres/projects/{}")


def recording(outcome="passed", route=ROUTE, **answers):
    """One of a test that got these answers: of each status the paths with their kinds, or the message."""
    calls = {}
    for name, said in answers.items():
        status, _, code = name.removeprefix("got_").partition("_")
        answer = Answer({"": {"object"}} | said) if isinstance(said, dict) else Answer({"": {"object"}}, {said})
        calls[int(status), code or None] = answer
    return Recording({"test": {route: calls}} if calls else {}, {"test": {"test": "test", "outcome": outcome}})


def differences(dev, service):
    return [(one.about, one.dev, one.service) for one in in_answers(dev, service)]


def test_the_same_is_no_difference():
    one = recording(got_200={"name": {"text"}}, got_404_NOT_FOUND="not found")
    assert in_answers(one, one) == [] and in_ends(one, one) == []


def test_another_status_and_another_code():
    found = differences(recording(got_409_ALREADY_EXISTS="x"), recording(got_400_BAD_REQUEST="x"))
    assert found == [("status", "409 ALREADY_EXISTS", "400 BAD_REQUEST")]


def test_a_field_that_is_absent_is_named_without_what_is_in_it():
    dev = recording(got_200={"status": {"object"}})
    service = recording(got_200={"status": {"object"}, "status.hosts": {"object"}, "status.hosts.host": {"text"}})
    assert differences(dev, service) == [("field", "200 status.hosts: absent", "200 status.hosts: object")]
    assert differences(service, dev) == [("field", "200 status.hosts: object", "200 status.hosts: absent")]


def test_a_field_that_comes_in_other_tests_is_there_at_times():
    with_it, without = recording(got_200={"last_active_time": {"time"}}), recording(got_200={})
    for one, other in ((with_it, without), (without, with_it)):
        one.calls["other"], one.ends["other"] = dict(other.calls["test"]), {"test": "other", "outcome": "passed"}
    found = [(one.about, one.dev, one.tests) for one in in_answers(with_it, without)]
    assert found == [
        ("field at times", "200 last_active_time: absent", ("other",)),
        ("field at times", "200 last_active_time: time", ("test",)),
    ]


def test_a_page_has_the_fields_of_the_list():
    list_of, page_of = (("GET", f"/api/2.0/apps{page}") for page in ("", "?page_size"))
    dev, service = recording(route=page_of, got_200={}), recording(route=page_of, got_200={"resources": {"list"}})
    assert [one.about for one in in_answers(dev, service)] == ["field"]
    for one in (dev, service):
        one.calls["test"] = one.calls["test"] | recording(route=list_of, got_200={"resources": {"list"}}).calls["test"]
    assert [one.about for one in in_answers(dev, service)] == ["field at times"]


def test_another_kind_of_value():
    found = differences(recording(got_200={"size": {"number"}}), recording(got_200={"size": {"number as text"}}))
    assert found == [("kind", "200 size: number", "200 size: number as text")]


def test_other_words():
    found = differences(recording(got_404_NOT_FOUND="gone"), recording(got_404_NOT_FOUND="not found"))
    assert found == [("message", "gone", "not found")]


def test_an_empty_list_says_nothing_of_what_it_may_hold():
    full = recording(got_200={"apps": {"list"}, "apps[]": {"object"}, "apps[].id": {"text"}})
    assert differences(recording(got_200={"apps": {"list"}}), full) == []


def test_calls_that_a_failed_test_did_not_come_to_are_none():
    dev = recording(got_200={})
    assert differences(dev, recording("failed")) == []
    assert [about for about, _, _ in differences(dev, recording())] == ["call"]


def test_how_often_is_no_matter_and_signing_in_neither():
    token = ("POST", "/oidc/v1/token")
    assert differences(recording(route=token, got_200={}), recording()) == []


def test_the_same_difference_is_told_once_with_all_its_tests():
    dev, service = recording(got_200={}), recording(got_201={})
    for one in (dev, service):
        one.calls["other"], one.ends["other"] = one.calls["test"], {"test": "other", "outcome": "passed"}
    [found] = in_answers(dev, service)
    assert found.tests == ("other", "test")


def test_tests_that_end_otherwise():
    [(test, dev, service)] = in_ends(recording(), recording("failed"))
    assert (test, dev["outcome"], service["outcome"]) == ("test", "passed", "failed")
    assert [end["outcome"] for end in in_ends(recording(), Recording())[0][1:]] == ["passed", "not run"]
