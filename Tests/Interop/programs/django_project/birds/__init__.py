# lakebase-swift · Apache License 2.0 · see LICENSE
"""An app of Django with two migrations."""
