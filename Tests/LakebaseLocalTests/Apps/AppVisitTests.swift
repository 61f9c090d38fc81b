//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@testable import LakebaseLocal

@Suite("Headers of visits to apps") struct AppVisitHeadTests {
    private let head = AppProxyHead(isLoopback: true)

    @Test(arguments: [
        "X_Forwarded_User", "x-forwarded_email", "X_FORWARDED-ACCESS_TOKEN", "X-Forwarded-User", "x.forwarded.user",
        "X_Real_Ip", "X-Request_Id", "X_Forwarded_Preferred_Username", "X-Forwarded-Anything",
    ]) func `a visitor cannot say what only the platform says, however it is written`(name: String) {
        let sent = self.head.forwarded(
            [(name, "forged"), ("X-Other", "kept")], authority: "localhost:1", userName: "u", displayName: "d",
            requestID: "r")
        #expect(!sent.contains { $0.1 == "forged" })
        #expect(sent.contains { $0 == ("X-Other", "kept") })
        #expect(sent.filter { $0.0.lowercased() == "x-forwarded-user" }.map(\.1) == ["u"])
    }

    @Test func `what a connection names goes no further`() {
        let sent = self.head.forwarded(
            [("Connection", "close,\tX-Hop , other"), ("X-Hop", "1"), ("Other", "2"), ("X-Kept", "3")],
            authority: nil, userName: "u", displayName: "d", requestID: "r")
        #expect(!sent.contains { ["x-hop", "other", "connection"].contains($0.0.lowercased()) })
        #expect(sent.contains { $0 == ("X-Kept", "3") })
    }

    @Test(arguments: [
        ("localhost:8000", true), ("127.0.0.1", true), ("[::1]:1", true), ("a.localhost", true),
        ("evil.example.com", false),
        ("127.0.0.1.evil.com", false), ("localhost\u{301}", false), ("\u{301}127.0.0.1", false),
    ]) func `only this machine's names are answered`(authority: String, isAllowed: Bool) {
        #expect(self.head.isAllowed(authority: authority) == isAllowed)
    }
}

/// Visitors who leave, wait and stay.
extension WholeLakebaseTests {
    @Suite("Visits to apps", .serialized) struct AppVisitTests {
        /// An app with server-sent events, which tells how many of its visitors are there.
        static let files = [
            "app.yaml": "command: [python3, -u, app.py]\n",
            "app.py": """
            import os, threading
            from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

            lock, there = threading.Lock(), 0

            class Handler(BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"
                def log_message(self, *_): pass
                def count(self, change):
                    global there
                    with lock: there += change
                def do_GET(self):
                    if self.path == "/events":
                        self.count(1)
                        try:
                            self.send_response(200)
                            self.send_header("Content-Type", "text/event-stream")
                            self.send_header("Connection", "close")
                            self.end_headers()
                            self.wfile.write(b"data: first\\n\\n")
                            self.wfile.flush()
                            self.connection.recv(1)
                        finally:
                            self.count(-1)
                        self.close_connection = True
                        return
                    if self.path == "/never":
                        self.count(1)
                        try: self.connection.recv(1)
                        finally: self.count(-1)
                        self.close_connection = True
                        return
                    body = str(there).encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            class Server(ThreadingHTTPServer):
                request_queue_size = 256
                daemon_threads = True

            Server(("0.0.0.0", int(os.environ["DATABRICKS_APP_PORT"])), Handler).serve_forever()
            """,
        ]

        /// A visitor at a socket, without a client that does anything by itself.
        final class Visitor: Sendable {
            private let descriptor: Int32

            init(port: Int, path: String) throws {
                #if canImport(Darwin)
                self.descriptor = socket(AF_INET, SOCK_STREAM, 0)
                #else
                self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                #endif
                try #require(self.descriptor >= 0)
                var limit = timeval(tv_sec: 20, tv_usec: 0)
                setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = UInt16(port).bigEndian
                address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
                let connected = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
                try #require(connected == 0)
                let text = Array("GET \(path) HTTP/1.1\r\nHost: localhost:\(port)\r\n\r\n".utf8)
                try #require(send(self.descriptor, text, text.count, 0) == text.count)
            }

