# lakebase-swift · Apache License 2.0 · see LICENSE
"""Profiles that a live run cannot begin with: each is told what is wrong and what to do."""

import pytest
from live.service import Refusal, known, sign_in
from live.tests.other_service import OtherService

pytestmark = [pytest.mark.local_only("tests of script/test live itself"), pytest.mark.any_postgres]

ME = {
    "id": "7",
    "userName": "jane.roe@acme.example",
    "displayName": "Jane Roe",
    "emails": [{"type": "work", "value": "j@acme.example"}],
}


@pytest.fixture
def profiles(tmp_path):
    """Writes a file of profiles; a link of each name to a host and a token."""

    def write(**hosts):
        file = tmp_path / "databrickscfg"
        file.write_text("".join(f"[{name}]\nhost = {host}\ntoken = dapi0123\n" for name, host in hosts.items()))
        return str(file)

    return write


def workspace(answers):
    """A workspace that answers so by the end of the path, and to all else that there is no such route."""

    def change(method, path, status, body):
        found = [answer for end, answer in answers.items() if path.endswith(end)]
        return found[0] if found else (404, {"error_code": "ENDPOINT_NOT_FOUND", "message": "No API found"})

    return OtherService(change)


def refused(profile, file):
    with pytest.raises(Refusal) as raised:
        sign_in(profile, file)
    return str(raised.value)


def test_there_is_no_such_profile(profiles, tmp_path):
    text = refused("prod", profiles(test="http://127.0.0.1:1", other="http://127.0.0.1:1"))
    assert "no profile prod" in text and "these are: test, other" in text
    assert "databricks auth login --profile prod" in refused("prod", str(tmp_path / "missing"))


def test_the_token_has_ended(profiles):
    for status, code in ((401, "UNAUTHENTICATED"), (403, "PERMISSION_DENIED")):
        with workspace({"/Me": (status, {"error_code": code, "message": "Invalid access token."})}) as host:
            text = refused("prod", profiles(prod=host.host))
    assert "does not take the sign-in of the profile prod: Invalid access token." in text
    assert text.endswith("Sign in again: databricks auth login --profile prod")
    assert "dapi0123" not in text


def test_a_profile_with_two_ways_to_sign_in(tmp_path):
    file = tmp_path / "databrickscfg"
    with workspace({}) as host:
        file.write_text(f"[prod]\nhost = {host.host}\ntoken = secret-a\nclient_id = b\nclient_secret = secret-c\n")
        text = refused("prod", str(file))
    assert "The profile prod cannot sign in" in text and "more than one authorization method" in text
    assert "secret-" not in text


@pytest.mark.parametrize(
    "status, code", [(404, "ENDPOINT_NOT_FOUND"), (501, "NOT_IMPLEMENTED"), (400, "FEATURE_DISABLED")]
)
def test_the_workspace_has_no_lakebase(profiles, status, code):
    with workspace({"/Me": (200, ME), "/projects": (status, {"error_code": code, "message": "Not here."})}) as host:
        text = refused("prod", profiles(prod=host.host))
    assert f"The workspace {host.host} has no Lakebase" in text and "Not here." in text


def test_who_may_not_list_projects_is_told_so(profiles):
    denied = (403, {"error_code": "PERMISSION_DENIED", "message": "Ask an administrator."})
    with workspace({"/Me": (200, ME), "/projects": denied}) as host:
        text = refused("prod", profiles(prod=host.host))
    assert "jane.roe@acme.example may not list the Lakebase projects" in text


def test_what_it_says_of_itself_is_known_and_stays_here(profiles):
    with workspace({"/Me": (200, ME), "/projects": (200, {})}) as host:
        service = sign_in("prod", profiles(prod=host.host))
    said = "Jane Roe j@acme.example, ROE, acme, dapi0123 on 127.0.0.1: work"
    assert known([service], "lakebase-interop-ab12-").without(said) == "{} {}, {}, {}, {} on {}: work"
