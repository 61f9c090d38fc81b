# lakebase-swift · Apache License 2.0 · see LICENSE
"""What a live run sends: nothing that would change what is not its own."""

import json

import pytest
import requests
from live.guard import NotOurs, check

pytestmark = [pytest.mark.local_only("tests of script/test live itself"), pytest.mark.any_postgres]

OURS = "lakebase-interop-ab12-"
BASE = "https://acme.example/api/2.0"


def body(**fields):
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", "/postgres/projects/finance", None),
        ("POST", f"/postgres/projects?project_id={OURS}1", body(spec={})),
        ("POST", f"/postgres/projects/{OURS}1/branches?branch_id=b", body(spec={})),
        ("DELETE", f"/database/instances/{OURS}1?purge=true", None),
        ("POST", "/apps", body(name=f"{OURS}1")),
        ("POST", "/secrets/put", body(scope=f"{OURS}1", key="k")),
        ("POST", "/workspace/mkdirs", body(path=f"/Workspace/Users/me/{OURS}1/a")),
        ("PATCH", f"/permissions/database-projects/{OURS}1", body(access_control_list=[])),
        ("POST", "/postgres/credentials", body(endpoint="projects/finance/branches/main/endpoints/primary")),
    ],
)
def test_it_reads_and_changes_what_is_its_own(method, path, sent):
    check(method, BASE + path, sent, OURS)


@pytest.mark.parametrize(
    "host", ["acme.example/oidc/v1", "accounts.example/oidc/accounts/7/v1", "login.example/t/oauth2"]
)
def test_it_signs_in_wherever_that_is(host):
    check("POST", f"https://{host}/token", b"grant_type=client_credentials", OURS)


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("DELETE", "/postgres/projects/finance", None),
        ("DELETE", "/postgres/projects/finance?purge=lakebase-interop-ab12-1", None),
        ("POST", "/postgres/projects?project_id=", body(spec={"display_name": f"{OURS}1"})),
        ("POST", "/postgres/projects", body(spec={})),
        ("POST", "/apps", body(name="", description=f"{OURS}1")),
        ("POST", "/apps", body(name=f"../{OURS}1")),
        ("POST", "/workspace/delete", body(path=f"/Workspace/Users/me/{OURS}1/../finance")),
        ("POST", "/workspace/delete", body(path="/Workspace/Users/me", recursive=True)),
        ("PATCH", "/preview/scim/v2/Users/7", body(name="somebody")),
        ("DELETE", "/apps/lakebase-interop-ffff-1", None),
        ("POST", "/apps", b"not json"),
        ("POST", "/token", b"grant_type=client_credentials"),
        ("POST", "/apps", body()),
    ],
)
def test_all_else_is_not_sent(method, path, sent):
    with pytest.raises(NotOurs, match="was not sent"):
        check(method, BASE + path, sent, OURS)


@pytest.mark.parametrize(("place", "sent"), [(f"/Workspace/{OURS}1/a", True), ("/Workspace/a", False)])
def test_an_upload_is_known_by_its_path(place, sent):
    """As the SDK sends it: a form, whose file may say anything."""
    form = requests.Request(
        "POST",
        f"{BASE}/workspace/import",
        data={"path": place, "format": "AUTO"},
        files={"content": f"x{OURS}".encode()},
    ).prepare()
    if sent:
        check("POST", form.url, form.body, OURS)
    else:
        with pytest.raises(NotOurs):
            check("POST", form.url, form.body, OURS)
