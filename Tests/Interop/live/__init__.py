# lakebase-swift · Apache License 2.0 · see LICENSE
"""`script/test live`: the same tests against a real workspace, and a report of what it answers otherwise."""
