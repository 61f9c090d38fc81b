# lakebase-swift · Apache License 2.0 · see LICENSE
"""Refusals as the SDK raises them."""

from contextlib import contextmanager

import pytest

# What a route that is not there answers; it must not pass for a resource that is not there.
NO_SUCH_ROUTE = ("ENDPOINT_NOT_FOUND", "NOT_IMPLEMENTED", "METHOD_NOT_ALLOWED")


@contextmanager
def refused(kind, words="", code=None):
    """Expects the SDK's error of that class (or tuple of classes), with these words in it, in any case."""
    with pytest.raises(kind) as raised:
        yield raised
    error = raised.value
    assert error.error_code not in NO_SUCH_ROUTE, f"no such route: {error}"
    assert words.lower() in str(error).lower()
    if code is not None:
        assert error.error_code == code
