# lakebase-swift · Apache License 2.0 · see LICENSE
"""What a live run adds to pytest: each call is guarded and written down, and so is how each test ended."""

import os
import traceback
from pathlib import Path

import psycopg
import pytest
import requests
from live import guard
from live.recording import Recorder
from live.redaction import skeleton

TESTS = Path(__file__).parents[1]


class Live:
    """The hooks of a live run; one for each process."""

    def __init__(self, target):
        process = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self._recorder = Recorder(Path(target.recordings), process)
        self._prefix = target.prefix
        self._current = "no test"
        # What was current when the taking down of a shared fixture began.
        self._outer = []

    def install(self):
        """Has each request of this process pass through here on its way."""
        send = requests.Session.send

        def guarded(session, request, **settings):
            guard.check(request.method, request.url, request.body, self._prefix)
            response = send(session, request, **settings)
            self._recorder.call(self._current, request, response, bool(settings.get("stream")))
            return response

        requests.Session.send = guarded

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self._current = item.nodeid
        try:
            return (yield)
        finally:
            self._current = "no test"

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        """What the tests share is made in whichever comes first, and written down under its own name."""
        if fixturedef.scope == "function":
            return (yield)
        before, name = self._current, f"fixture {fixturedef.argname}"

        def resume():
            self._current = self._outer.pop()

        def interrupt():
            self._outer.append(self._current)
            self._current = name

        # It is taken down in whichever test comes last; the finalizer that was added last runs first.
        fixturedef.addfinalizer(resume)
        self._current = name
        try:
            return (yield)
        finally:
            fixturedef.addfinalizer(interrupt)
            self._current = before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if report.skipped:
            # Of a failure that is expected the place is no tuple.
            said = report.longrepr[2] if isinstance(report.longrepr, tuple) else "expected to fail"
            self._recorder.end(item.nodeid, "skipped", reason=said.removeprefix("Skipped: "))
        elif report.failed:
            self._recorder.end(item.nodeid, "failed", error=error(call.excinfo.value))
        elif report.when == "call":
            self._recorder.end(item.nodeid, "passed")
        return report


def error(raised):
    """Where in the tests it was raised, of which kind it is, and the words of it that anybody may read."""
    frames = [frame for frame in traceback.extract_tb(raised.__traceback__) if _is_ours(frame.filename)]
    where = "outside of the tests"
    if frames:
        where = f"{Path(frames[-1].filename).relative_to(TESTS)}:{frames[-1].lineno}"
    kind = type(raised).__name__
    state = (
        getattr(raised, "sqlstate", None) if isinstance(raised, psycopg.Error) else getattr(raised, "error_code", None)
    )
    return {
        "where": where,
        "kind": f"{kind} {state}" if isinstance(state, str) else kind,
        "message": skeleton(str(raised)),
    }


def _is_ours(file):
    path = Path(file)
    return path.is_relative_to(TESTS) and "live" not in path.relative_to(TESTS).parts
