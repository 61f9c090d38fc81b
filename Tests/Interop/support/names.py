# lakebase-swift · Apache License 2.0 · see LICENSE
"""Ids that no other test has."""

import uuid

from live.target import target

# The ids that were given out for projects, which cost more than other things if they stay.
projects = []


def new_id(kind):
    """An id as the service's resources have it: it begins with a letter, and holds letters, digits and hyphens.

    On a real workspace it begins with the prefix of the run, by which all that the run made is found again. It has
    at most thirty characters, which is what the names of apps may have.
    """
    unique = uuid.uuid4().hex[:8]
    new = f"{target().prefix}{unique}" if target() is not None else f"{kind}-{unique}"
    if kind == "project":
        projects.append(new)
    return new


# The id of something that is not there, for what would change it.
MISSING = f"{target().prefix}missing" if target() is not None else "missing"
