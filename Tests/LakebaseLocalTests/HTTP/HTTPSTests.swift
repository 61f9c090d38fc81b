//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncHTTPClient
import Databricks
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import ProgramLauncher
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalPostgres
@testable import LocalWorkspace

/// The workspace at an `https://` address.
extension WholeLakebaseTests {
    @Suite("HTTPS", .serialized) struct HTTPSTests {
        private static func configuration() -> LocalLakebaseConfiguration {
            var configuration = AppFixture.configuration()
            configuration.https = true
            configuration.trustVariables = [:]
            return configuration
        }

        /// A client that trusts the authority of this Lakebase and nobody else.
        private static func client<Result: Sendable>(
            _ fixture: Fixture, _ body: (HTTPClient) async throws -> Result
        ) async throws -> Result {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(fixture.ready.certificateFile)
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton,
                configuration: .init(tlsConfiguration: tls, redirectConfiguration: .disallow))
            do {
                let result = try await body(client)
                try await client.shutdown()
                return result
            } catch {
                try? await client.shutdown()
                throw error
            }
        }

        private static func get(
            _ client: HTTPClient, _ url: String, _ headers: [(String, String)] = []
        ) async throws -> (status: Int, text: String, headers: [(name: String, value: String)]) {
            var request = HTTPClientRequest(url: url)
            for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
            let response = try await client.execute(request, timeout: .seconds(60))
            let body = try await response.body.collect(upTo: 1 << 20)
            return (
                Int(response.status.code), String(buffer: body), response.headers.map { ($0.name, $0.value) }
            )
        }

        @Test func `one port answers https and http, and each is told of its own scheme`() async throws {
            try await Fixture.with(Self.configuration()) { fixture in
                let port = fixture.port
                #expect(fixture.ready.host == "https://127.0.0.1:\(port)")
                let environment = fixture.ready.environment(for: .developer)
                #expect(environment["DATABRICKS_HOST"] == fixture.ready.host)
                let bundle = try #require(environment["SSL_CERT_FILE"])
                #expect(environment["REQUESTS_CA_BUNDLE"] == bundle && environment["CURL_CA_BUNDLE"] == nil)
                let authority = try String(contentsOfFile: fixture.ready.certificateFile, encoding: .utf8)
                #expect(try String(contentsOfFile: bundle, encoding: .utf8).hasPrefix(authority))
                try await Self.client(fixture) { client in
                    for host in ["127.0.0.1", "localhost"] {
                        for scheme in ["https", "http"] {
                            let own = "\(scheme)://\(host):\(port)"
                            let config = try await Self.get(client, "\(own)/.well-known/databricks-config")
                            #expect(config.status == 200 && config.text.contains("\(own)/oidc"), "\(config.text)")
                            let found = try await Self.get(
                                client, "\(own)/oidc/.well-known/oauth-authorization-server")
                            for place in ["/oidc\"", "/oidc/v1/authorize\"", "/oidc/v1/token\"", "/oidc/jwks.json\""] {
                                let text = found.text.replacing("\\/", with: "/")
                                #expect(text.contains("\"\(own)\(place)"), "\(found.text)")
                            }
                            // A page is of the origin that it was asked by, and of no other.
                            let login = "\(own)/oidc/v1/authorize"
                            let page = try await Self.get(client, login, [("Origin", own)])
                            #expect(page.status == 400)
                            let other = scheme == "http" ? "https" : "http"
                            let foreign = try await Self.get(client, login, [("Origin", "\(other)://\(host):\(port)")])
                            #expect(foreign.status == 403)
                        }
                    }
                    let misled = try await Self.get(client, fixture.ready.host, [("Host", "evil.example.com")])
                    #expect(misled.status == 421)
                }
            }
        }

