//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import ProgramLauncher
import Testing

@testable import LakebaseLocal
@testable import LocalPostgres
@testable import LocalWorkspace

extension WholeLakebaseTests {
    @Suite("WebSockets and lost connections of apps", .serialized) struct AppSocketTests {
        /// What client and app share: the frames of WebSockets.
        private static let frames = """
            import base64, hashlib, os, socket, ssl, struct, sys, threading, time

            def read_exactly(stream, count):
                data = stream.read(count)
                if len(data) < count: raise EOFError()
                return data

            def read_frame(stream):
                head = read_exactly(stream, 2)
                length = head[1] & 127
                if length == 126: length = struct.unpack(">H", read_exactly(stream, 2))[0]
                elif length == 127: length = struct.unpack(">Q", read_exactly(stream, 8))[0]
                mask = read_exactly(stream, 4) if head[1] & 128 else None
                payload = read_exactly(stream, length)
                if mask: payload = bytes(b ^ mask[i & 3] for i, b in enumerate(payload))
                return head[0] & 15, payload

            def frame(kind, payload, mask=None):
                bit = 128 if mask else 0
                head = bytes([128 | kind])
                if len(payload) < 126: head += bytes([bit | len(payload)])
                elif len(payload) < 65536: head += bytes([bit | 126]) + struct.pack(">H", len(payload))
                else: head += bytes([bit | 127]) + struct.pack(">Q", len(payload))
                if mask: return head + mask + bytes(b ^ mask[i & 3] for i, b in enumerate(payload))
                return head + payload

            """

        /// An app that speaks WebSockets, breaks connections and tells how much memory it is held up by.
        private static let files = [
            "app.yaml": "command: [python3, -u, app.py]\n",
            "frames.py": Self.frames,
            "app.py": """
            from frames import *
            from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
            sent = 0

            class Handler(BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"
                def log_message(self, *_): pass
                def answer(self, status, body):
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                def do_POST(self):
                    self.rfile.read(int(self.headers["Content-Length"]))
                    self.answer(500, b"broken")
                    self.close_connection = True
                def do_GET(self):
                    global sent
                    if self.path == "/broken":
                        # As after an unhandled exception: it says nothing of the end, and ends.
                        self.answer(500, b"broken")
                        self.close_connection = True
                        return
                    if self.path == "/sent":
                        self.answer(200, str(sent).encode())
                        return
                    if self.headers.get("Upgrade") != "websocket" or self.path == "/refused":
                        self.answer(426, b"no websocket here")
                        return
                    self.close_connection = True
                    accept = base64.b64encode(hashlib.sha1((self.headers["Sec-WebSocket-Key"] +
                        "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
                    hello = f"{self.headers['X-Forwarded-User']} {self.headers['Host']} {self.headers.get('X-Forged')}".encode()
                    # The head and the first message in one piece.
                    self.wfile.write(("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
                        f"Sec-WebSocket-Accept: {accept}\\r\\n\\r\\n").encode() + frame(1, hello))
                    if self.path == "/flood":
                        block = frame(2, bytes(60000))
                        for _ in range(2000):
                            self.wfile.write(block)
                            sent += len(block)
                        return
                    if self.path == "/half":
                        # Answers only when the other side has sent all there is.
                        total = 0
                        try:
                            while True: total += len(read_frame(self.rfile)[1])
                        except EOFError: pass
                        self.wfile.write(frame(1, str(total).encode()))
                        return
                    try:
                        while True:
                            kind, payload = read_frame(self.rfile)
                            self.wfile.write(frame(kind, payload))
                            self.wfile.flush()
                    except EOFError: pass

            class Server(ThreadingHTTPServer):
                request_queue_size = 256
                daemon_threads = True

            Server(("0.0.0.0", int(os.environ["DATABRICKS_APP_PORT"])), Handler).serve_forever()
            """,
        ]

        private static let client =
            Self.frames + """
                port = int(sys.argv[1])
                host = f"127.0.0.1:{port}"

                def open_socket(path, *headers, host=host):
                    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
                    if len(sys.argv) > 2:
                        context = ssl.create_default_context(cafile=sys.argv[2])
                        connection = context.wrap_socket(connection, server_hostname="127.0.0.1")
                    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: keep-alive, Upgrade", "Upgrade: websocket",
                        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *headers, "", ""]
                    connection.sendall("\\r\\n".join(lines).encode())
                    stream = connection.makefile("rb")
                    status = stream.readline().decode()
                    head = {}
                    while (line := stream.readline().strip()):
                        name, _, value = line.decode().partition(":")
                        head[name.lower()] = value.strip()
                    return connection, stream, status, head

                def ask(path):
                    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
                    connection.sendall(f"GET {path} HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n".encode())
                    return connection.makefile("rb").read().rpartition(b"\\r\\n\\r\\n")[2].decode()


                """

