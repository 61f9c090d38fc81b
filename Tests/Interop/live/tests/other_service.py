# lakebase-swift · Apache License 2.0 · see LICENSE
"""A workspace that answers otherwise than `lakebase dev` in what a test says, and passes all else on to one."""

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class OtherService:
    """`change(method, path, status, body)` returns the status and the body to answer with."""

    def __init__(self, change, behind=None):
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                status, kind, said = server.ask(self.command, self.path, self.rfile.read(length), self.headers)
                try:
                    body = json.loads(said)
                except ValueError:
                    body = None
                changed = change(self.command, urlsplit(self.path).path, status, body)
                if changed is not None:
                    status, body = changed
                    kind, said = "application/json", json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                pass

        self._behind = urlsplit(behind) if behind else None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def ask(self, method, path, body, headers):
        """What the workspace behind it answers; without one nothing is there."""
        if self._behind is None:
            return 404, "application/json", b"{}"
        connection = http.client.HTTPConnection(self._behind.hostname, self._behind.port, timeout=60)
        try:
            kept = {name: value for name, value in headers.items() if name.lower() not in ("host", "connection")}
            connection.request(method, path, body or None, kept)
            response = connection.getresponse()
            return response.status, response.getheader("Content-Type") or "application/json", response.read()
        finally:
            connection.close()

    @property
    def host(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