        @Test func `handshakes that are slow end in time, and those beyond the limit at once`() async throws {
            var configuration = Self.configuration()
            configuration.http.headTime = .seconds(2)
            configuration.http.strangers = 4
            try await Fixture.with(configuration) { fixture in
                // A record of a handshake that never becomes whole.
                let begun = "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}"
                for text in [begun, "\u{16}"] {
                    let slow = try RawHTTP(port: fixture.port)
                    slow.send(text)
                    // Nothing else ends it.
                    #expect(await slow.read().ended)
                }
                let waiting = try (0..<5).map { _ in try RawHTTP(port: fixture.port) }
                for one in waiting { one.send(begun) }
                #expect(await waiting[0].read().ended)
                // What is no handshake is refused, and the others are served.
                let broken = try RawHTTP(port: fixture.port)
                broken.send("\u{16}GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                #expect(await broken.read().ended)
                try await Self.client(fixture) { client in
                    let answer = try await Self.get(client, fixture.ready.host + "/oidc/jwks.json")
                    #expect(answer.status == 200)
                }
            }
        }

        @Test func `those beyond the limit go at once, though they never say goodbye`() async throws {
            var configuration = Self.configuration()
            configuration.http.strangers = 4
            try await Fixture.with(configuration) { fixture in
                let script = """
                    import select, socket, ssl, sys, time
                    context = ssl.create_default_context(cafile=sys.argv[2])
                    def connect():
                        plain = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60)
                        return context.wrap_socket(plain, server_hostname="127.0.0.1")
                    first = connect()
                    gone = select.poll()
                    gone.register(first.fileno(), select.POLLRDHUP | select.POLLHUP | select.POLLERR)
                    assert not gone.poll(0)
                    others = [connect() for _ in range(4)]
                    began = time.monotonic()
                    assert gone.poll(60000)
                    print(time.monotonic() - began)
                    for one in others:
                        one.sendall(b"GET /oidc/jwks.json HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
                        assert one.recv(100).startswith(b"HTTP/1.1 200")
                    """
                let result = try await ChildProcess.run(
                    "/usr/bin/env",
                    ["python3", "-c", script, String(fixture.port), fixture.ready.certificateFile])
                let waited = Double(result.output.trimmingCharacters(in: .whitespacesAndNewlines))
                // Half of what the farewell would be waited for by default.
                #expect(result.status == 0 && waited.map { $0 < 2.5 } == true, "\(result.output)")
            }
        }

        @Test func `without it the port speaks no TLS, and nothing is said of certificates for it`() async throws {
            try await Fixture.with { fixture in
                #expect(fixture.ready.host.hasPrefix("http://"))
                let names = fixture.ready.environment(for: .app).names
                #expect(!names.contains("SSL_CERT_FILE") && !names.contains("REQUESTS_CA_BUNDLE"))
                let answer = try await fixture.raw("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 400"), "\(answer)")
            }
        }