            /// Reads until that text has come.
            func read(until wanted: String) -> String {
                var text = ""
                var bytes = [UInt8](repeating: 0, count: 4_096)
                while !text.contains(wanted) {
                    let count = recv(self.descriptor, &bytes, bytes.count, 0)
                    guard count > 0 else { break }
                    text += String(decoding: bytes[..<count], as: UTF8.self)
                }
                return text
            }

            deinit { close(self.descriptor) }
        }

        private func port(_ apps: AppFixture) async throws -> Int {
            let url = try await apps.client.apps.get("notes").url
            return try #require(url.flatMap { URL(string: $0) }?.port)
        }

        /// Waits until the app has that many visitors.
        private func wait(_ apps: AppFixture, for count: Int) async throws {
            let deadline = ContinuousClock.now + .seconds(60)
            while true {
                let text = try await apps.visit("/").text
                if text == String(count) { return }
                try #require(ContinuousClock.now < deadline, "\(text) of \(count) are there")
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        @Test func `visitors who have left hold nothing, and the app learns of it`() async throws {
            try await AppFixture.with { apps in
                _ = try await apps.create(.init(name: "notes"))
                try await apps.deploy(Self.files)
                let port = try await self.port(apps)
                // On a thread that may block: these sockets do.
                try await FileThread.run {
                    for number in 1...200 {
                        let visitor = try Visitor(port: port, path: "/events")
                        let heard = visitor.read(until: "first")
                        try #require(heard.contains("data: first"), "visitor \(number): \(heard)")
                    }
                }
                // An app whose requests are all taken answers 503.
                let answer = try await apps.visit("/")
                #expect(answer.status == 200)
                try await self.wait(apps, for: 0)
                // Those who leave before there is an answer.
                do {
                    let waiting = try await FileThread.run {
                        try (1...100).map { _ in try Visitor(port: port, path: "/never") }
                    }
                    try await self.wait(apps, for: 100)
                    withExtendedLifetime(waiting) {}
                }
                try await self.wait(apps, for: 0)
            }
        }

        @Test func `requests are bounded in number and in time`() async throws {
            var configuration = AppFixture.configuration()
            configuration.apps.requestLimit = 3
            // The app has to begin with the others' answers in it, on a busy machine as well.
            configuration.apps.answerLimit = .seconds(5)
            try await AppFixture.with(configuration) { apps in
                _ = try await apps.create(.init(name: "notes"))
                try await apps.deploy(Self.files)
                let port = try await self.port(apps)
                let late = try await apps.visit("/never")
                #expect(late.status == 504 && late.text.contains("did not begin to answer"))
                try await self.wait(apps, for: 0)
                try await FileThread.run {
                    let one = try Visitor(port: port, path: "/events"), two = try Visitor(port: port, path: "/events")
                    let three = try Visitor(port: port, path: "/events")
                    #expect(one.read(until: "first").contains("first") && two.read(until: "first").contains("first"))
                    #expect(three.read(until: "first").contains("first"))
                    let full = try Visitor(port: port, path: "/").read(until: "open")
                    #expect(full.contains("503") && full.contains("3 requests open"))
                    withExtendedLifetime((one, two, three)) {}
                }
                let deadline = ContinuousClock.now + .seconds(60)
                while try await apps.visit("/").status == 503 {
                    try #require(ContinuousClock.now < deadline)
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
    }
}

@Suite("Handing over") struct HandoffTests {
    @Test func `values come in order, and the end after them`() async throws {
        let handoff = Handoff<Int>()
        async let giving: Void = {
            for number in 1...1_000 { try await handoff.give(number) }
            handoff.end(nil)
        }()
        var taken: [Int] = []
        while let number = try await handoff.take() { taken.append(number) }
        try await giving
        #expect(taken == Array(1...1_000))
    }

    @Test func `an end reaches both, and so does a cancellation`() async throws {
        struct Stop: Error {}
        let ended = Handoff<Int>()
        async let giver: Void = ended.give(1)
        while try await ended.take() != 1 {}
        try await giver
        ended.end(Stop())
        await #expect(throws: Stop.self) { try await ended.take() }
        await #expect(throws: Stop.self) { try await ended.give(2) }
        let waiting = Handoff<Int>()
        let task = Task { try await waiting.take() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await #expect(throws: CancellationError.self) { try await waiting.give(1) }
    }
}
