//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Secrets
import Synchronization
import TestSupport
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

/// The HTTP service over a socket, byte by byte.
extension WholeLakebaseTests {
    @Suite("HTTP service", .serialized) struct HTTPServiceTests {
        /// A request without a body, with one more field.
        private static func request(
            _ path: String, method: String = "GET", host: String = "localhost", field: String = "",
            version: String = "1.1"
        ) -> String {
            "\(method) \(path) HTTP/\(version)\r\nHost: \(host)\r\n\(field.isEmpty ? "" : field + "\r\n")\r\n"
        }

        private static func status(_ answer: String) -> Int? {
            answer.firstMatch(of: /^HTTP\/1\.[01] ([0-9]{3})/).flatMap { Int($0.1) }
        }

        private static func bearer(_ fixture: Fixture) -> String {
            fixture.ready.developer.credential.withUnsafeValue { "Authorization: Bearer \($0)" }
        }

        @Test func `list of routes for the scripts is the router's`() async throws {
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Security/routes.txt")
            let kept = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
            var known: [String] = []
            for path in RouteSamples.all {
                known.append((try await RouteSamples.isOpen(path) ? "open  " : "owner ") + path)
            }
            #expect(kept == known, "write this to Tests/Security/routes.txt:\n\(known.joined(separator: "\n"))")
        }

        @Test func `no route and no method answers a stranger`() async throws {
            try await Fixture.with { fixture in
                let foreign = fixture.ready.developer.credential.withUnsafeValue { String($0.reversed()) }
                for path in RouteSamples.all {
                    if try await RouteSamples.isOpen(path) { continue }
                    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"] {
                        for field in [
                            "", "Authorization: Bearer \(foreign)", "Authorization: Bearer",
                            "Authorization: Basic Og==",
                        ] {
                            let answer = try await fixture.raw(
                                Self.request(
                                    path, method: method,
                                    field: field.isEmpty ? "Connection: close" : field + "\r\nConnection: close"))
                            let status = Self.status(answer)
                            #expect(status == 401 || status == 405, "\(method) \(path) \(field): \(answer.prefix(200))")
                            #expect(!answer.lowercased().contains("\r\naccess-control-"))
                        }
                    }
                }
            }
        }

        @Test func `every route refuses foreign names and origins, with a good token, too`() async throws {
            try await Fixture.with { fixture in
                let token = Self.bearer(fixture)
                for path in RouteSamples.all + ["/nothing", "/api/2.0/postgres/nothing"] {
                    for (host, field, status) in [
                        ("evil.example.com:\(fixture.port)", token, 421), ("evil.example.com", "X: y", 421),
                        ("localhost", token + "\r\nOrigin: http://evil.example.com", 403),
                        ("localhost", "Origin: null", 403),
                        ("localhost", token + "\r\nHost: localhost", 400),
                    ] {
                        for method in ["GET", "POST", "OPTIONS"] {
                            let answer = try await fixture.raw(
                                Self.request(path, method: method, host: host, field: field))
                            #expect(Self.status(answer) == status, "\(method) \(path) \(host): \(answer.prefix(200))")
                            #expect(!answer.lowercased().contains("\r\naccess-control-"))
                        }
                    }
                }
                #expect(Self.status(try await fixture.raw("GET / HTTP/1.1\r\n\r\n")) == 400)
                #expect(Self.status(try await fixture.raw("GET / HTTP/1.0\r\n\r\n")) == 400)
                #expect(Self.status(try await fixture.raw("garbage\r\n\r\n")) == 400)
                let long = "X: " + String(repeating: "a", count: 40_000)
                #expect([400, 431].contains(Self.status(try await fixture.raw(Self.request("/", field: long)))))
                let many = (0..<200).map { "X-\($0): y" }.joined(separator: "\r\n")
                #expect([400, 431].contains(Self.status(try await fixture.raw(Self.request("/", field: many)))))
            }
        }

