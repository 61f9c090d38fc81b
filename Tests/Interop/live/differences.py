# lakebase-swift · Apache License 2.0 · see LICENSE
"""Where two recordings of the same tests differ: in how tests ended, and in what the workspaces answered."""

from dataclasses import dataclass, field

from live.shapes import parent

# Signing in happens whenever a client is new, which is no matter of a test's.
SIGNING_IN = ("/oidc/", "/.well-known/")


@dataclass(frozen=True)
class Difference:
    """One thing that the service answers otherwise, in however many tests."""

    method: str
    route: str
    # status, message, kind, call; field for one that a side never has there, "field at times" for one that it has in others.
    about: str
    dev: str
    service: str
    tests: tuple = field(default=(), compare=False)


def in_ends(dev, service):
    """The tests that ended otherwise, as (test, end in dev, end on the service)."""
    nothing = {"outcome": "not run"}
    both = [
        (test, dev.ends.get(test, nothing), service.ends.get(test, nothing))
        for test in sorted({*dev.ends, *service.ends})
    ]
    return [one for one in both if one[1]["outcome"] != one[2]["outcome"]]


def in_answers(dev, service):
    """The differences, each once, with the tests that saw it."""
    seen = {}
    fields = _fields(dev), _fields(service)
    for test in sorted({*dev.calls, *service.calls}):
        # After a failure, calls are missing for that reason alone.
        whole = all(recording.ends.get(test, {}).get("outcome", "passed") == "passed" for recording in (dev, service))
        ours, theirs = dev.calls.get(test, {}), service.calls.get(test, {})
        for method, route in sorted({*ours, *theirs}):
            if route.startswith(SIGNING_IN):
                continue
            one, other = ours.get((method, route)), theirs.get((method, route))
            if one is None or other is None:
                found = [("call", _called(one), _called(other))] if whole else []
            else:
                found = _of_a_route(one, other, *(there.get(_place(method, route), set()) for there in fields))
            for difference in found:
                seen.setdefault(Difference(method, route, *difference), []).append(test)
    return [
        Difference(one.method, one.route, one.about, one.dev, one.service, tuple(tests)) for one, tests in seen.items()
    ]


def _called(answers):
    return "not called" if answers is None else "called"


def _place(method, route):
    """Where fields are looked for: a page of a list has those of the list."""
    return method, route.partition("?")[0]


def _fields(recording):
    """By method and path, the status and path of each field that any test got there."""
    found = {}
    for routes in recording.calls.values():
        for route, answers in routes.items():
            places = found.setdefault(_place(*route), set())
            for (status, _), answer in answers.items():
                places |= {(status, path) for path in answer.shape}
    return found


def _of_a_route(dev, service, ever_in_dev, ever_in_service):
    found = []
    if {*dev} != {*service}:
        found.append(("status", _statuses(dev), _statuses(service)))
    for key in sorted({*dev} & {*service}, key=str):
        ours, theirs = dev[key], service[key]
        if ours.messages != theirs.messages:
            found.append(("message", _texts(ours.messages), _texts(theirs.messages)))
        found += _of_shapes(ours.shape, theirs.shape, key[0], ever_in_dev & ever_in_service)
    return found


def _of_shapes(dev, service, status, in_both):
    found = []
    for path in sorted({*dev, *service}):
        above = parent(path)
        # What is missing is missing with all that is in it.
        if above is not None and not (above in dev and above in service):
            continue
        # An empty list says nothing of what would be in it.
        if path.endswith("[]") and not (path in dev and path in service):
            continue
        ours, theirs = dev.get(path), service.get(path)
        place = f"{status} {path or 'the answer'}"
        if ours is None or theirs is None:
            about = "field at times" if (status, path) in in_both else "field"
            found.append((about, f"{place}: {_kinds(ours)}", f"{place}: {_kinds(theirs)}"))
        elif ours != theirs:
            found.append(("kind", f"{place}: {_kinds(ours)}", f"{place}: {_kinds(theirs)}"))
    return found


def _kinds(kinds):
    return "absent" if kinds is None else " or ".join(sorted(kinds))


def _statuses(answers):
    return ", ".join(sorted(f"{status} {code}" if code else f"{status}" for status, code in answers))


def _texts(messages):
    return " | ".join(sorted(messages)) or "none"
