# lakebase-swift · Apache License 2.0 · see LICENSE
"""Limits for the SDK's own waits, some of which have none."""

from datetime import timedelta

from databricks.sdk.common.lro import LroOptions
from live.target import target

# The service needs minutes for what takes seconds here.
LIMIT = timedelta(seconds=40) if target() is None else timedelta(minutes=20)


def done(operation):
    """Waits for a long-running operation the SDK's way; returns the resource."""
    return operation.wait(LroOptions(timeout=LIMIT))
