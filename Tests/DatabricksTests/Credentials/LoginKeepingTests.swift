//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Secrets
import Synchronization
import TestSupport
import Testing

@testable import Databricks

/// A refresh token is good for one exchange: what comes of it must be kept, or not be asked for.
@Suite("Keeping a person's login", .timeLimit(.minutes(1)))
struct LoginKeepingTests {
    private static let host = "https://h.example.com"
    private static let cache = #"""
        {"version":1,"tokens":{"https://h.example.com":{"access_token":"old","refresh_token":"refresh-0","expiry":"2020-01-01T00:00:00Z"}}}
        """#

    private func client(_ transport: StubTransport, cache path: String, logs: LogStore) -> WorkspaceClient {
        let configuration = WorkspaceConfiguration(
            host: Setting(Self.host, from: .argument),
            authentication: .userLogin(.init(tokenCache: path, cacheKeys: [Self.host])))
        return WorkspaceClient(
            configuration: configuration, sender: PauseTime().sender(transport, logger: logs.logger),
            credentials: nil, now: { Date() }, logger: logs.logger)
    }

    /// A workspace that takes each refresh token once.
    private static func workspace(lifetime: Int = 3_600, spending: @escaping @Sendable () -> Void = {}) -> StubTransport
    {
        let next = Mutex(0)
        return StubTransport { (request, _) async throws(DatabricksError) in
            if request.line.hasSuffix("/.well-known/oauth-authorization-server") {
                return .json(#"{"token_endpoint":"https://h.example.com/token"}"#)
            }
            guard request.line == "POST https://h.example.com/token" else {
                return request.line.hasSuffix("/Me") ? .json(#"{"userName":"me"}"#) : .json("{}", status: 404)
            }
            spending()
            return next.withLock { number in
                guard request.body.contains("refresh_token=refresh-\(number)&") else {
                    return .json(#"{"error":"invalid_grant"}"#, status: 400)
                }
                number += 1
                return .json(
                    #"{"access_token":"tok-\#(number)","refresh_token":"refresh-\#(number)","token_type":"Bearer","expires_in":\#(lifetime)}"#
                )
            }
        }
    }

    @Test func `refresh token is not spent when what it brings could not be kept`() async throws {
        let folder = try TemporaryFolder()
        // The file can be read and locked; the one that is to replace it has a longer name, which the system refuses.
        let name = String(repeating: "c", count: 245)
        let path = try folder.write(Self.cache, to: name)
        let transport = Self.workspace()
        let client = self.client(transport, cache: path, logs: LogStore())
        let error = await #expect(throws: DatabricksError.self) { try await client.currentUser.me() }
        #expect(error?.code == .invalidConfiguration)
        #expect(
            error?.message.contains("cannot be written") == true && error?.message.contains("make its folder") == true)
        #expect(!transport.lines.contains { $0.hasPrefix("POST") })
        #expect(try folder.read(name) == Self.cache)
    }

    @Test func `login that could not be kept after all is used, renewed, and told of`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.cache, to: "cache")
        let logs = LogStore()
        let (before, after) = (folder.path + "/away", folder.path + "/cache")
        // Tokens that live for less than the margin are renewed at each use.
        let transport = Self.workspace(lifetime: 60) {
            // While the exchange is under way, something else takes the place of the cache.
            try? FileManager.default.moveItem(atPath: after, toPath: before)
            try? FileManager.default.createDirectory(atPath: after, withIntermediateDirectories: false)
        }
        func restore() throws {
            try FileManager.default.removeItem(atPath: after)
            try FileManager.default.moveItem(atPath: before, toPath: after)
        }
        let client = self.client(transport, cache: path, logs: logs)
        for number in 1...3 {
            let headers = try await client.credentials.headers()
            #expect(headers["Authorization"] == Secret("Bearer tok-\(number)"))
            client.credentials.refused(headers)
            try restore()
        }
        #expect(transport.lines.filter { $0.hasPrefix("POST") }.count == 3)
        #expect(logs.text.contains("error The login was renewed and cannot be stored"), "\(logs.text)")
        #expect(logs.text.contains("lakebase auth login --host https://h.example.com"))
        #expect(!logs.text.contains("refresh-") && !logs.text.contains("tok-"))
        #expect(try folder.read("cache") == Self.cache)
    }

    @Test func `cache that is a link stays one`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.cache, to: "real/cache")
        let path = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "real/cache")
        let transport = Self.workspace()
        #expect(try await self.client(transport, cache: path, logs: LogStore()).currentUser.me().userName == "me")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "real/cache")
        #expect(try folder.read("real/cache").contains("refresh-1"))
        #expect(try folder.mode("real/cache") == 0o600)
    }

    @Test(arguments: ["", "{", #"{"version":2}"#])
    func `damaged cache is named by a check, with what to do`(text: String) async throws {
        let folder = try TemporaryFolder()
        let store = LoginStore(path: try folder.write(text, to: "cache"))
        let error = await #expect(throws: DatabricksError.self) { try await store.check() }
        #expect(error?.message.contains("remove it and log in again") == true)
        #expect(try folder.read("cache") == text)
        try await LoginStore(path: folder.path + "/new/cache").check()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/new") == ["cache.lock"])
    }

    @Test func `login of a profile whose name differs in its bytes is not taken`() throws {
        let contents = try LoginStore.Contents(#"{"version":1,"tokens":{"caf\u00e9":{"access_token":"t"}}}"#)
        #expect(contents.login(for: ["caf\u{E9}"]) != nil)
        #expect(contents.login(for: ["cafe\u{301}"]) == nil)
        var changed = contents
        let login = LoginStore.Login(accessToken: Secret("u"), refreshToken: nil, expiresAt: Date())
        changed.set(login, for: ["cafe\u{301}", "h"])
        #expect(changed.login(for: ["caf\u{E9}"])?.accessToken == Secret("t"))
        #expect(changed.login(for: ["h"])?.accessToken == Secret("u"))
    }
}
