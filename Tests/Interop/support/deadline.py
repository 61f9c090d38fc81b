# lakebase-swift · Apache License 2.0 · see LICENSE
"""Waiting for something to become true, with a limit."""

import time

from live.target import target

# The service is further away than this machine.
PATIENCE = 1 if target() is None else 10


def wait_until(condition, what, limit=20, pause=0.05):
    """Returns the first value of `condition` that counts as true; fails after `limit` seconds, or `PATIENCE` times them."""
    limit *= PATIENCE
    deadline = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {limit} s: {what}"
        time.sleep(pause)
