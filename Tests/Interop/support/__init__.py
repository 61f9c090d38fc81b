# lakebase-swift · Apache License 2.0 · see LICENSE
"""What the tests of the Python clients stand on."""
