# lakebase-swift · Apache License 2.0 · see LICENSE
"""What the models went through."""
