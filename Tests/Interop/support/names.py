# lakebase-swift · Apache License 2.0 · see LICENSE
"""Ids that no other test has."""

import uuid


def new_id(kind):
    """An id as the service's resources have it: it begins with a letter, and holds letters, digits and hyphens."""
    return f"{kind}-{uuid.uuid4().hex[:8]}"
