# lakebase-swift · Apache License 2.0 · see LICENSE
"""Nothing of the workspace's own gets into a report, wherever it was planted."""

import json

import pytest
import requests
from live import report
from live.plugin import error
from live.recording import Recorder, read
from live.redaction import Known, skeleton
from live.routes import route
from live.shapes import shape

pytestmark = [pytest.mark.local_only("tests of script/test live itself"), pytest.mark.any_postgres]

SECRETS = {
    "token": "dapi0123456789abcdef0123456789abcdef",
    "jwt": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJl",
    "client secret": "dose98f0a1b2c3d4e5f60718293a4b5c6d7e",
    "host": "adb-984752964297111.11.azuredatabricks.net",
    "user": "jane.roe@acme-corp.example",
    "name": "Jane Roe",
    "id": "br-quiet-moon-8x2k1p",
    "uuid": "7a9c1f1e-8f53-4a84-9c5e-5f3a2f1b7a11",
    "number": "984752964297111",
    "warehouse": "acme_finance_2026",
}
# What the run is told by the workspace itself; of the rest nothing is known.
KNOWN = Known([SECRETS["host"], SECRETS["user"], SECRETS["name"], "lakebase-interop-ab12"])


def answer(status, body, method="GET", path="/api/2.0/postgres/projects"):
    response = requests.Response()
    response.status_code = status
    response._content = json.dumps(body).encode()
    return requests.Request(method, f"https://{SECRETS['host']}{path}").prepare(), response


def recorded(folder, *exchanges, end=("passed",)):
    """A test with these exchanges, and another one that ended so."""
    recorder = Recorder(folder, "main")
    for request, response in exchanges:
        recorder.call("test", request, response, False)
    recorder.end("test", "passed")
    recorder.end("other", *end)
    return read(folder)


def test_no_secret_reaches_a_report(tmp_path):
    """Each as a value, as a key, within a text, in a path, in a parameter, in an error of the tests, in a code."""
    exchanges = []
    for secret in SECRETS.values():
        exchanges += [
            answer(
                200, {"name": secret, "spec": {"nested": [secret, {"deep": secret}]}, "pg_settings": {secret: secret}}
            ),
            answer(200, {secret: {secret: 1}, "options": {"work_mem": secret}}),
            answer(
                404, {"error_code": secret, "message": f"project {secret} of {secret!r} not found [TraceId: {secret}]"}
            ),
            answer(400, {"error": secret, "error_description": f"bad:{secret}/x={secret}"}, "POST", f"/oidc/{secret}"),
            answer(
                200, {}, "DELETE", f"/api/2.0/postgres/projects/{secret}/branches/{secret}?{secret}=1&purge={secret}"
            ),
            answer(404, {"error_code": "NOT_FOUND", "message": f"{secret}: no {secret}, {secret}"}),
            answer(500, [secret], "PATCH", f"/api/2.0/apps/{secret}"),
        ]
    raised = error(AssertionError(" ".join(SECRETS.values())))
    service = recorded(tmp_path / "service", *exchanges, end=("failed", None, raised))
    dev = recorded(
        tmp_path / "dev",
        answer(200, {"name": 1, "pg_settings": {}}),
        answer(404, {"error_code": "NOT_FOUND", "message": "project id not found"}),
    )
    written = "".join(file.read_text() for file in (tmp_path / "service").iterdir())
    made = report.make(dev, service, {"lakebase": "0"}, KNOWN)
    shown = report.as_text(made) + report.as_json(made)
    # Only what is made of nothing but words that the SDK has too is left to what is known of the workspace.
    hard = [secret for secret in SECRETS.values() if secret != SECRETS["name"]]
    assert [secret for secret in hard if secret in written] == []
    assert [secret for secret in SECRETS.values() if secret in shown] == []
    assert KNOWN.leaks(shown) == []
    # The planted ones were not simply left out with all that is about them.
    assert {one["about"] for one in made["answers"]} == {"call", "field", "kind", "message", "status"}
    assert "/api/2.0/postgres/projects/{}/branches/{}?purge&{}" in shown
    assert "200 {}: absent" in shown and "failed at outside of the tests: AssertionError: {}" in shown


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            'branch already exists; branch_name:"quarterly-figures" [TraceId: 5f3a2f1b7a11]',
            'branch already exists; branch_name:"{}" [TraceId: {}]',
        ),
        ("project id not found", "project id not found"),
        ("Identity 'jane.roe@acme-corp.example' not found", "Identity '{}' not found"),
        ("Unknown field path in update_mask: 'spec.ttl'", "Unknown field path in update_mask: 'spec.ttl'"),
        ("x" * 9_000, "{}"),
        ("not\nfound:\n\n  jane", "not found: {}"),
    ],
)
def test_what_is_left_of_a_text(said, kept):
    assert skeleton(said) == kept


def test_words_of_a_name_go_though_the_sdk_has_them():
    assert Known(["Grant Page"]).without("the grant of page {} is not a table") == "the {} of {} {} is not a table"
    assert Known(["Ann"]).leaks("a planned channel") == []


def test_a_route_keeps_what_every_workspace_has():
    base = "https://x/api/2.0"
    assert (
        route(f"{base}/postgres/projects/p/branches/b/endpoints/e")
        == "/api/2.0/postgres/projects/{}/branches/{}/endpoints/{}"
    )
    assert route(f"{base}/permissions/database-projects/p") == "/api/2.0/permissions/database-projects/{}"
    assert route(f"{base}/apps/shop/deployments?page_size=1") == "/api/2.0/apps/{}/deployments?page_size"
    assert route(f"{base}/preview/scim/v2/Users/7") == "/api/2.0/preview/scim/v2/Users/{}"


def test_a_shape_has_kinds_and_no_values():
    value = {
        "a": "x",
        "b": [{"c": 1}, {"c": "7"}],
        "d": "2026-01-02T03:04:05Z",
        "e": "600s",
        "f": None,
        "custom_tags": {"k": True},
    }
    assert shape(value) == {
        "": {"object"},
        "a": {"text"},
        "b": {"list"},
        "b[]": {"object"},
        "b[].c": {"number", "number as text"},
        "d": {"time"},
        "e": {"duration"},
        "f": {"null"},
        "custom_tags": {"object"},
        "custom_tags.{}": {"truth"},
    }
