#!/usr/bin/env python3
# lakebase-swift · Apache License 2.0 · see LICENSE
"""Another user of the machine, without a secret, who tries to get into a running `lakebase dev`.

It knows where the workspace listens and where its data folder is, and has all the time that --seconds gives it. Nothing but the
certificate to trust (ca.pem), what everybody may see and refusals may come of it. Prints what it counted as JSON; each thing that it
got and should not have got is a line that begins with "FOUND", and the exit status is 1.

Answers that are public by design, and have no secret: where the workspace's sign-in is (OpenID discovery), the public keys of its
tokens (JWKS), and the login page, which asks for a code.
"""

import argparse
import base64
import collections
import glob
import hashlib
import json
import os
import random
import re
import secrets
import socket
import ssl
import stat
import struct
import sys
import time
import urllib.parse

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"]
SECRET = re.compile(rb"dapi[0-9a-f]{32}|dose[0-9a-f]{32}|PRIVATE KEY|eyJ[A-Za-z0-9_-]{20,}\.eyJ")
PUBLIC = re.compile(r"^/(oidc/)?(oidc/)?(accounts/[^/]+/)?\.well-known/|^/oidc/(jwks\.json|v1/keys)$")


class Stranger:
    def __init__(self, options):
        address = urllib.parse.urlsplit(options.host)
        self.host, self.port = address.hostname, address.port
        self.data = options.data
        self.pid = options.pid
        self.sockets = set(options.sockets.split(",")) if options.sockets else None
        self.deadline = time.monotonic() + options.seconds
        self.counts = collections.Counter()
        self.found = []
        self.routes = []
        with open(options.routes, encoding="utf-8") as file:
            for line in file:
                kind, path = line.split()
                self.routes.append((kind, path))

    def report(self, what):
        self.found.append(what)
        print("FOUND", what, flush=True)

    # HTTP, byte by byte: a library would mend what is to be wrong.

    def send(self, raw, limit=1 << 20):
        """The status and the whole answer; status 0 where the connection was closed without one."""
        self.counts["requests"] += 1
        try:
            with socket.create_connection((self.host, self.port), timeout=20) as connection:
                connection.sendall(raw)
                answer = b""
                while len(answer) < limit:
                    part = connection.recv(65536)
                    if not part:
                        break
                    answer += part
        except ConnectionError:
            return 0, b""
        if SECRET.search(answer):
            self.report(f"a secret in the answer to {raw[:200]!r}")
        head = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
        return (int(head[1]) if head else 0), answer

    def request(self, method, path, headers=(), body=b"", host=None):
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'{self.host}:{self.port}'}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return self.send(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + body)

    def credentials(self):
        """Fields without a credential, and with bad ones."""
        word = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
        now = int(time.time())
        claims = {"sub": "developer@localhost", "iss": f"http://{self.host}:{self.port}/oidc", "exp": now + 3600, "iat": now,
                  "aud": "1", "jti": "x", "workspace_id": "1", "token_use": "workspace", "scope": "all-apis"}
        yield ()
        for token in [
            "", "x", "dapi" + secrets.token_hex(16), "dose" + secrets.token_hex(16), "null", "undefined",
            f'{word({"alg": "none"})}.{word(claims)}.', f'{word({"alg": "none", "typ": "JWT"})}.{word(claims)}.AAAA',
            f'{word({"alg": "HS256"})}.{word(claims)}.{word({})}', f'{word({"alg": "ES256", "kid": "../../dev/null"})}.{word(claims)}.{"A" * 86}',
            f'{word({"alg": "ES256", "jwk": {"kty": "EC"}})}.{word(claims)}.{"A" * 86}',
        ]:
            yield (("Authorization", f"Bearer {token}"),)
        yield (("Authorization", "Basic " + base64.b64encode(b"developer@localhost:").decode()),)
        yield (("Authorization", "Bearer x"), ("Authorization", "Bearer y"))
        for name in ["X-Forwarded-User", "X-Forwarded-Email", "X_Forwarded_User", "X-Forwarded-Access-Token", "X-Databricks-User"]:
            yield ((name, "developer@localhost"),)
        yield (("Cookie", "session=developer"),)
        yield (("X-HTTP-Method-Override", "DELETE"),)

    def try_routes(self):
        bodies = [b"", b"{}", b"x" * 4096, b"grant_type=client_credentials&scope=all-apis"]
        for kind, path in random.sample(self.routes, len(self.routes)):
            for headers in self.credentials():
                if time.monotonic() > self.deadline:
                    return
                for method in random.sample(METHODS, 3) + ["GET"]:
                    status, answer = self.request(method, path, headers, random.choice(bodies) if method != "GET" else b"")
                    self.judge(method, path, kind, status, answer)
                    if b"\r\naccess-control-" in answer.lower():
                        self.report(f"{method} {path} has CORS headers")

    def judge(self, method, path, kind, status, answer):
        self.counts[status] += 1
        if kind == "owner":
            if status not in (400, 401, 403, 405, 413):
                self.report(f"{method} {path}: {status} {answer[:300]!r}")
        elif status < 300 and not (method == "GET" and (PUBLIC.search(path) or path.endswith("/databricks-config"))):
            self.report(f"{method} {path}: {status} {answer[:300]!r}")
        elif 300 <= status < 400 and b"code=" in answer:
            self.report(f"{method} {path}: a code {answer[:300]!r}")

    def try_names(self):
        """Names and origins of others, and the tricks that hide them."""
        for _, path in random.sample(self.routes, 12):
            for host in ["evil.example.com", f"evil.example.com:{self.port}", "localhost.evil.example.com", "127.0.0.1.nip.io", "[::2]", "0.0.0.0"]:
                status, answer = self.request("GET", path, host=host)
                if status != 421:
                    self.report(f"Host {host} {path}: {status} {answer[:200]!r}")
            for origin in ["null", "http://evil.example.com", f"http://evil.example.com:{self.port}", f"https://{self.host}:{self.port}", "file://"]:
                for method in ["GET", "POST", "OPTIONS"]:
                    status, answer = self.request(method, path, [("Origin", origin), ("Access-Control-Request-Method", "POST")])
                    if status != 403:
                        self.report(f"Origin {origin} {path}: {status} {answer[:200]!r}")
        own = f"{self.host}:{self.port}".encode()
        for raw in [
            b"GET /local/status HTTP/1.1\r\n\r\n", b"GET /local/status HTTP/1.0\r\n\r\n",
            b"GET /local/status HTTP/1.1\r\nHost: " + own + b"\r\nHost: evil\r\n\r\n",
            b"GET http://evil.example.com/local/status HTTP/1.1\r\nHost: " + own + b"\r\n\r\n",
            b"GET /local/status HTTP/1.1\r\nHost: " + own + b"@evil\r\n\r\n", b"GET /local/status HTTP/1.1\r\nHost : " + own + b"\r\n\r\n",
            b"POST /oidc/v1/token HTTP/1.1\r\nHost: " + own + b"\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            b"GET /local/status HTTP/1.1\r\nHost: " + own + b"\r\n\r\n",
            b"GET /local/status HTTP/9.9\r\nHost: " + own + b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        ]:
            status, answer = self.send(raw + b"" if raw.endswith(b"\r\n\r\n") else raw + b"\r\n\r\n")
            if 200 <= status < 400:
                self.report(f"{raw!r}: {answer[:200]!r}")

    def try_login(self):
        """The page, its ticket without a code, with guesses and again."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        fields = {"client_id": "databricks-cli", "redirect_uri": "http://localhost:8020", "response_type": "code", "scope": "all-apis offline_access",
                  "state": "s", "code_challenge": challenge, "code_challenge_method": "S256"}
        page = "/oidc/v1/authorize?" + urllib.parse.urlencode(fields)
        status, answer = self.request("GET", page)
        ticket = re.search(rb'name="ticket" value="([^"]+)"', answer)
        if status == 303 and b"code=" in answer:
            self.report("the login page lets in without a question")
        if not ticket:
            return
        user = re.search(rb'name="user" value="([^"]+)"', answer)
        user = user[1].decode() if user else "developer@localhost"
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        guess = "".join(random.choice(letters) for _ in range(12))
        for code in [None, "", "*", "%", "true", "dapi" + secrets.token_hex(16), guess, "-".join([guess[:4], guess[4:8], guess[8:]]), "A" * 4096]:
            for _ in range(2):
                form = {"ticket": ticket[1].decode(), "user": user}
                if code is not None:
                    form["code"] = code
                status, answer = self.request("POST", "/oidc/v1/authorize", (), urllib.parse.urlencode(form).encode())
                self.counts["guesses"] += 1
                if status < 400 or b"code=" in answer.split(b"\r\n\r\n")[0]:
                    self.report(f"the login page with the code {code!r}: {status} {answer[:300]!r}")
                again = re.search(rb'name="ticket" value="([^"]+)"', answer)
                ticket = again or ticket
        base = {"client_id": "databricks-cli", "redirect_uri": "http://localhost:8020", "code_verifier": verifier}
        for form in [
            base | {"grant_type": "authorization_code", "code": secrets.token_hex(32)}, base | {"grant_type": "authorization_code", "code": ticket[1].decode()},
            {"grant_type": "refresh_token", "client_id": "databricks-cli", "refresh_token": secrets.token_hex(32)},
            {"grant_type": "client_credentials", "client_id": secrets.token_hex(16), "client_secret": "dose" + secrets.token_hex(16)},
            {"grant_type": "password", "username": user, "password": ""},
            {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
             "subject_token": "e30.e30.e30"},
        ]:
            status, answer = self.request("POST", "/oidc/v1/token", (), urllib.parse.urlencode(form).encode())
            if status < 400:
                self.report(f"the token endpoint for {form}: {answer[:300]!r}")

    # What lies on the disk, and who answers on sockets.

    def read(self, path):
        """Whether a file can be read, or a folder listed."""
        self.counts["files"] += 1
        try:
            if stat.S_ISDIR(os.stat(path).st_mode):
                return os.listdir(path)
            with open(path, "rb") as file:
                return file.read(4096) or b" "
        except OSError:
            return None

    def try_files(self):
        certificate = self.read(f"{self.data}/ca.pem")
        self.counts["ca.pem"] = 1 if certificate else 0
        if certificate and b"PRIVATE" in certificate:
            self.report("ca.pem has a private key")
        names = ["", "lock", "lakebase.json", "resources.db", "resources.db-wal", "resources.db-shm", "secrets", "branches", "apps", "workspace",
                 "workspace/files", "workspace/incoming", "postgres"]
        names += ["secrets/" + name for name in [
            "developer-token", "client-secret", "login-code", "signing.key", "ca.key", "administrator-password", "ca-key.pem"]]
        for branch in ["local", "production", "main", "br-local-production", "projects-local"]:
            names += [f"branches/{branch}", f"branches/{branch}/data", f"branches/{branch}/data/PG_VERSION", f"branches/{branch}/postgres.log"]
        for name in names:
            path = f"{self.data}/{name}".rstrip("/")
            if self.read(path) is not None:
                self.report(f"{path} can be read")
            for attempt in (lambda: os.open(path, os.O_WRONLY), lambda: os.open(path + "/planted", os.O_WRONLY | os.O_CREAT),
                            lambda: os.symlink("/dev/null", path + "/planted-link"), lambda: os.rename(path, path + ".away")):
                try:
                    attempt()
                    self.report(f"{path} can be changed")
                except OSError:
                    pass

    def try_sockets(self):
        for folder in glob.glob("/tmp/lakebase-run.*") + glob.glob("/run/lakebase*"):
            try:
                if os.stat(folder).st_uid == os.getuid():
                    continue
            except FileNotFoundError:
                # Of another lakebase dev, which has just ended.
                continue
            if self.read(folder) is not None:
                self.report(f"{folder} can be listed")
            for number in list(range(0, 8)) + [5432]:
                for name in [f".s.PGSQL.{number}", f"{number}/.s.PGSQL.5432", f"e{number}/.s.PGSQL.5432", "pg_hba.conf"]:
                    with socket.socket(socket.AF_UNIX) as connection:
                        try:
                            connection.connect(f"{folder}/{name}")
                            self.report(f"{folder}/{name} takes connections")
                        except OSError:
                            self.counts["sockets"] += 1

    def listeners(self):
        """Ports of this machine's own addresses, but not the workspace's; those of other programs' are left in peace."""
        with open("/proc/net/tcp", encoding="ascii") as file:
            for line in file.readlines()[1:]:
                fields = line.split()
                address, port = fields[1].split(":")
                if fields[3] != "0A" or (self.sockets and fields[9] not in self.sockets):
                    continue
                host = socket.inet_ntoa(struct.pack("<I", int(address, 16)))
                if host.startswith("127.") and host != "127.0.0.1" and not host.startswith("127.0.0."):
                    yield host, int(port, 16)

    def try_databases(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        listeners = list(self.listeners())
        if self.sockets and not listeners:
            self.report("none of its sockets is an endpoint's, and so no login was tried")
        for host, port in listeners:
            for user in ["developer@localhost", "cloud_admin", "postgres", "databricks_superuser"]:
                for password in ["", "postgres", "dapi" + secrets.token_hex(16), "e30.e30.e30"]:
                    try:
                        with socket.create_connection((host, port), timeout=10) as plain:
                            plain.sendall(struct.pack(">II", 8, 80877103))
                            if plain.recv(1) != b"S":
                                continue
                            with context.wrap_socket(plain) as connection:
                                words = f"user\0{user}\0database\0databricks_postgres\0\0".encode()
                                connection.sendall(struct.pack(">II", len(words) + 8, 196608) + words)
                                answer = connection.recv(4096)
                                secret = password.encode() + b"\0"
                                connection.sendall(b"p" + struct.pack(">I", len(secret) + 4) + secret)
                                answer = connection.recv(4096)
                                self.counts["logins"] += 1
                                if answer[:1] not in (b"E", b""):
                                    self.report(f"a login as {user} at {host}:{port}: {answer[:80]!r}")
                    except OSError:
                        self.counts["closed"] += 1

    def try_processes(self):
        for folder in glob.glob("/proc/[0-9]*"):
            try:
                with open(folder + "/cmdline", "rb") as file:
                    words = file.read()
            except OSError:
                continue
            if (b"lakebase" in words or b"postgres" in words) and SECRET.search(words):
                self.report(f"a secret in {folder}/cmdline")
        if self.pid:
            for name in ["environ", "mem", "maps", "fd", "cwd"]:
                if self.read(f"/proc/{self.pid}/{name}") is not None:
                    self.report(f"/proc/{self.pid}/{name} can be read")

    def run(self):
        rounds = 0
        while rounds == 0 or time.monotonic() < self.deadline:
            for attempt in [self.try_files, self.try_sockets, self.try_processes, self.try_databases, self.try_login, self.try_names,
                            self.try_routes]:
                attempt()
            rounds += 1
        self.counts["rounds"] = rounds
        self.counts["found"] = len(self.found)
        print(json.dumps({"uid": os.getuid(), **{str(key): value for key, value in self.counts.items()}}))
        return 1 if self.found else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", required=True, help="the workspace's address")
    parser.add_argument("--data", required=True, help="its data folder")
    parser.add_argument("--routes", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "routes.txt"))
    parser.add_argument("--seconds", type=float, default=5, help="how long to go on; one round in any case")
    parser.add_argument("--pid", type=int, help="its process")
    parser.add_argument("--sockets", help="the inodes of its sockets, with commas; without, every program's are tried")
    sys.exit(Stranger(parser.parse_args()).run())
