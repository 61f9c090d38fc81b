//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Secrets
import TestSupport
import Testing

@testable import Databricks

/// A canary in the secrets of every method, and a search through all that can be seen.
@Suite("Secrets of the methods stay hidden", .timeLimit(.minutes(1)))
struct CredentialSecrecyTests {
    private static let canary = "canary5c7e"

    private static func everything(_ value: Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        return [dumped, "\(value)", String(reflecting: value)].joined(separator: "\n")
    }

    private static let environments: [[String: String]] = [
        ["DATABRICKS_TOKEN": canary],
        ["DATABRICKS_CLIENT_ID": "client-1", "DATABRICKS_CLIENT_SECRET": canary],
        ["DATABRICKS_OIDC_TOKEN": canary],
        [
            "DATABRICKS_CLIENT_ID": "client-1", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://g.example.com",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": canary,
        ],
    ]

    @Test(arguments: environments)
    func `configurations, clients and their errors`(environment: [String: String]) async throws {
        let log = LogStore()
        let configuration = try WorkspaceConfiguration.resolve(
            environment: environment.merging(["DATABRICKS_HOST": "https://h.example.com"]) { $1 })
        // A service that repeats whatever it is sent.
        let transport = StubTransport { (request, _) async throws(DatabricksError) in
            let said = request.headers.values.sorted().joined(separator: " ") + request.body
            let text = String(decoding: (try? JSONEncoder().encode(said)) ?? Data(), as: UTF8.self)
            return .json(#"{"error_code":"X","message":\#(text),"details":[{"reason":\#(text)}]}"#, status: 400)
        }
        let client = WorkspaceClient(
            configuration: configuration, sender: PauseTime().sender(transport, logger: log.logger), credentials: nil,
            now: { Date() }, logger: log.logger)
        let error = await #expect(throws: DatabricksError.self) { try await client.currentUser.me() }
        #expect(!transport.requests.isEmpty)
        for value in [configuration, configuration.describe(), client, client.credentials, error as Any] as [Any] {
            #expect(!Self.everything(value).contains(Self.canary), "\(type(of: value))")
        }
        #expect(!log.text.contains(Self.canary))
    }

    @Test func `logins, proxies and token answers`() throws {
        let secret = Secret(Self.canary)
        let login = LoginStore.Login(accessToken: secret, refreshToken: secret, expiresAt: Date())
        let proxies = ProxySettings(environment: ["HTTPS_PROXY": "http://u:\(Self.canary)@p"])
        let server = try proxies.server(for: "https://h.example.com")
        let values: [Any] = [
            login, proxies, server as Any, LoginChallenge(state: secret, verifier: secret),
            LoginCallback(state: secret), LoginCallback.Outcome.code(secret),
            OAuth.TokenResponse(accessToken: secret, expiresIn: 1, refreshToken: secret),
        ]
        for value in values { #expect(!Self.everything(value).contains(Self.canary), "\(type(of: value))") }
        let broken = #expect(throws: DatabricksError.self) { try LoginStore.Contents("{\(Self.canary)") }
        #expect(broken.map { Self.everything($0) }?.contains(Self.canary) == false)
    }
}
