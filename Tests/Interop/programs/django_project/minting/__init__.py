# lakebase-swift · Apache License 2.0 · see LICENSE
"""A backend of Django that logs in with tokens."""
