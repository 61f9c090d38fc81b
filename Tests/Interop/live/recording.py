# lakebase-swift · Apache License 2.0 · see LICENSE
"""What a run saw: of each test its calls of the workspace and its end. Values are gone before anything is written."""

import json
import re
from dataclasses import dataclass, field

from live.redaction import is_public, skeleton
from live.routes import route
from live.shapes import merge, shape

# A code that the SDK does not know yet is a constant nevertheless.
CONSTANT = re.compile(r"[A-Z]{2,}(_[A-Z]+)+")
# The file that says which PostgreSQL served.
SERVES = "postgres"
# Asking for another try later says nothing of an answer.
LATER = (429, 503)


class Recorder:
    """Writes down the calls and the ends of one process of the tests."""

    def __init__(self, folder, process):
        folder.mkdir(parents=True, exist_ok=True)
        self._file = open(folder / f"{process}.jsonl", "a", encoding="utf-8")

    def call(self, test, request, response, streamed):
        status = response.status_code
        if status in LATER:
            return
        line = {"test": test, "method": request.method, "route": route(request.url), "status": status}
        if streamed:
            line["shape"] = {"": ["stream"]}
        else:
            line |= _answer(response)
        self._write({"call": line})

    def end(self, test, outcome, reason=None, error=None):
        """How a test ended; `error` says where in the tests, and of which kind."""
        line = {"test": test, "outcome": outcome}
        if reason is not None:
            line["reason"] = reason
        if error is not None:
            line["error"] = error
        self._write({"end": line})

    def _write(self, line):
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def _answer(response):
    try:
        body = response.json()
    except ValueError:
        return {"shape": {"": ["no JSON" if response.content else "nothing"]}}
    line = {"shape": {path: sorted(kinds) for path, kinds in shape(body).items()}}
    if response.status_code >= 400 and isinstance(body, dict):
        code = body.get("error_code", body.get("error"))
        line["code"] = code if isinstance(code, str) and (is_public(code) or CONSTANT.fullmatch(code)) else "{}"
        message = body.get("message", body.get("error_description", body.get("detail")))
        if isinstance(message, str):
            line["message"] = skeleton(message)
    return line


@dataclass
class Answer:
    """All the answers of a status and a code that a test got from a route."""

    shape: dict = field(default_factory=dict)
    messages: set = field(default_factory=set)


@dataclass
class Recording:
    """What all processes of a run wrote down."""

    # By test, then by method and route, then by status and code.
    calls: dict = field(default_factory=dict)
    ends: dict = field(default_factory=dict)
    postgres: str = "unknown"


def read(folder):
    """Reads a recording; lines that a killed process left half written are passed over."""
    recording = Recording()
    if (folder / SERVES).exists():
        recording.postgres = (folder / SERVES).read_text()
    for file in sorted(folder.glob("*.jsonl")):
        for text in file.read_text(encoding="utf-8").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if "call" in line:
                _add(recording.calls, line["call"])
            else:
                _end(recording.ends, line["end"])
    return recording


def _add(calls, call):
    routes = calls.setdefault(call["test"], {})
    answers = routes.setdefault((call["method"], call["route"]), {})
    answer = answers.setdefault((call["status"], call.get("code")), Answer())
    merge(answer.shape, {path: set(kinds) for path, kinds in call["shape"].items()})
    if "message" in call:
        answer.messages.add(call["message"])


def _end(ends, end):
    """A test that failed while it was taken down has failed, though its body passed."""
    before = ends.get(end["test"])
    if before is None or before["outcome"] == "passed":
        ends[end["test"]] = end
