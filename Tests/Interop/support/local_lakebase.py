# lakebase-swift · Apache License 2.0 · see LICENSE
"""`lakebase dev` as a process that a test session starts and ends."""

import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time

from databricks.sdk.service.iam import Patch, PatchOp, PatchSchema
from support.identity import Identity

START_LIMIT = 30
# A guard against hangs: an app has 15 seconds to end, as on the platform, and after that PostgreSQL has ten.
STOP_LIMIT = 60


class LocalLakebase:
    """A running `lakebase dev --json`, with the identities it announced."""

    def __init__(self, *arguments):
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [os.environ["LAKEBASE_COMMAND"], "dev", "--json", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        try:
            announced = json.loads(self._first_line())
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise
        identities = announced["identities"]
        self.developer = Identity("developer", identities["developer"])
        self.app = Identity("app", identities["app"])
        self.host = self.developer.environment["DATABRICKS_HOST"]
        self.endpoint = self.developer.environment["LAKEBASE_ENDPOINT"]
        self.project_id = "local"
        self.project = "projects/local"
        self.branch = "projects/local/branches/production"

    def make_administrator(self, identity):
        """Puts a service principal into the group of the workspace's administrators."""
        principals = self.developer.workspace.service_principals
        [found] = principals.list(filter=f'applicationId eq "{identity.user}"')
        principals.patch(
            found.id,
            schemas=[PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
            operations=[Patch(op=PatchOp.ADD, path="groups", value=[{"value": "admins"}])],
        )

    def stop(self, limit=STOP_LIMIT):
        """Ends it the way a person does; one that does not end is a failure."""
        self._process.terminate()
        try:
            status = self._process.wait(limit)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"lakebase dev did not end within {limit} s\n{self._said()}") from None
        finally:
            self._process.stdout.close()
        said = self._said()
        self._errors.close()
        assert status == 0, f"lakebase dev ended with status {status}\n{said}"

    def _first_line(self):
        deadline = time.monotonic() + START_LIMIT
        output = self._process.stdout.fileno()
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(deadline - time.monotonic()):
                    raise AssertionError(f"lakebase dev was not ready within {START_LIMIT} s\n{self._said()}")
                chunk = os.read(output, 65536)
                if not chunk:
                    raise AssertionError(f"lakebase dev ended before it was ready\n{self._said()}")
                line += chunk
        return line

    def _said(self):
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-4000:]


def _end_with_parent():
    """Has the system end the process if the test session is killed."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