        @Test func `names of this machine are answered, HTTP of 1996 without chunks, HEAD without a body`() async throws
        {
            try await Fixture.with { fixture in
                for host in ["localhost:1", "127.0.0.1:\(fixture.port)", "[::1]:80", "a.localhost"] {
                    let answer = try await fixture.raw(
                        Self.request("/oidc/jwks.json", host: host, field: "Connection: close"))
                    #expect(Self.status(answer) == 200 && answer.contains("\"keys\""), "\(host)")
                }
                let old = try await fixture.raw(Self.request("/oidc/jwks.json", version: "1.0"))
                #expect(old.hasPrefix("HTTP/1.0 200") && old.contains("\"keys\""), "\(old)")
                #expect(!old.lowercased().contains("transfer-encoding"))
                let head = try await fixture.raw(
                    Self.request("/oidc/jwks.json", method: "HEAD", field: "Connection: close"))
                #expect(head.hasSuffix("\r\n\r\n") && Self.status(head) == 405, "\(head)")
                // Two on one connection, in order, then the refusal of the third.
                let pipelined = try await fixture.raw(
                    Self.request("/oidc/jwks.json") + Self.request("/local/status")
                        + Self.request("/", host: "evil.example.com") + Self.request("/oidc/jwks.json"))
                let statuses = pipelined.matches(of: /HTTP\/1\.1 ([0-9]{3})/).map { String($0.1) }
                #expect(statuses == ["200", "401", "421"])
            }
        }

        @Test func `body is wanted of those only who may send it`() async throws {
            try await Fixture.with { fixture in
                let ask = "Content-Length: 2\r\nExpect: 100-continue"
                let path = "/api/2.0/postgres/projects?project_id=A"
                let stranger = try await fixture.raw(Self.request(path, method: "POST", field: ask))
                #expect(Self.status(stranger) == 401 && !stranger.contains("100 Continue"), "\(stranger)")
                let connection = try RawHTTP(port: fixture.port)
                connection.send(
                    Self.request(path, method: "POST", field: ask + "\r\nConnection: close\r\n" + Self.bearer(fixture)))
                let asked = await connection.read { $0.contains("\r\n\r\n") }.text
                #expect(asked == "HTTP/1.1 100 Continue\r\n\r\n", "\(asked)")
                connection.send("{}")
                #expect(Self.status(await connection.read().text) == 400)
                // Without the expectation nothing is kept either: the answer comes at the head.
                for (size, field, status) in [
                    ("1000000000000", "X: y", 401), ("99999999999999999999", "X: y", 400),
                    ("2000000", Self.bearer(fixture), 413),
                ] {
                    let sender = try RawHTTP(port: fixture.port)
                    sender.send(Self.request(path, method: "POST", field: "Content-Length: \(size)\r\n\(field)") + "{")
                    let answer = await sender.read { $0.contains("\r\n\r\n") }.text
                    #expect(Self.status(answer) == status, "\(size): \(answer)")
                    if status != 400 { #expect(answer.lowercased().contains("connection: close"), "\(answer)") }
                }
                // Sent to its end, the body leaves a connection that goes on, unless the answer was there before that end.
                let sender = try RawHTTP(port: fixture.port)
                let long = Self.request("/oidc/v1/token", method: "POST", field: "Transfer-Encoding: chunked")
                sender.send(long + "20000\r\n" + String(repeating: "a", count: 0x20000) + "\r\n0\r\n\r\n")
                let refusal = await sender.read { $0.contains("\r\n\r\n{") }.text
                #expect(Self.status(refusal) == 413)
                if refusal.lowercased().contains("connection: close") {
                    #expect(await sender.read().ended)
                } else {
                    sender.send(Self.request("/oidc/jwks.json"))
                    #expect(Self.status(await sender.read { $0.contains("\r\n\r\n{") }.text) == 200)
                }
            }
        }

        @Test func `slow heads and slow bodies end in time`() async throws {
            var configuration = LocalLakebaseConfiguration()
            // A client that is not slow has that long for its head, on a busy machine as well.
            configuration.http.headTime = .seconds(2)
            configuration.http.bodyTime = .seconds(2)
            try await Fixture.with(configuration) { fixture in
                let silent = try RawHTTP(port: fixture.port)
                #expect(await silent.read() == ("", true))
                let head = try RawHTTP(port: fixture.port)
                head.send("GET / HTTP/1.1\r\nHo")
                let slowHead = await head.read()
                #expect(Self.status(slowHead.text) == 408 && slowHead.ended)
                let body = try RawHTTP(port: fixture.port)
                body.send(Self.request("/oidc/v1/token", method: "POST", field: "Content-Length: 10") + "grant")
                let slowBody = await body.read()
                #expect(Self.status(slowBody.text) == 408 && slowBody.ended, "\(slowBody)")
                #expect(try await fixture.http("GET", "/oidc/jwks.json").status == 200)
            }
        }

        @Test func `connections of strangers make room, those of the owner stay`() async throws {
            var configuration = LocalLakebaseConfiguration()
            configuration.http.strangers = 4
            try await Fixture.with(configuration) { fixture in
                let owner = try RawHTTP(port: fixture.port)
                owner.send(Self.request("/local/status", field: Self.bearer(fixture)))
                #expect(Self.status(await owner.read { $0.contains("\r\n\r\n{") }.text) == 200)
                var strangers: [RawHTTP] = []
                for _ in 0..<6 {
                    let stranger = try RawHTTP(port: fixture.port)
                    stranger.send(Self.request("/oidc/jwks.json"))
                    #expect(Self.status(await stranger.read { $0.contains("\r\n\r\n{") }.text) == 200)
                    strangers.append(stranger)
                }
                // The oldest two are gone, the others and the owner are answered.
                #expect(await strangers[0].read().ended)
                #expect(await strangers[1].read().ended)
                for one in strangers.suffix(4) + [owner] {
                    one.send(Self.request("/oidc/jwks.json"))
                    #expect(Self.status(await one.read { $0.contains("\r\n\r\n{") }.text) == 200)
                }
            }
        }

        @Test func `bodies share a room, and strangers have one of their own`() async throws {
            var configuration = LocalLakebaseConfiguration()
            configuration.http.strangerBytes = 1_000
            try await Fixture.with(configuration) { fixture in
                let first = try RawHTTP(port: fixture.port)
                let form = String(repeating: "a", count: 900)
                first.send(Self.request("/oidc/v1/token", method: "POST", field: "Content-Length: 1000") + form)
                // Until the service has taken it, the second has room.
                let deadline = ContinuousClock.now + .seconds(60)
                var answer = ""
                repeat {
                    answer = try await fixture.raw(
                        Self.request(
                            "/oidc/v1/token", method: "POST", field: "Content-Length: 900\r\nConnection: close") + form)
                } while Self.status(answer) != 503 && ContinuousClock.now < deadline
                #expect(Self.status(answer) == 503 && answer.lowercased().contains("retry-after: 1"), "\(answer)")
                let large = "{\"x\":\"\(String(repeating: "a", count: 5_000))\"}"
                let known = try await fixture.http(
                    "POST", "/api/2.0/postgres/projects?project_id=A", token: fixture.ready.developer.credential,
                    body: large)
                #expect(known.status == 400)
                first.send(String(repeating: "a", count: 100))
                #expect(Self.status(await first.read { $0.contains("\r\n\r\n{") }.text) == 400)
                #expect(
                    Self.status(
                        try await fixture.raw(
                            Self.request(
                                "/oidc/v1/token", method: "POST", field: "Content-Length: 900\r\nConnection: close")
                                + form))
                        == 400)
            }
        }

