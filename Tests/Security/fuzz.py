#!/usr/bin/env python3
# lakebase-swift · Apache License 2.0 · see LICENSE
"""Sends `lakebase dev` requests whose numbers, texts and nesting are what nobody expects, as the developer, so that they are decoded.

Requests go over connections that are kept, many at a time on each. Fails when the process ends or closes a connection without an answer,
when an answer takes more than a second (--slow), when it is 500, or when the process's memory grows on.

A second counts from the answer before on the same connection, without what a request asks for itself: to wait for new lines of a log. An
answer that was slow among the others is asked for again, alone: what the machine was busy with is not the request's doing.

Memory is what is private to the process, after each tenth of the requests, when it no longer falls. A fresh process has not got what it keeps:
the allocator's pools, most of them free but not given back; the pages of SQLite's caches; the buffers of connections. So the first six tenths
are a warm-up, and in the rest memory may grow by a tenth: of a million requests, that finds a leak of a few bytes for each. It is looked at only
where there are 400,000 requests or more; with fewer there is nothing that it could have settled at. With glibc, start the process with
MALLOC_ARENA_MAX=1: otherwise a thread may get a pool of its own at any time, some megabytes at once. Prints the figures as JSON.
"""

import argparse
import collections
import json
import os
import random
import re
import socket
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

NUMBERS = [
    "0", "-0", "1", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615", "18446744073709551616",
    "2147483647", "2147483648", "-2147483649", "4294967296", "1e308", "1e400", "-1e400", "1e-400", "0.1", "-0.5", "1.5", "9007199254740993",
    "1E+2", "01", "0x10", "NaN", "Infinity", "-Infinity", "nan", "", " 1", "1 ", "+1", "1_000", "999999999999999999999999999999", "0.0000000001",
    "9223372036854775806.9", "253402300800", "1e18", "1e19", "-1e19",
]
TIMES = [
    "0s", "-1s", "1s", "300s", "3600s", "3601s", "999999999999s", "9999999999999s", "-999999999999s", "0.000000001s", "1.9999999999s", "s", "1", "1m", "1e9s",
    "NaNs", "315576000000s", "9223372036854775807s", "0001-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00+99:99",
    "2999-01-01T00:00:00.123456789123456789Z", "10000-01-01T00:00:00Z", "-001-01-01T00:00:00Z", "2026-01-01", "T", "",
]
TEXTS = [
    "", " ", "a", "A", "local", "production", "primary", "../..", "..", ".", "/", "//", "%00", "%2e%2e", "\u0000", "\n", "\r\n", "\u001b[2J", "'", "\"", "\\", "`",
    "${x}", "$(id)", "{{x}}", "<script>", "caf\u00e9", "cafe\u0301", "\u212a", "\ufeff", "\u202e", "\U0001f600", "\ud800", "a" * 63, "a" * 64, "a" * 255, "a" * 256,
    "a" * 5000, "-", "a-", "-a", "a--b", "1a", "null", "true", "projects/local", "projects/local/branches/production", "after:", "YWZ0ZXI6", "YWZ0ZXI6/w==",
    "*", "spec", "spec.", ".spec", "spec.spec.spec", ",", "a,b,,c", "spec,spec", "displayName eq \"", "displayName eq \"x\"", "\u0301", "/\u0301x", "?", "#", "&", "=",
]
FIELDS = [
    "page_size", "page_token", "show_deleted", "update_mask", "replace_existing", "purge", "force", "allow_missing", "after", "tail", "wait", "startIndex", "count",
    "filter", "uid", "path", "format", "direct_download", "overwrite", "no_compute", "project_id", "branch_id", "endpoint_id", "role_id", "database_id",
    "reassign_owned_to", "client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method",
]
KEYS = [
    "spec", "status", "name", "endpoint", "ttl", "expire_time", "instance_names", "claims", "request_id", "pg_version", "history_retention_duration",
    "default_endpoint_settings", "autoscaling_limit_min_cu", "autoscaling_limit_max_cu", "suspend_timeout_duration", "pg_settings", "settings", "display_name",
    "source_branch", "source_branch_lsn", "source_branch_time", "no_expiry", "is_protected", "endpoint_type", "disabled", "no_suspension", "group", "min", "max",
    "enable_readable_secondaries", "postgres_role", "identity_type", "membership_roles", "attributes", "createdb", "createrole", "bypassrls", "postgres_database",
    "role", "capacity", "stopped", "node_count", "retention_window_in_days", "enable_pg_native_login", "parent_instance_ref", "branch_time", "lsn",
    "applicationId", "displayName", "active", "externalId", "schemas", "Operations", "op", "value", "lifetime", "scopes", "content", "language", "recursive",
    "description", "resources", "database", "instance_name", "database_name", "permission", "env_vars", "value_from", "source_code_path", "mode", "user_api_scopes",
    "compute_size", "budget_policy_id", "access_control_list", "user_name", "group_name", "service_principal_name", "permission_level", "app", "custom_tags", "key",
    "deployment_id", "command", "git_source", "metadata", "budget", "custom", "purpose", "usage_policy_id", "data_api", "branch", "parent", "role_id", "uid",
]


