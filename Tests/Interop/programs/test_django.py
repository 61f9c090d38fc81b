# lakebase-swift · Apache License 2.0 · see LICENSE
"""Django's migrations, up and down, with a backend that mints a token for each connection."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent / "django_project"


def test_migrations_go_up_and_down(identity, schema):
    variables = {name: os.environ[name] for name in ("PATH", "NO_PROXY", "no_proxy", "DATABRICKS_CONFIG_FILE")}
    variables |= identity.environment | {
        "SCHEMA": schema,
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    run = subprocess.run(
        [sys.executable, PROJECT / "up_and_down.py"],
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    said = dict(line.split(" ", 1) for line in run.stdout.splitlines())
    assert said["first"] == "birds_bird"
    assert said["second"] == "wren ringer UTC"
    assert said["third"].startswith("2 ") and "birds_bird_seen_at_index" in said["third"]
    assert said["fourth"] == "0"