        @Test func `this library finds it with the variables that are given out, and says what is wrong`() async throws
        {
            try await Fixture.with(Self.configuration()) { fixture in
                let environment = fixture.ready.environment(for: .developer)
                let request = TransportRequest(method: .get, url: fixture.ready.host + "/oidc/jwks.json")
                func send(_ variables: [String: String]) async throws -> Int {
                    try await AsyncHTTPClientTransport(environment: variables).send(request, maximumBody: 1 << 16)
                        .status
                }
                for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"] {
                    let file = try #require(environment[name])
                    let status = try await send([name: file])
                    #expect(status == 200)
                }
                let own = try await send(["CURL_CA_BUNDLE": fixture.ready.certificateFile])
                #expect(own == 200)
                let folder = try PrivateFile.makeTemporaryDirectory(NSTemporaryDirectory() + "/lakebase-test.XXXXXX")
                defer { try? FileManager.default.removeItem(atPath: folder) }
                for (name, text) in [("a.txt", "nothing"), ("key.pem", "-----BEGIN X-----")] {
                    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
                }
                let empty = await #expect(throws: DatabricksError.self) { _ = try await send(["SSL_CERT_DIR": folder]) }
                #expect(empty?.message.contains("SSL_CERT_DIR names \(folder), a folder without") == true)
                try FileManager.default.copyItem(
                    atPath: fixture.ready.certificateFile, toPath: folder + "/authority.crt")
                // Beside the system's certificates, and beside those of a file.
                for variables in [[:], ["SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"]]
                where variables.values.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) {
                    let status = try await send(variables.merging(["SSL_CERT_DIR": folder]) { $1 })
                    #expect(status == 200)
                }
                let unknown = await #expect(throws: DatabricksError.self) { _ = try await send([:]) }
                #expect(unknown?.message.contains("set SSL_CERT_FILE") == true, "\(String(describing: unknown))")
                let missing = await #expect(throws: DatabricksError.self) {
                    _ = try await send(["SSL_CERT_FILE": "/nonexistent/ca.pem"])
                }
                #expect(missing?.code == .invalidConfiguration)
                #expect(missing?.message.contains("SSL_CERT_FILE names /nonexistent/ca.pem") == true)
                let broken = await #expect(throws: DatabricksError.self) {
                    _ = try await send(["SSL_CERT_FILE": "/etc/hostname", "REQUESTS_CA_BUNDLE": "/etc/hostname"])
                }
                #expect(broken?.code == .invalidConfiguration, "\(String(describing: broken))")
                // An address without TLS needs no certificates.
                let plain = TransportRequest(
                    method: .get, url: "http://127.0.0.1:\(fixture.port)/oidc/jwks.json")
                let transport = AsyncHTTPClientTransport(environment: ["SSL_CERT_FILE": "/nonexistent/ca.pem"])
                #expect(try await transport.send(plain, maximumBody: 1 << 16).status == 200)
            }
        }

        @Test func `an app is at https, too, and knows that its visitors are`() async throws {
            try await Fixture.with(Self.configuration()) { fixture in
                try await Self.client(fixture) { client in
                    let workspace = WorkspaceClient(
                        configuration: WorkspaceConfiguration(
                            host: Setting(fixture.ready.host, from: .argument),
                            authentication: .personalToken(
                                Setting(fixture.ready.developer.credential, from: .argument))),
                        httpClient: client, logger: Fixture.quiet)
                    defer { workspace.shutDown() }
                    try await Self.visitApp(AppFixture(fixture: fixture, client: workspace), client)
                }
            }
        }

        private static func visitApp(_ apps: AppFixture, _ client: HTTPClient) async throws {
            let ready = apps.fixture.ready
            let app = try await apps.create(.init(name: "notes"))
            let url = try #require(app.url)
            #expect(url.hasPrefix("https://127.0.0.1:"))
            try await apps.deploy([
                "app.yaml": #"command: ["python3", "app.py"]"#,
                "app.py": """
                import http.server, os
                class Page(http.server.BaseHTTPRequestHandler):
                    def do_GET(self):
                        names = ["DATABRICKS_HOST", "DATABRICKS_APP_URL", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"]
                        lines = [f"{name}={os.environ.get(name)}" for name in names]
                        text = "\\n".join(lines + [f"proto={self.headers['X-Forwarded-Proto']}"]).encode()
                        self.send_response(200)
                        self.send_header("Content-Length", str(len(text)))
                        self.end_headers()
                        self.wfile.write(text)
                http.server.HTTPServer(("0.0.0.0", int(os.environ["DATABRICKS_APP_PORT"])), Page).serve_forever()
                """,
            ])
            let bundle = try #require(ready.environment(for: .app)["SSL_CERT_FILE"])
            let page = try await Self.get(client, url, [("X-Forwarded-Proto", "gopher")])
            #expect(page.status == 200, "\(page.text)")
            for line in [
                "DATABRICKS_HOST=\(ready.host)", "DATABRICKS_APP_URL=\(url)", "SSL_CERT_FILE=\(bundle)",
                "REQUESTS_CA_BUNDLE=\(bundle)", "NODE_EXTRA_CA_CERTS=\(ready.nodeCertificateFile)", "proto=https",
            ] {
                #expect(page.text.split(separator: "\n").contains { $0 == line }, "\(line) in \(page.text)")
            }
            let plain = try await Self.get(client, url.replacing("https://", with: "http://"))
            #expect(plain.status == 200 && plain.text.contains("proto=None"), "\(plain.text)")
        }
    }
}

