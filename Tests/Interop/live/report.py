# lakebase-swift · Apache License 2.0 · see LICENSE
"""The report of a live run: for people as text, for us as JSON, and for both without anything of the workspace's own."""

import json
from collections import Counter

from live.differences import in_answers, in_ends

FORM = 1
SHOWN_TESTS = 5


def make(dev, service, versions, known):
    """The report as plain data, after what is known of the workspace is taken out of what it said."""
    ends = [
        {"test": test, "dev": _shown_end(ours, known), "service": _shown_end(theirs, known)}
        for test, ours, theirs in in_ends(dev, service)
    ]
    answers = [
        {
            "method": one.method,
            "route": known.without(one.route),
            "about": one.about,
            "dev": known.without(one.dev),
            "service": known.without(one.service),
            "tests": list(one.tests),
        }
        # What is there at times is so for reasons of time, mostly.
        for one in sorted(in_answers(dev, service), key=lambda one: one.about == "field at times")
    ]
    return {
        "form": FORM,
        "versions": versions,
        "tests": {
            "dev": dict(Counter(end["outcome"] for end in dev.ends.values())),
            "service": dict(Counter(end["outcome"] for end in service.ends.values())),
            "skipped": dict(Counter(end["reason"] for end in service.ends.values() if "reason" in end)),
        },
        "ends": ends,
        "answers": answers,
    }


def _shown_end(end, known):
    shown = {name: value for name, value in end.items() if name in ("outcome", "reason")}
    if "error" in end:
        shown["error"] = {name: known.without(value) for name, value in end["error"].items()}
    return shown


def as_json(report):
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def as_text(report):
    lines = ["What the service answers otherwise than `lakebase dev`", ""]
    lines += [f"{name}: {value}" for name, value in report["versions"].items()]
    for side in ("dev", "service"):
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report["tests"][side].items()))
        lines.append(f"tests on {side}: {counts or 'none'}")
    lines += ["", f"Tests that ended otherwise: {len(report['ends'])}"]
    for one in report["ends"]:
        lines.append(f"  {one['test']}")
        lines += [f"    {side}: {_sentence(one[side])}" for side in ("dev", "service")]
    lines += ["", f"Answers that are otherwise: {len(report['answers'])}"]
    for one in report["answers"]:
        lines.append(f"  {one['method']} {one['route']} ({one['about']})")
        lines += [f"    {side}: {one[side]}" for side in ("dev", "service")]
        more = len(one["tests"]) - SHOWN_TESTS
        lines.append(f"    in {', '.join(one['tests'][:SHOWN_TESTS])}{f' and {more} more' if more > 0 else ''}")
    if report["tests"]["skipped"]:
        lines += ["", "Skipped:"]
        lines += [f"  {count}: {reason}" for reason, count in sorted(report["tests"]["skipped"].items())]
    return "\n".join(lines) + "\n"


def _sentence(end):
    error = end.get("error")
    if error is None:
        return end["outcome"] + (f" ({end['reason']})" if "reason" in end else "")
    return f"{end['outcome']} at {error['where']}: {error['kind']}: {error['message']}"