class Failure(Exception):
    pass


def asked_wait(raw):
    """How many seconds a request asks to wait for, as the route for logs reads it: a whole number of 64 bits, at most 20."""
    target = raw.split(b" ", 2)[1].decode("ascii", "replace")
    path, _, query = target.partition("?")
    if not re.fullmatch(r"/local/apps/[^/]*/logs", path):
        return 0
    waits = urllib.parse.parse_qs(query).get("wait", [])
    numbers = [int(text) for text in waits if re.fullmatch(r"[+-]?[0-9]{1,19}", text)]
    return max((min(max(0, number), 20) for number in numbers if -2 ** 63 <= number < 2 ** 63), default=0)


class Fuzzer:
    def __init__(self, options, seed):
        self.random = random.Random(seed)
        self.options = options
        address = urllib.parse.urlsplit(options.host)
        self.host, self.port = address.hostname, address.port
        self.statuses = collections.Counter()
        self.slowest = []
        self.sent = 0
        self.errors = []
        with open(options.routes, encoding="utf-8") as file:
            self.paths = [line.split()[1] for line in file if line.strip()]

    def scalar(self):
        kind = self.random.randrange(8)
        if kind < 3:
            return self.random.choice(NUMBERS) or "0"
        if kind < 4:
            return json.dumps(self.random.choice(TIMES))
        if kind < 6:
            return json.dumps(self.random.choice(TEXTS))
        if kind < 7:
            return json.dumps(self.random.choice(NUMBERS))
        return self.random.choice(["true", "false", "null", "{}", "[]"])

    def value(self, depth):
        kind = self.random.randrange(10)
        if depth <= 0 or kind < 5:
            return self.scalar()
        if kind < 8:
            return "{" + ",".join(
                json.dumps(self.random.choice(KEYS)) + ":" + self.value(depth - 1) for _ in range(self.random.randrange(1, 5))) + "}"
        return "[" + ",".join(self.value(depth - 1) for _ in range(self.random.randrange(4))) + "]"

    def body(self):
        kind = self.random.randrange(40)
        if kind == 0:
            size = self.random.choice([10, 63, 64, 65, 66, 500, 5_000, 100_000])
            opening = self.random.choice(["[", '{"a":', '{"spec":', '{"value":[', '[{"Operations":'])
            return opening * size + self.random.choice(["", "1" + "]" * size, "}" * size])
        if kind == 1:
            return "[" + "0," * self.random.choice([100, 9_999, 10_001, 200_000]) + "0]"
        if kind == 2:
            return '{"%s":%s}' % (self.random.choice(KEYS), json.dumps("a" * self.random.choice([1_000, 100_000, 900_000])))
        if kind == 3:
            return self.random.choice(["", "{", "}", "[", "\"", "nul", "\u0000", "{\"a\":1,\"a\":2}", "{}{}", "\ufeff{}", "--x\r\n\r\n--x--", "a=b&c=%zz&=&&"])
        if kind == 4:
            return "&".join(f"{self.random.choice(FIELDS)}={urllib.parse.quote(self.text())}" for _ in range(self.random.randrange(1, 9)))
        text = "{" + ",".join(json.dumps(self.random.choice(KEYS)) + ":" + self.value(4) for _ in range(self.random.randrange(1, 6))) + "}"
        if kind == 5:
            place = self.random.randrange(len(text))
            text = text[:place] + self.random.choice(["", "\\", "\"", ",", "\ufffd", "9" * 400]) + text[place + 1:]
        return text

    def text(self):
        text = self.random.choice(self.random.choice([NUMBERS, TIMES, TEXTS]))
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

    def path(self):
        path = self.random.choice(self.paths)
        if self.random.randrange(3) == 0:
            parts = path.split("/")
            place = self.random.randrange(1, len(parts))
            parts[place] = urllib.parse.quote(self.text()[:300], safe="")
            path = "/".join(parts)
        fields = [
            f"{self.random.choice(FIELDS)}={urllib.parse.quote(self.text())}" for _ in range(self.random.choice([0, 0, 1, 1, 2, 3, 8]))]
        return path + ("?" + "&".join(fields) if fields else "")

    def request(self):
        method = self.random.choice(["GET", "GET", "POST", "POST", "PATCH", "PUT", "DELETE", "HEAD"])
        path = self.path()
        # The workspace of the test is to stay; and what is made is to be little, because each branch is a cluster.
        # Whatever is deleted here is protected, or comes back only in the next run.
        if method == "DELETE" and re.search(r"/(local|production|primary|fuzzed)([/?]|$)|rincipals/[0-9]", path) and self.random.randrange(500):
            method = "GET"
        if method == "POST" and re.search(r"/(projects|branches|instances|endpoints|start|deployments|logs)(\?|$)", path) and self.random.randrange(200):
            path = re.sub(r"\?.*|$", "?project_id=NO_SUCH&branch_id=NO_SUCH&endpoint_id=NO_SUCH", path, count=1)
        if method == "POST" and re.search(r"/(ServicePrincipals|secrets|mkdirs)(\?|$)", path) and self.random.randrange(200):
            method = "GET"
        body = b"" if method in ("GET", "HEAD", "DELETE") else self.body().encode("utf-8", "replace")
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}", f"Authorization: Bearer {self.options.token}"]
        if self.random.randrange(20) == 0:
            lines.append(f"X-Databricks-Workspace-Id: {self.random.choice(NUMBERS)}")
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return method, ("\r\n".join(lines) + "\r\n\r\n").encode() + body

    def run(self, count):
        connection, buffer = None, b""
        while count > 0 and not self.errors:
            batch = [self.request() for _ in range(min(count, self.options.pipeline))]
            count -= len(batch)
            if connection is None:
                connection, buffer = socket.create_connection((self.host, self.port), timeout=60), b""
            sender = threading.Thread(target=self.send, args=(connection, b"".join(raw for _, raw in batch)))
            before = time.monotonic()
            sender.start()
            closed = False
            for index, (method, raw) in enumerate(batch):
                try:
                    status, buffer, closes = self.receive(connection, buffer, method)
                except (OSError, Failure) as error:
                    self.errors.append(f"no answer to {raw[:400]!r}: {error!r}")
                    return
                now = time.monotonic()
                if len(self.slowest) < 5 or now - before > self.slowest[-1][0]:
                    took = now - before - asked_wait(raw)
                    self.slowest = sorted([*self.slowest, (took, raw)], key=lambda pair: -pair[0])[:5]
                if status >= 500 and status not in (501, 503, 504):
                    self.errors.append(f"{status} to {raw[:2000]!r}")
                self.statuses[status] += 1
                self.sent += 1
                before = now
                if closes:
                    # What was sent behind it is not answered; it comes again.
                    count += len(batch) - index - 1
                    closed = True
                    break
            sender.join()
            if closed:
                connection.close()
                connection = None

    @staticmethod
    def send(connection, raw):
        try:
            connection.sendall(raw)
        except OSError:
            pass

    @staticmethod
    def receive(connection, buffer, method):
        while b"\r\n\r\n" not in buffer:
            part = connection.recv(262_144)
            if not part:
                raise Failure(f"closed after {buffer[:200]!r}")
            buffer += part
        head, buffer = buffer.split(b"\r\n\r\n", 1)
        status = int(head[9:12])
        length = re.search(rb"\r\ncontent-length: (\d+)", head.lower())
        length = 0 if method == "HEAD" or status in (204, 304) else int(length[1]) if length else 0
        while len(buffer) < length:
            part = connection.recv(262_144)
            if not part:
                raise Failure("closed in a body")
            buffer += part
        return status, buffer[length:], b"\r\nconnection: close" in head.lower()


