//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import NIOCore
import NIOPosix
import Secrets
import Synchronization
import TestSupport
import Testing

@testable import Databricks

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

@Suite("Login by browser", .timeLimit(.minutes(2)))
struct BrowserLoginTests {
    private func login(_ workspace: StubWorkspace, ports: [Int] = [0], logger: Logger? = nil) -> BrowserLogin {
        BrowserLogin(
            configuration: .pat(workspace.url), ports: ports,
            logger: logger ?? Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// What a browser does: it follows the workspace's answer to the page on this machine.
    private static func browse(_ address: String) async throws -> (status: Int, page: String) {
        let url = try #require(URL(string: address))
        let (data, response) = try await URLSession.shared.data(from: url)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }

    /// The answer of the workspace, unfollowed: where it sends the browser.
    private static func redirect(_ address: String) -> String {
        let fields = URLComponents(string: address)?.queryItems ?? []
        func value(_ name: String) -> String { fields.first { $0.name == name }?.value ?? "" }
        return "\(value("redirect_uri").replacing("localhost", with: "127.0.0.1"))/?state=\(value("state"))"
    }

    @Test func `code is exchanged with its proof, and the page says that it can be closed`() async throws {
        try await StubWorkspace.with { workspace in
            let seen = Mutex("")
            let log = LogStore()
            let login = try await self.login(workspace, logger: log.logger).run { address in
                let page = try await Self.browse(address)
                seen.withLock { $0 = "\(page.status) \(page.page)" }
            }
            #expect(login.accessToken == Secret("tok-1") && login.refreshToken == Secret("refresh-1"))
            #expect(abs(login.expiresAt.timeIntervalSinceNow - 3_600) < 60)
            #expect(seen.withLock { $0 }.hasPrefix("200 "))
            #expect(seen.withLock { $0 }.contains("You can close this page."))
            let asked = try #require(workspace.requests.first { $0.line.hasPrefix("GET /oidc/v1/authorize") })
            for part in [
                "response_type=code", "client_id=databricks-cli", "code_challenge_method=S256",
                "scope=all-apis%20offline_access", "redirect_uri=http%3A%2F%2F",
            ] {
                #expect(asked.line.contains(part), "\(asked.line)")
            }
            let exchange = try #require(workspace.tokenRequests.first)
            #expect(exchange.form["client_id"] == "databricks-cli" && exchange.authorization == nil)
            for secret in ["tok-1", "refresh-1", "code-0", exchange.form["code_verifier"] ?? "?"] {
                #expect(!log.text.contains(secret))
            }
        }
    }

    @Test func `requests of strangers end nothing`() async throws {
        try await StubWorkspace.with { workspace in
            let statuses = Mutex<[Int]>([])
            _ = try await self.login(workspace).run { address in
                let right = Self.redirect(address)
                let base = try #require(right.split(separator: "/?").first.map(String.init))
                for wrong in [
                    base + "/", base + "/?state=wrong&code=evil", base + "/?code=evil", base + "/favicon.ico", right,
                    right + "&code=",
                ] {
                    let page = try await Self.browse(wrong)
                    statuses.withLock { $0.append(page.status) }
                    #expect(!page.page.contains("Logged in"))
                }
                let page = try await Self.browse(address)
                statuses.withLock { $0.append(page.status) }
            }
            #expect(statuses.withLock { $0 } == [400, 400, 400, 404, 400, 400, 200])
            #expect(workspace.tokenRequests.count == 1)
        }
    }

    @Test func `refusal of the workspace is told, on the page and in the error`() async throws {
        try await StubWorkspace.with { workspace in
            workspace.refuse("access_denied")
            let error = await #expect(throws: DatabricksError.self) {
                try await self.login(workspace).run { address in
                    let page = try await Self.browse(address)
                    #expect(page.status == 400 && page.page.contains("Not logged in"))
                }
            }
            #expect(error?.code == .unauthenticated)
            #expect(error?.message == "the workspace refused the login: access_denied: No way in")
        }
    }

    @Test func `code that the workspace does not know is an error`() async throws {
        try await StubWorkspace.with { workspace in
            let error = await #expect(throws: DatabricksError.self) {
                try await self.login(workspace).run { address in
                    _ = try await Self.browse(Self.redirect(address) + "&code=canary-code")
                }
            }
            #expect(error?.code == .unauthenticated && error?.errorCode == "invalid_grant")
            #expect(error.map { "\($0)" }?.contains("canary") == false)
            #expect(workspace.tokenRequests.count == 1)
        }
    }

    @Test func `person who does not come is not waited for after the limit, and the port is free again`() async throws {
        try await StubWorkspace.with { workspace in
            let opened = Mutex("")
            let error = await #expect(throws: DatabricksError.self) {
                try await self.login(workspace).run(limit: .milliseconds(200)) { address in
                    opened.withLock { $0 = Self.redirect(address) }
                }
            }
            #expect(error?.code == .deadlineExceeded)
            let gone = opened.withLock { $0 }
            await #expect(throws: (any Error).self) { _ = try await Self.browse(gone) }
        }
    }

    @Test func `first free port is taken, and none is an error`() async throws {
        try await StubWorkspace.with { workspace in
            let taken = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .bind(host: "127.0.0.1", port: 0).get()
            let port = try #require(taken.localAddress?.port)
            let login = try await self.login(workspace, ports: [port, 0]).run { address in
                _ = try await Self.browse(address)
            }
            #expect(login.accessToken == Secret("tok-1"))
            let error = await #expect(throws: DatabricksError.self) {
                try await self.login(workspace, ports: [port]).run { _ in }
            }
            #expect(error?.message.contains("no port of 127.0.0.1 is free") == true)
            try await taken.close()
        }
    }

    @Test func `plain address of another machine is refused`() async {
        let login = BrowserLogin(configuration: .pat("http://h.example.com"), logger: LogStore().logger)
        let error = await #expect(throws: DatabricksError.self) { try await login.run { _ in } }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func `state and verifier are long, and different each time`() {
        let challenges = (0..<100).map { _ in LoginChallenge() }
        #expect(Set(challenges.map(\.state)).count == 100 && Set(challenges.map(\.verifier)).count == 100)
        for challenge in challenges.prefix(3) {
            #expect(challenge.state.withUnsafeValue { $0.utf8.count } == 43)
            #expect(challenge.verifier.withUnsafeValue { $0.utf8.count } == 43)
        }
        // The example of RFC 7636, appendix B.
        let example = LoginChallenge(
            state: Secret("s"), verifier: Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
        #expect(example.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }
}
