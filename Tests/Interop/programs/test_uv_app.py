# lakebase-swift · Apache License 2.0 · see LICENSE
"""An app that is a project of uv: `pyproject.toml`, `uv.lock`, and a command that begins with `uv run`."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import uv
from support import apps


@pytest.mark.any_postgres
@pytest.mark.usefixtures("two_at_a_time")
@pytest.mark.timeout(200, func_only=True)
def test_a_project_of_uv_is_installed_from_its_lock_and_run(stocked, tmp_path):
    folder = tmp_path / "app"
    shutil.copytree(Path(__file__).parent / "uv_app", folder)
    subprocess.run([uv.find_uv_bin(), "lock", "--quiet"], cwd=folder, check=True, timeout=100)
    workspace = stocked.developer.workspace
    app = apps.create(workspace, "uv")
    source = apps.upload(stocked.developer, {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()})
    apps.deploy(workspace, app, source)
    answer = json.loads(apps.page(app))
    assert answer["bottle"] == "0.13.4"
    # What was installed before the start is what runs.
    assert answer["environment"] == answer["told"]
    workspace.apps.delete(app.name)
