# lakebase-swift · Apache License 2.0 · see LICENSE
"""The two runs of pytest, each a process of its own that never outlives this one."""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

from live.target import VARIABLE

TESTS = Path(__file__).parents[1]
# A test of the service's may wait for computes, apps and their ends; all of them together.
LIMITS = ["--timeout", "1800", "--session-timeout", "21600"]
# What failed is told by the report, without the values that a traceback shows; who wants these says --tb=short.
QUIET = ["--tb=no", "-rN"]
# How long pytest has to take down its fixtures after a Ctrl-C, in seconds; what it leaves is found by its prefix.
GRACE = 60


def run_pytest(target, folder, arguments):
    """Runs the tests for a target; returns pytest's status. A KeyboardInterrupt ends them and goes on."""
    file = Path(folder) / f"{Path(target.recordings).name}.json"
    target.write(file)
    environment = os.environ | {VARIABLE: str(file)}
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "--numprocesses", "2", "--ignore", "live", *LIMITS, *QUIET, *arguments],
        cwd=TESTS,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        # A Ctrl-C is this process's; the tests hear of it once, from here.
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )
    try:
        return process.wait()
    except BaseException:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(GRACE)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        raise


def _end_with_parent():
    """Has the system end pytest if this process is killed."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
