# lakebase-swift · Apache License 2.0 · see LICENSE
"""What a live run is about, as `script/test live` tells the processes of the tests: a file that the environment names."""

import json
import os
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

VARIABLE = "LAKEBASE_INTEROP_LIVE"
# What anything that a live run makes begins with; a run adds four digits of its own.
FAMILY = "lakebase-interop-"
# A pattern of what new_id() gives in any run.
ANY_RUN = f"{FAMILY}[0-9a-f]{{4}}-[0-9a-f]{{8}}"


@dataclass(frozen=True)
class Target:
    """A workspace, the profiles that sign in to it, and where the run writes down what it saw."""

    config_file: str
    profile: str
    app_profile: str | None
    prefix: str
    recordings: str
    root_certificates: str

    def write(self, file):
        Path(file).write_text(json.dumps(asdict(self)))


@cache
def target():
    """The target of this run; None in a run on a local Lakebase."""
    file = os.environ.get(VARIABLE)
    return Target(**json.loads(Path(file).read_text())) if file else None
