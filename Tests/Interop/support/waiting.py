# lakebase-swift · Apache License 2.0 · see LICENSE
"""Limits for the SDK's own waits, some of which have none."""

from datetime import timedelta

from databricks.sdk.common.lro import LroOptions

LIMIT = timedelta(seconds=40)


def done(operation):
    """Waits for a long-running operation the SDK's way; returns the resource."""
    return operation.wait(LroOptions(timeout=LIMIT))
