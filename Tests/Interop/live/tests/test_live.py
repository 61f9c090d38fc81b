# lakebase-swift · Apache License 2.0 · see LICENSE
"""`script/test live` from end to end, against a second `lakebase dev` that stands for the service."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from live.tests.other_service import OtherService

pytestmark = [
    pytest.mark.local_only("tests of script/test live itself"),
    pytest.mark.any_postgres,
    # Each starts pytest twice, and a lakebase dev.
    pytest.mark.timeout(240),
]

TESTS = Path(__file__).parents[2]
PLANTED = ["dapi0123456789abcdef", "jane.roe@acme.example", "adb-98475.11.azuredatabricks.net", "acme_finance_2026"]
PROJECT = "sdk/test_postgres_projects.py::test_the_local_project"
UNKNOWN = "sdk/test_postgres_projects.py::test_an_unknown_project"
SECRETS = "sdk/test_secrets.py::test_scopes_are_listed_and_there_once"
# Nothing of it is answered otherwise.
SAME = "sdk/test_secrets.py::test_a_secret_is_put_read_and_deleted"


class Run:
    """Starts `live` with a profile of a workspace, of which nothing but the profile is told."""

    def __init__(self, lakebase, folder):
        self._lakebase, self.report = lakebase, folder / "report"
        self._file = folder / "databrickscfg"
        self.profile_of(lakebase.host)

    def profile_of(self, host):
        developer = self._lakebase.developer.profile("service").replace(self._lakebase.host, host)
        self._file.write_text(developer + self._lakebase.app.profile("app").replace(self._lakebase.host, host))

    def start(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment |= {
            "DATABRICKS_CONFIG_FILE": str(self._file),
            "PGSSLROOTCERT": self._lakebase.developer.root_certificate,
            # What the shell has of another workspace is not to be taken for the profile's.
            "DATABRICKS_HOST": "http://127.0.0.1:1",
            "DATABRICKS_TOKEN": "dapi-of-another-workspace",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "live", "service", "--report", self.report, *arguments],
            cwd=TESTS,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # What a shell starts in the background ignores Ctrl-C, and so would all that it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def __call__(self, *arguments, status=0):
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=200)
        assert process.returncode == status, said
        return said


@pytest.fixture
def live(lakebase, tmp_path):
    return Run(lakebase, tmp_path)


@pytest.fixture
def made(lakebase):
    """What of live runs is in the workspace."""
    postgres = lakebase.developer.workspace.postgres

    def names():
        return [one.name for one in postgres.list_projects(show_deleted=True) if "lakebase-interop-" in one.name]

    return names


def test_the_report_names_what_is_otherwise_and_nothing_else(live, lakebase, made):
    """Five things are; what is planted in them stays in the workspace."""

    def change(method, path, status, body):
        if path.endswith("/postgres/projects/missing"):
            text = f"no project for {PLANTED[1]} at {PLANTED[2]} [TraceId: {PLANTED[0]}]"
            return 404, {"error_code": "NOT_FOUND", "message": text}
        if method == "GET" and "/postgres/projects/lakebase-interop-" in path and "status" in (body or {}):
            if "default_branch" in body["status"]:
                del body["status"]["enable_pg_native_login"]
                body["status"]["synthetic_storage_size"] = PLANTED[0]
                body["labels"] = {PLANTED[3]: PLANTED[1]}
                body["uid"] = 7
                return status, body
        if path.endswith("/scopes/create") and status == 400:
            return 409, {"error_code": "ALREADY_EXISTS", "message": f"{PLANTED[3]} already exists"}
        return None

    with OtherService(change, lakebase.host) as service:
        live.profile_of(service.host)
        said = live("--yes", "--app-profile", "app", "--numprocesses", "0", PROJECT, UNKNOWN, SECRETS, SAME)
    assert made() == []
    report = json.loads(live.report.with_name("report.json").read_text())
    project = "/api/2.0/postgres/projects/{}"
    got = sorted((one["route"], one["about"], one["dev"], one["service"]) for one in report["answers"])
    assert got == [
        (project, "field", "200 labels: absent", "200 labels: object"),
        (project, "field", "200 status.enable_pg_native_login: truth", "200 status.enable_pg_native_login: absent"),
        (project, "field", "200 status.synthetic_storage_size: absent", "200 status.synthetic_storage_size: text"),
        (project, "kind", "200 uid: text", "200 uid: number"),
        (project, "message", "project id not found [TraceId: {}]", "no project for {} at {} [TraceId: {}]"),
        ("/api/2.0/secrets/scopes/create", "status", "200, 400 RESOURCE_ALREADY_EXISTS", "200, 409 ALREADY_EXISTS"),
    ]
    ends = {one["test"].partition("::")[2].partition("[")[0]: one["service"]["error"]["kind"] for one in report["ends"]}
    assert ends == {
        "test_an_unknown_project": "AssertionError",
        "test_scopes_are_listed_and_there_once": "AlreadyExists ALREADY_EXISTS",
        "test_the_local_project": "AttributeError",
    }
    assert (report["tests"]["dev"], report["tests"]["service"]) == ({"passed": 8}, {"passed": 2, "failed": 6})
    texts = said.partition("What the service answers")[2].partition("The report is in")[0]
    texts += live.report.with_name("report.json").read_text() + live.report.with_name("report.txt").read_text()
    assert [secret for secret in PLANTED if secret in said] == []
    assert report["versions"]["PostgreSQL of dev"].startswith("18.")
    developer = lakebase.developer
    own = [developer.user, developer.environment["DATABRICKS_TOKEN"], service.host, lakebase.host, "lakebase-interop-"]
    assert [secret for secret in PLANTED + own if secret in texts] == []


def test_nothing_is_made_without_a_yes(live, made):
    said = live(UNKNOWN, status=2)
    assert "There is no terminal to ask on" in said
    for told in (live._lakebase.host, live._lakebase.developer.user, "What may cost money", "lakebase-interop-"):
        assert told in said
    assert made() == [] and not live.report.with_name("report.json").exists()


@contextmanager
def in_the_middle(live, lakebase):
    """A live run that waits for an answer in the middle of a test, with everything made."""
    asked, over = threading.Event(), threading.Event()

    def hold(method, path, status, body):
        if path.endswith("/postgres/projects/missing"):
            asked.set()
            over.wait(200)

    with OtherService(hold, lakebase.host) as service:
        live.profile_of(service.host)
        process = live.start("--yes", "--numprocesses", "0", UNKNOWN)
        try:
            assert asked.wait(120), "the test was not begun"
            yield process
        finally:
            process.kill()
            process.wait(60)
            over.set()
    live.profile_of(lakebase.host)


def test_a_ctrl_c_leaves_nothing(live, made, lakebase):
    with in_the_middle(live, lakebase) as process:
        assert made() != []
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=100)
    assert process.returncode == 130, said
    assert made() == []
    assert "interrupted" in said


def test_what_a_killed_run_left_is_found_and_deleted(live, made, lakebase):
    with in_the_middle(live, lakebase):
        pass
    lakebase.developer.workspace.secrets.create_scope("lakebase-interop-0000-00000000")
    lakebase.developer.workspace.secrets.create_scope("lakebase-interop-of-somebody-else")
    [project] = made()
    said = live("--clean", status=2)
    assert project in said and "lakebase-interop-0000-00000000" in said and "--yes" in said
    assert made() == [project]
    said = live("--clean", "--yes")
    assert f"deleted project {project}" in said and "somebody-else" not in said
    assert made() == []
    assert [one.name for one in lakebase.developer.workspace.secrets.list_scopes()] == [
        "lakebase-interop-of-somebody-else"
    ]
    lakebase.developer.workspace.secrets.delete_scope("lakebase-interop-of-somebody-else")
    assert "Nothing of live runs is left" in live("--clean")