        private func run(_ apps: AppFixture, _ script: String) async throws -> String {
            let url = try #require(try await apps.client.apps.get("notes").url)
            let port = try #require(URL(string: url)?.port)
            let certificate = url.hasPrefix("https://") ? [apps.fixture.ready.certificateFile] : []
            let result = try await ChildProcess.run(
                "/usr/bin/env", ["python3", "-c", Self.client + script, String(port)] + certificate)
            #expect(result.status == 0, "\(result.output)")
            return result.output
        }

        @Test func `messages go both ways, ten thousand of them, and the app knows who it is`() async throws {
            try await AppFixture.with { apps in
                _ = try await apps.create(.init(name: "notes"))
                try await apps.deploy(Self.files)
                let output = try await self.run(
                    apps,
                    """
                    connection, stream, status, head = open_socket("/", f"Origin: http://{host}", "X-Forwarded-User: forged",
                        "X-Forged: kept")
                    assert status.startswith("HTTP/1.1 101 "), status
                    assert head["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head
                    print(read_frame(stream)[1].decode())
                    def send():
                        for number in range(10000):
                            connection.sendall(frame(1, f"message {number} ".encode() * 5, b"abcd"))
                    sender = threading.Thread(target=send)
                    sender.start()
                    for number in range(10000):
                        kind, payload = read_frame(stream)
                        assert kind == 1 and payload == f"message {number} ".encode() * 5, payload
                    sender.join()
                    connection.shutdown(socket.SHUT_WR)
                    assert stream.read() == b""
                    """)
                let user = apps.fixture.ready.developer.userName
                #expect(output.hasPrefix("\(user) 127.0.0.1:") && output.contains(" kept"), "\(output)")
            }
        }

