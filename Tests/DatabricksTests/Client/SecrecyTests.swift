//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Secrets
import TestSupport
import Testing

@testable import Databricks

/// A canary in every place where a secret can be, and a search through all that can be seen.
@Suite("Secrets stay hidden")
struct SecrecyTests {
    static let canary = "canary5c7e"

    /// Everything a program could print of a value.
    private func text(_ value: Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        var parts = [dumped, "\(value)", String(describing: value), String(reflecting: value)]
        func walk(_ value: Any, _ depth: Int) {
            guard depth < 12 else { return }
            for child in Mirror(reflecting: value).children {
                parts.append("\(child.label ?? "") \(child.value) \(String(reflecting: child.value))")
                walk(child.value, depth + 1)
            }
        }
        walk(value, 0)
        return parts.joined(separator: "\n")
    }

    @Test func `no public type shows its secret`() async throws {
        let secret = Secret(Self.canary)
        let clientPAT = WorkspaceClient(configuration: .pat(token: Self.canary), logger: LogStore().logger)
        let clientM2M = WorkspaceClient(configuration: .m2m(secret: Self.canary), logger: LogStore().logger)
        let cache = TokenCache<Secret>(logger: LogStore().logger) { MintedToken(token: secret, expiresAt: Date() + 60) }
        _ = try await cache.token()
        let values: [Any] = [
            WorkspaceConfiguration.pat(token: Self.canary), WorkspaceConfiguration.m2m(secret: Self.canary),
            WorkspaceConfiguration.pat(token: Self.canary).authentication,
            WorkspaceConfiguration.Arguments(token: secret, clientSecret: secret), Setting(secret, from: .argument),
            OAuth.TokenResponse(accessToken: secret, expiresIn: 1),
            Postgres.DatabaseCredential(token: secret, expireTime: Date()),
            Database.DatabaseCredential(token: secret, expirationTime: Date()),
            TransportRequest(
                method: .post, url: "http://h", headers: [("X", Self.canary)], secretHeaders: ["Authorization": secret],
                body: Array(Self.canary.utf8)
            ),
            TransportResponse(status: 200, headers: [("X", Self.canary)], body: Array(Self.canary.utf8)),
            PersonalTokenCredentials(token: Setting(secret, from: .argument)),
            MintedToken(token: secret, expiresAt: Date()),
            WorkspaceToken(header: secret), clientPAT, clientM2M, clientPAT.credentials, clientM2M.credentials, cache,
            cache.snapshot, try await clientPAT.credentials.headers(),
        ]
        for value in values { #expect(!self.text(value).contains(Self.canary), "\(type(of: value))") }
    }

    @Test(arguments: [200, 301, 400, 401, 403, 404, 409, 429, 500, 502, 503])
    func `errors and logs show no secret, even when the service repeats it`(status: Int) async {
        let log = LogStore()
        let body =
            #"{"error_code":"\#(Self.canary)","message":"Bearer \#(Self.canary)","details":["\#(Self.canary)"],"token":"\#(Self.canary)","expire_time":"x"}"#
        for configuration in [WorkspaceConfiguration.pat(token: Self.canary), .m2m(secret: Self.canary)] {
            let transport = StubTransport { (_, _) async throws(DatabricksError) in
                .json(body, status: status, headers: [("x-request-id", Self.canary)])
            }
            let client = WorkspaceClient(
                configuration: configuration, sender: PauseTime().sender(transport, logger: log.logger),
                credentials: nil,
                now: { Date() }, logger: log.logger
            )
            let error = await #expect(throws: DatabricksError.self) {
                try await client.postgres.generateDatabaseCredential(endpoint: "e")
            }
            #expect(
                error.map { self.text($0) }?.contains(Self.canary) == false,
                "\(status) \(configuration.authentication.type)")
        }
        #expect(!log.lines.isEmpty)
        #expect(!log.text.contains(Self.canary))
    }

    @Test func `errors of the configuration show no secret`() {
        let environments = [
            ["DATABRICKS_TOKEN": Self.canary, "DATABRICKS_CLIENT_SECRET": Self.canary],
            ["DATABRICKS_TOKEN": Self.canary + " x"],
            ["DATABRICKS_CLIENT_SECRET": Self.canary],
            ["DATABRICKS_HOST": "https://u:\(Self.canary)@h", "DATABRICKS_TOKEN": Self.canary],
            ["HOME": "/h", "DATABRICKS_CONFIG_PROFILE": "p"],
        ]
        for environment in environments {
            let error = #expect(throws: DatabricksError.self) {
                try WorkspaceConfiguration.resolve(environment: environment) { _ in
                    "\(Self.canary)\n[\(Self.canary)\n[DEFAULT]\ntoken=\(Self.canary)"
                }
            }
            #expect(error.map { self.text($0) }?.contains(Self.canary) == false)
        }
    }
}