        @Test func `connections that come while it stops end, and the process does not`() async throws {
            for _ in 0..<3 {
                let lakebase = try LocalLakebase(configuration: .init(), logger: Fixture.quiet)
                let opened = Count()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await lakebase.run() }
                    let port = Fixture(lakebase: lakebase, ready: try await lakebase.ready()).port
                    group.addTask {
                        // Until nobody listens any more, whatever is cancelled.
                        let deadline = ContinuousClock.now + .seconds(60)
                        while ContinuousClock.now < deadline, let connection = try? RawHTTP(port: port) {
                            connection.send(Self.request("/oidc/jwks.json"))
                            opened.value.withLock { $0 += 1 }
                        }
                    }
                    while opened.value.withLock({ $0 }) < 50 { await Task.yield() }
                    group.cancelAll()
                    while await group.nextResult() != nil {}
                }
                #expect(opened.value.withLock { $0 } >= 50)
            }
        }

        @Test(.hasTheMachineAlone) func `upload goes to a file, and from there to its place`() async throws {
            try await Fixture.with { fixture in
                let size = 48 << 20
                let before = try Self.residentBytes()
                let connection = try RawHTTP(port: fixture.port)
                let path = "/api/2.0/workspace-files/import-file/Shared/large.bin?overwrite=true"
                connection.send(
                    Self.request(
                        path, method: "POST",
                        field: "Content-Length: \(size)\r\nConnection: close\r\n" + Self.bearer(fixture)))
                let part = String(repeating: "0123456789abcdef", count: 1 << 16)
                for _ in 0..<(size / part.utf8.count) { connection.send(part) }
                #expect(Self.status(await connection.read(within: .seconds(60)).text) == 200)
                // Far less than the body.
                #expect(try Self.residentBytes() - before < 40 << 20)
                let file = fixture.ready.dataDirectory + "/workspace/files/Shared/large.bin"
                #expect(try Self.size(of: file) == size)
                let left = try FileManager.default.contentsOfDirectory(
                    atPath: fixture.ready.dataDirectory + "/workspace/incoming")
                #expect(left.isEmpty)
                // One that breaks off leaves nothing.
                do {
                    let broken = try RawHTTP(port: fixture.port)
                    broken.send(
                        Self.request(path, method: "POST", field: "Content-Length: 100\r\n" + Self.bearer(fixture))
                            + "half")
                }
                let deadline = ContinuousClock.now + .seconds(60)
                while try !FileManager.default.contentsOfDirectory(
                    atPath: fixture.ready.dataDirectory + "/workspace/incoming"
                ).isEmpty {
                    try #require(ContinuousClock.now < deadline)
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(try Self.size(of: file) == size)
            }
        }

        private static func size(of file: String) throws -> Int? {
            (try FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber)?.intValue
        }

        private static func residentBytes() throws -> Int {
            let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = try #require(text.firstMatch(of: /VmRSS:\s+([0-9]+) kB/))
            // What is mapped from a file may be dropped at any time, and does not count.
            let file = try #require(text.firstMatch(of: /RssFile:\s+([0-9]+) kB/))
            return ((Int(line.1) ?? 0) - (Int(file.1) ?? 0)) * 1024
        }

        @Test(arguments: [
            "/local/apps/APP/logs?after=9223372036854775807",
            "/local/apps/APP/logs?after=-9223372036854775808&tail=9223372036854775807",
            "/local/apps/APP/logs?wait=9223372036854775807&after=0&tail=-1",
            "/api/2.0/apps?page_token=9223372036854775807",
            "/api/2.0/apps?page_token=9223372036854775806&page_size=9223372036854775807",
            "/api/2.0/apps?page_size=-9223372036854775808",
            "/api/2.0/postgres/projects?page_size=9223372036854775807",
            "/api/2.0/postgres/projects?page_token=YWZ0ZXI6",
            "/api/2.0/preview/scim/v2/ServicePrincipals?startIndex=9223372036854775807&count=9223372036854775807",
            "/api/2.0/preview/scim/v2/ServicePrincipals?startIndex=-9223372036854775808&count=-9223372036854775808",
        ]) func `no number of an address ends the process`(path: String) async throws {
            try await Fixture.with { fixture in
                let token = fixture.ready.developer.credential
                _ = try await fixture.http(
                    "POST", "/api/2.0/apps?no_compute=true", token: token, body: #"{"name":"numbers"}"#)
                let answer = try await fixture.http("GET", path.replacing("APP", with: "numbers"), token: token)
                #expect([200, 400].contains(answer.status), "\(answer.status)")
                #expect(try await fixture.http("GET", "/local/status", token: token).status == 200)
            }
        }

        @Test func `log of requests has no line that a peer made`() async throws {
            let lines = Mutex<[String]>([])
            var logger = Logger(
                label: "test", factory: { _ in LineLog(lines: { line in lines.withLock { $0.append(line) } }) })
            logger.logLevel = .debug
            let lakebase = try LocalLakebase(configuration: .init(), logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await lakebase.run() }
                let fixture = Fixture(lakebase: lakebase, ready: try await lakebase.ready())
                _ = try await fixture.raw(
                    Self.request("/a%0A2026-01-01T00:00:00Z%20error%20forged%1B%5B2J", field: "Connection: close"))
                group.cancelAll()
                while await group.nextResult() != nil {}
            }
            let asked = lines.withLock { $0 }.filter { $0.contains("forged") }
            #expect(asked.count == 1)
            for line in asked {
                #expect(line.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) }, "\(line)")
            }
        }
    }
}

/// A number that two tasks share.
private final class Count: Sendable {
    let value = Mutex(0)
}

/// Hands each line to a test, as it would be written.
private struct LineLog: LogHandler {
    let lines: @Sendable (String) -> Void
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
        self.lines("\(event.message) \(fields)")
    }
}
