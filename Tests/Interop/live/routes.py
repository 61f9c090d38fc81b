# lakebase-swift · Apache License 2.0 · see LICENSE
"""Routes of the workspace with what is the caller's own taken out."""

import inspect
import re
from functools import cache
from urllib.parse import parse_qsl, unquote, urlsplit

from databricks.sdk.service import apps, database, iam, postgres, workspace
from live.redaction import is_public

CALL = re.compile(r'_api\.do\(\s*"\w+",\s*f?"([^"]+)"')
# What the templates of the Postgres API leave to the name of a resource, and what signing in asks for.
OTHERS = (
    "projects branches endpoints roles databases operations snapshots catalogs synced_tables cdf-configs cdf-statuses"
    " data-api snapshot-schedule undelete password me Me oidc v1 token .well-known databricks-config"
    " oauth-authorization-server api 2.0 2.1 database-projects database-instances"
)


@cache
def _literals():
    found = set(OTHERS.split())
    for module in (apps, database, iam, postgres, workspace):
        for template in CALL.findall(inspect.getsource(module)):
            found |= {part for part in template.split("/") if part and "{" not in part}
    return found


def route(url):
    """The path with {} for each part that no template of the SDK has, and the names of the parameters."""
    parts = urlsplit(url)
    path = "/".join(part if not part or part in _literals() else "{}" for part in unquote(parts.path).split("/"))
    names = sorted({name if is_public(name) else "{}" for name, _ in parse_qsl(parts.query, True)})
    return path + (f"?{'&'.join(names)}" if names else "")
