# lakebase-swift · Apache License 2.0 · see LICENSE
"""The shape of an answer: the names of its fields and the kinds of their values, and no value."""

import re

from live.redaction import is_public

# Objects whose keys are chosen by people.
CHOSEN = {"pg_settings", "custom_tags", "tags", "labels", "metadata", "options", "env"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
DURATION = re.compile(r"\d+(\.\d+)?s")


def shape(value, path="", chosen=False):
    """The kinds of value at each path: {"status.hosts.host": {"text"}, "roles[]": {"object"}}."""
    found = {path: {kind(value)}}
    if isinstance(value, dict):
        for name, inner in value.items():
            shown = name if not chosen and is_public(name) else "{}"
            merge(found, shape(inner, f"{path}.{shown}" if path else shown, name in CHOSEN))
    elif isinstance(value, list):
        for inner in value:
            merge(found, shape(inner, f"{path}[]"))
    return found


def merge(into, other):
    """Adds what another answer had."""
    for path, kinds in other.items():
        into.setdefault(path, set()).update(kinds)


def kind(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, list):
        return "list"
    if isinstance(value, dict):
        return "object"
    for name, pattern in (("time", TIME), ("duration", DURATION)):
        if pattern.fullmatch(value):
            return name
    return "number as text" if re.fullmatch(r"-?\d+", value) else "text"


def parent(path):
    """Where the value at a path stands; None for the whole."""
    if path == "":
        return None
    if path.endswith("[]"):
        return path[:-2]
    return path.rpartition(".")[0]