def furnish(options, fuzzers):
    """Makes one of each kind, so that the requests find something to change."""
    def ask(method, path, body):
        request = urllib.request.Request(
            options.host + path, method=method, data=json.dumps(body).encode(), headers={"Authorization": f"Bearer {options.token}"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError:
            # It is there from a run before.
            return {}

    branch = "/api/2.0/postgres/projects/local/branches/production"
    ask("POST", "/api/2.0/apps?no_compute=true", {"name": "fuzzed"})
    ask("POST", "/api/2.0/workspace/mkdirs", {"path": "/Shared/fuzzed"})
    ask("POST", branch + "/roles?role_id=fuzzed", {"spec": {"postgres_role": "fuzzed"}})
    ask("POST", branch + "/databases?database_id=fuzzed", {"spec": {"postgres_database": "fuzzed", "role": "roles/fuzzed"}})
    principal = ask("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {"displayName": "fuzzed"}).get("id", "1")
    for fuzzer in fuzzers:
        for old, new in [("/apps/a", "/apps/fuzzed"), ("rincipals/1", "rincipals/" + principal), ("/roles/r", "/roles/fuzzed"), ("/databases/d", "/databases/fuzzed")]:
            fuzzer.paths = [path.replace(old, new) for path in fuzzer.paths]


def asked_again(options, fuzzer, seconds, raw):
    """The least time of an answer that was slow among others: what the machine did meanwhile is none of the server's work."""
    for _ in range(5):
        if seconds <= options.slow:
            break
        with socket.create_connection((fuzzer.host, fuzzer.port), timeout=60) as connection:
            before = time.monotonic()
            connection.sendall(raw)
            fuzzer.receive(connection, b"", raw.split(b" ", 1)[0].decode())
            seconds = min(seconds, time.monotonic() - before - asked_wait(raw))
    return seconds


def resident(pid):
    """Private memory in kB: what is mapped from files can be dropped at any time."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file if line.startswith("Rss"))
    return int(fields["RssAnon"].split()[0])


def settled(pid):
    """The memory when it no longer falls: freed pages go back with a delay."""
    least = resident(pid)
    for _ in range(10):
        time.sleep(0.5)
        least = min(least, resident(pid))
    return least


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", required=True)
    parser.add_argument("--token", default=os.environ.get("DATABRICKS_TOKEN"))
    parser.add_argument("--pid", type=int, help="the process whose memory is looked at")
    parser.add_argument("--requests", type=int, default=5_000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--pipeline", type=int, default=16)
    parser.add_argument("--slow", type=float, default=1.0, help="how many seconds an answer may take that is asked for alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="a regular expression for the paths to send")
    parser.add_argument("--routes", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "routes.txt"))
    options = parser.parse_args()

    fuzzers = [Fuzzer(options, options.seed * 1_000 + index) for index in range(options.connections)]
    furnish(options, fuzzers)
    for fuzzer in fuzzers:
        fuzzer.paths = [path for path in fuzzer.paths if re.search(options.only, path)]

    def together(count):
        threads = [threading.Thread(target=fuzzer.run, args=(count // len(fuzzers),)) for fuzzer in fuzzers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    started = time.monotonic()
    memory, watches = {}, options.pid and options.requests >= 400_000
    for part in range(10):
        together(options.requests * (part + 1) // 10 - options.requests * part // 10)
        if watches:
            memory[options.requests * (part + 1) // 10] = settled(options.pid)
    statuses = sum((fuzzer.statuses for fuzzer in fuzzers), collections.Counter())
    slowest = [(asked_again(options, fuzzers[0], *pair), pair[1][:300]) for fuzzer in fuzzers for pair in fuzzer.slowest]
    slowest = sorted(slowest, key=lambda pair: -pair[0])[:5]
    errors = [error for fuzzer in fuzzers for error in fuzzer.errors]
    errors += [f"{seconds:.2f} s for {raw!r}" for seconds, raw in slowest if seconds > options.slow]
    before, after = memory.get(options.requests * 6 // 10, 0), memory.get(options.requests, 0)
    if watches and after > before * 1.1:
        errors.append(f"memory grew from {before} kB after the warm-up to {after} kB")
    print(json.dumps({
        "requests": sum(fuzzer.sent for fuzzer in fuzzers), "seconds": round(time.monotonic() - started, 1),
        "slowest": [[round(seconds, 3), raw[:200].decode("ascii", "replace").replace(options.token, "TOKEN")] for seconds, raw in slowest],
        "memory_kB": memory, "statuses": dict(sorted(statuses.items())), "errors": len(errors)}))
    for error in errors[:20]:
        print("FAILED", error.replace(options.token, "TOKEN"))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