        @Test func `over TLS nothing is lost either, and slow readers hold the app up`() async throws {
            var configuration = AppFixture.configuration()
            configuration.https = true
            try await AppFixture.with(configuration) { apps in
                _ = try await apps.create(.init(name: "notes"))
                try await apps.deploy(Self.files)
                let output = try await self.run(
                    apps,
                    """
                    for origin in [f"https://{host}", f"http://{host}"]:
                        connection, stream, status, head = open_socket("/", f"Origin: {origin}")
                        assert status.startswith("HTTP/1.1 101 "), status
                        read_frame(stream)
                        # In turns: two threads may not use one TLS session of Python's.
                        for start in range(0, 5000, 250):
                            texts = [f"message {number} ".encode() * 5 for number in range(start, start + 250)]
                            connection.sendall(b"".join(frame(1, text, b"abcd") for text in texts))
                            for text in texts: assert read_frame(stream) == (1, text)
                        connection.close()
                    assert open_socket("/", "Origin: https://evil.example.com")[2].startswith("HTTP/1.1 403 ")

                    connection, stream, status, _ = open_socket("/flood")
                    read_frame(stream)
                    before, now = -1, int(ask("/sent"))
                    while now != before or now == 0:
                        time.sleep(0.3)
                        before, now = now, int(ask("/sent"))
                    print(now)
                    total = 0
                    for _ in range(2000): total += len(read_frame(stream)[1])
                    assert total == 2000 * 60000
                    assert stream.read() == b""
                    """)
                let held = Int(output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? .max
                #expect(held < 40_000_000, "\(output)")
            }
        }

        @Test func `half-closes are kept, slow readers hold the app up, and nothing is lost`() async throws {
            try await AppFixture.with { apps in
                _ = try await apps.create(.init(name: "notes"))
                try await apps.deploy(Self.files)
                let output = try await self.run(
                    apps,
                    """
                    connection, stream, status, _ = open_socket("/half")
                    read_frame(stream)
                    for _ in range(100): connection.sendall(frame(2, bytes(50000), b"abcd"))
                    connection.shutdown(socket.SHUT_WR)
                    assert read_frame(stream)[1] == b"5000000"
                    assert stream.read() == b""

                    connection, stream, status, _ = open_socket("/flood")
                    read_frame(stream)
                    # Waits until the app is held up: what it has sent stands still.
                    before, now = -1, int(ask("/sent"))
                    while now != before or now == 0:
                        time.sleep(0.3)
                        before, now = now, int(ask("/sent"))
                    print(now)
                    total = 0
                    for _ in range(2000): total += len(read_frame(stream)[1])
                    assert total == 2000 * 60000
                    assert stream.read() == b""
                    """)
                // Of 120 MB: the buffers of the system, which grow, and next to nothing here.
                let held = Int(output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? .max
                #expect(held < 40_000_000, "\(output)")
            }
        }

        @Test func `who may not, and what is no WebSocket, is answered as HTTP`() async throws {
            try await AppFixture.with { apps in
                _ = try await apps.create(.init(name: "notes"))
                _ = try await self.run(
                    apps,
                    """
                    assert open_socket("/")[2].startswith("HTTP/1.1 503 ")
                    """)
                try await apps.deploy(Self.files)
                _ = try await self.run(
                    apps,
                    """
                    for path, headers, name, wanted in [
                        ("/", ["Origin: http://evil.example.com"], host, 403), ("/", [f"Origin: http://127.0.0.1:{port + 1}"], host, 403),
                        ("/", ["Origin: null"], host, 403), ("/", [], "evil.example.com", 421),
                        ("/logz/stream", ["Origin: http://evil.example.com"], host, 403), ("/refused", [], host, 426)]:
                        connection, stream, status, head = open_socket(path, *headers, host=name)
                        assert status.startswith(f"HTTP/1.1 {wanted} "), (path, headers, status)
                        # Nothing that comes behind it gets to the app.
                        body = stream.read(int(head["content-length"]))
                        try:
                            connection.sendall(b"GET /sent HTTP/1.1\\r\\nHost: x\\r\\nX-Forwarded-User: forged\\r\\n\\r\\n")
                            assert stream.read() == b""
                        except ConnectionError: pass
                    # Another protocol is offered and not taken.
                    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
                    connection.sendall(f"GET /sent HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: Upgrade, HTTP2-Settings\\r\\n"
                        "Upgrade: h2c\\r\\nHTTP2-Settings: AAMAAABkAAQAAP__\\r\\n\\r\\n".encode())
                    assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 200 ")
                    """)
            }
        }

        @Test func `the log is streamed as the platform's command reads it`() async throws {
            try await AppFixture.with { apps in
                _ = try await apps.create(.init(name: "notes"))
                try await apps.deploy([
                    "app.yaml": AppFixture.shell("echo found-$((40 + 2)); echo pass by"), "page.txt": "x",
                ])
                _ = try await self.run(
                    apps,
                    """
                    import json
                    connection, stream, status, head = open_socket("/logz/stream", f"Origin: http://{host}", "Authorization: Bearer x")
                    assert status.startswith("HTTP/1.1 101 "), status
                    connection.sendall(frame(1, b"found-42", b"abcd"))
                    entry = json.loads(read_frame(stream)[1])
                    assert entry["source"] == "APP" and entry["message"] == "found-42" and entry["timestamp"] > 1e9, entry
                    connection.sendall(frame(9, b"there?", b"abcd"))
                    assert read_frame(stream) == (10, b"there?")
                    connection.sendall(frame(8, b"\\x03\\xe8", b"abcd"))
                    assert read_frame(stream)[0] == 8

                    connection, stream, status, head = open_socket("/logz/stream")
                    connection.sendall(frame(1, b"", b"abcd"))
                    sources = set()
                    while sources != {"APP", "SYSTEM"}: sources.add(json.loads(read_frame(stream)[1])["source"])
                    ask("/page.txt?seen-now")
                    while "seen-now" not in json.loads(read_frame(stream)[1])["message"]: pass
                    """)
            }
        }

        @Test func `an app that answers 500 and closes a thousand times is never a 502`() async throws {
            try await AppFixture.with { apps in
                _ = try await apps.create(.init(name: "notes"))
                try await apps.deploy(Self.files)
                let output = try await self.run(
                    apps,
                    """
                    import http.client
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                    found = {}
                    for number in range(1000):
                        if number % 3 == 2:
                            connection.request("POST", "/", body=b"once")
                        else:
                            connection.request("GET", "/broken" if number % 3 == 0 else "/sent")
                        answer = connection.getresponse()
                        answer.read()
                        found[answer.status] = found.get(answer.status, 0) + 1
                    print(sorted(found.items()))
                    """)
                #expect(output.contains("[(200, 333), (500, 667)]"), "\(output)")
            }
        }
    }
}