@Suite("Certificates for programs that verify HTTPS") struct TrustBundleTests {
    private struct Place {
        let directory: DataDirectory
        let folder: String

        func write(_ name: String, _ text: String) throws -> String {
            try PrivateFile.write(Data(text.utf8), to: "\(self.folder)/\(name)", mode: 0o644)
            return "\(self.folder)/\(name)"
        }

        func read(_ path: String?) throws -> String { try String(contentsOfFile: path ?? "", encoding: .utf8) }
    }

    private static func with(_ body: (Place) throws -> Void) throws {
        let folder = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-bundles.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (directory, _) = try DataDirectory.open(path: folder + "/data")
        try PrivateFile.write(Data(Self.certificate("ours").utf8), to: directory.certificateFile, mode: 0o644)
        try body(Place(directory: directory, folder: folder))
    }

    private static func certificate(_ name: String) -> String {
        "-----BEGIN CERTIFICATE-----\n\(name)\n-----END CERTIFICATE-----\n"
    }

    @Test func `what was trusted without us is trusted still, for each variable its own`() throws {
        try Self.with { place in
            let system = try place.write("system.pem", Self.certificate("system"))
            let company = try place.write("company.pem", Self.certificate("company"))
            func files(_ given: [String: String]) throws -> [String: String] {
                try TrustBundles.files(in: place.directory, given: given, systemBundles: ["/nonexistent", system])
            }
            let plain = try files([:])
            #expect(Set(plain.keys) == ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"] && Set(plain.values).count == 1)
            let both = try place.read(plain["SSL_CERT_FILE"])
            #expect(both.contains("ours") && both.contains("system") && !both.contains("company"))
            // Files of an earlier start say nothing of their own: no file grows with each.
            #expect(try files(plain) == plain)
            #expect(try place.read(plain["SSL_CERT_FILE"]) == both)
            #expect(try files(["SSL_CERT_FILE": place.directory.certificateFile, "REQUESTS_CA_BUNDLE": ""]) == plain)

            let requests = try files(["REQUESTS_CA_BUNDLE": company])
            #expect(try place.read(requests["SSL_CERT_FILE"]) == both)
            let theirs = try place.read(requests["REQUESTS_CA_BUNDLE"])
            #expect(theirs.contains("ours") && theirs.contains("company") && !theirs.contains("system"))
            let curl = try files(["CURL_CA_BUNDLE": company])
            #expect(try place.read(curl["CURL_CA_BUNDLE"]) == theirs, "curl reads it before anything else")
            #expect(try place.read(curl["REQUESTS_CA_BUNDLE"]) == theirs, "as requests does without one of its own")
            let all = try files(["SSL_CERT_FILE": company])
            #expect(try place.read(all["SSL_CERT_FILE"]) == theirs)
            #expect(all["REQUESTS_CA_BUNDLE"] == all["SSL_CERT_FILE"])
            // What no program could use is left out.
            let unusable = try place.write("notes.txt", "no certificate")
            for name in TrustBundles.variables {
                #expect(try files([name: unusable]) == plain)
                #expect(try place.read(plain["SSL_CERT_FILE"]) == both)
            }
        }
    }

    @Test func `folders of certificates are read, and without any there is ours`() throws {
        try Self.with { place in
            let folder = place.folder + "/certs"
            try PrivateFile.createDirectory(folder, mode: 0o755)
            _ = try place.write("certs/0123abcd.0", Self.certificate("one"))
            _ = try place.write("certs/0123abcd.1", Self.certificate("two"))
            _ = try place.write("certs/README", Self.certificate("three"))
            let files = try TrustBundles.files(
                in: place.directory, given: ["REQUESTS_CA_BUNDLE": folder], systemBundles: [])
            let text = try place.read(files["REQUESTS_CA_BUNDLE"])
            #expect(text.contains("one") && text.contains("two") && !text.contains("three") && text.contains("ours"))
            #expect(try place.read(files["SSL_CERT_FILE"]) == Self.certificate("ours"))
        }
    }
}
