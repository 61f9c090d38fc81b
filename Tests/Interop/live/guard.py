# lakebase-swift · Apache License 2.0 · see LICENSE
"""What a live run may change: what carries its prefix, and nothing else of the workspace."""

import json
from urllib.parse import parse_qsl, unquote, urlsplit

READING = ("GET", "HEAD", "OPTIONS")
# They make a credential and nothing that stays.
HARMLESS = ("/api/2.0/postgres/credentials", "/api/2.0/database/credentials")
# Where a request names what it makes or changes, if its path does not.
NAMING_FIELDS = ("name", "path", "scope")
NAMING_PARAMETERS = ("project_id",)


class NotOurs(AssertionError):
    """A test was about to change something of the workspace that is not this run's."""


def check(method, url, body, prefix):
    """Raises NotOurs unless the request reads, or is about something whose name carries the prefix."""
    if method in READING:
        return
    parts = urlsplit(url)
    path = unquote(parts.path)
    # Signing in may ask another host, whose path is that host's; none of the workspace's own ends so.
    if path in HARMLESS or (path.endswith("/token") and not path.startswith("/api/")):
        return
    names = [path] + [value for name, value in parse_qsl(parts.query) if name in NAMING_PARAMETERS]
    names += _names_in(body)
    if any(prefix in name and ".." not in name.split("/") for name in names):
        return
    raise NotOurs(
        f"{method} {path} is not about something of this run ({prefix}...), and was not sent: name it with new_id(), or"
        " mark the test with local_only(reason)"
    )


def _names_in(body):
    if body is None:
        return []
    text = body.decode(errors="replace") if isinstance(body, bytes) else body
    if not isinstance(text, str):
        return []
    try:
        fields = json.loads(text)
    except ValueError:
        # A form whose fields stand before its file, as the SDK uploads.
        _, found, rest = text[:4096].partition('name="path"\r\n\r\n')
        return [rest.partition("\r\n")[0]] if found else []
    return (
        [fields[name] for name in NAMING_FIELDS if isinstance(fields.get(name), str)]
        if isinstance(fields, dict)
        else []
    )
