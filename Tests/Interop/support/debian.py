# lakebase-swift · Apache License 2.0 · see LICENSE
"""Clients in other languages, from Debian's packages, unpacked into a folder of our own and not installed."""

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / ".build" / "interop-debian"


def unpacked(*packages):
    """The folder with these packages in it; the test is skipped where Debian's packages cannot be had."""
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            pytest.skip(f"not a Debian system: there is no {program}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    # The workers share the folder; the first one fills it.
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [package for package in packages if not (FOLDER / f"{package}.done").exists()]
        if missing:
            _unpack(missing)
    return FOLDER


def _unpack(packages):
    download = subprocess.run(
        ["apt-get", "download", *packages], cwd=FOLDER, capture_output=True, text=True, timeout=50
    )
    if download.returncode != 0:
        pytest.skip(f"Debian's packages are out of reach: {download.stderr.strip().splitlines()[-1:]}")
    for package in packages:
        [file] = FOLDER.glob(f"{package}_*.deb")
        subprocess.run(["dpkg-deb", "--extract", file, FOLDER], check=True, capture_output=True, timeout=30)
        file.unlink()
        (FOLDER / f"{package}.done").touch()


def program(name):
    """The path of an installed program; the test is skipped without it."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path
