# lakebase-swift · Apache License 2.0 · see LICENSE
"""Tests of `script/test live` itself."""
