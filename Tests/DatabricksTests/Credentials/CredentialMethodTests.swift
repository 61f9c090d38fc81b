//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Secrets
import Testing

@testable import Databricks

/// Each method against a web server, from the configuration to a call.
@Suite("Methods of authentication", .timeLimit(.minutes(2)))
struct CredentialMethodTests {
    private let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A client with what an environment says.
    private func client(
        _ workspace: StubWorkspace, _ environment: [String: String], home: TemporaryFolder? = nil
    ) throws -> WorkspaceClient {
        var environment = environment
        environment["DATABRICKS_HOST"] = environment["DATABRICKS_HOST"] ?? workspace.url
        environment["HOME"] = home?.path
        let configuration = try WorkspaceConfiguration.resolve(environment: environment)
        return WorkspaceClient(
            configuration: configuration, retryPolicy: RetryPolicy(totalLimit: .seconds(40), maximumAttempts: 2),
            logger: self.quiet)
    }

    @Test(
        arguments: [
            (["DATABRICKS_CLIENT_ID": "client-1", "DATABRICKS_CLIENT_SECRET": "s3cret"], "oauth-m2m"),
            (["DATABRICKS_OIDC_TOKEN": "id-token"], "env-oidc"),
            (["DATABRICKS_OIDC_TOKEN_ENV": "MINE", "MINE": "id-token"], "env-oidc"),
            (["DATABRICKS_OIDC_TOKEN": "id-token", "DATABRICKS_CLIENT_ID": "client-1"], "env-oidc"),
        ]
    )
    func `a token is got once and sent with each call`(environment: [String: String], type: String) async throws {
        try await StubWorkspace.with { workspace in
            let client = try self.client(workspace, environment)
            for _ in 0..<3 { #expect(try await client.currentUser.me().userName == "me@example.com") }
            #expect(client.credentials.authType.rawValue == type)
            #expect(workspace.tokenRequests.count == 1)
            let last = try #require(workspace.requests.last)
            #expect(last.authorization == "Bearer tok-1")
            #expect(last.userAgent?.contains(" auth/\(type)") == true)
            #expect(client.workspaceID == "4242")
        }
    }

    @Test func `personal token is sent as it is`() async throws {
        try await StubWorkspace.with { workspace in
            workspace.accept("dapi-1")
            let client = try self.client(workspace, ["DATABRICKS_TOKEN": "dapi-1"])
            #expect(try await client.currentUser.me().userName == "me@example.com")
            #expect(workspace.requests.map(\.authorization) == ["Bearer dapi-1"])
        }
    }

    @Test func `scopes, group and details go with client credentials`() async throws {
        try await StubWorkspace.with { workspace in
            let folder = try TemporaryFolder()
            let file = try folder.write(
                """
                [p]
                host = \(workspace.url)
                client_id = client-1
                client_secret = s3cret
                group_id = 77
                scopes = sql, clusters sql
                authorization_details = [{"type":"x"}]
                """, to: "cfg")
            let client = try self.client(
                workspace, ["DATABRICKS_CONFIG_FILE": file, "DATABRICKS_CONFIG_PROFILE": "p"])
            _ = try await client.currentUser.me()
            #expect(
                workspace.tokenRequests.first?.form == [
                    "grant_type": "client_credentials", "scope": "clusters sql", "assume_group": "77",
                    "authorization_details": #"[{"type":"x"}]"#,
                ])
        }
    }

    // MARK: Tokens of other issuers

    @Test(arguments: ["DATABRICKS_OIDC_TOKEN_FILEPATH", "DATABRICKS_OIDC_TOKEN_FILE"])
    func `file with a token is read again for each exchange`(variable: String) async throws {
        try await StubWorkspace.with { workspace in
            let folder = try TemporaryFolder()
            let file = try folder.write("  wrong\n", to: "token")
            let client = try self.client(workspace, [variable: file])
            let refusal = await #expect(throws: DatabricksError.self) { try await client.currentUser.me() }
            #expect(refusal?.errorCode == "invalid_grant")
            try folder.write("id-token\n", to: "token")
            let again = try self.client(workspace, [variable: file])
            #expect(try await again.currentUser.me().userName == "me@example.com")
            #expect(
                workspace.tokenRequests.last?.form == [
                    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token": "id-token",
                    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "scope": "all-apis",
                ])
        }
    }

    @Test(arguments: [("/nonexistent/token", "does not exist"), ("", "holds no token")])
    func `file without a token is an error that names it`(path: String, words: String) async throws {
        try await StubWorkspace.with { workspace in
            let folder = try TemporaryFolder()
            let file = path.isEmpty ? try folder.write("\n", to: "token") : path
            let client = try self.client(workspace, ["DATABRICKS_OIDC_TOKEN_FILEPATH": file])
            let error = await #expect(throws: DatabricksError.self) { try await client.currentUser.me() }
            #expect(error?.message.contains(words) == true && error?.message.contains(file) == true)
            #expect(workspace.tokenRequests.isEmpty)
        }
    }

    @Test func `GitHub's token is asked for with the audience that is set, described, or the token service`()
        async throws
    {
        let cases: [(set: String?, described: String?)] = [("mine", "theirs"), (nil, "theirs"), (nil, nil)]
        for (set, described) in cases {
            try await StubWorkspace.with { workspace in
                if let described { workspace.set(audience: described) }
                var environment = [
                    "ACTIONS_ID_TOKEN_REQUEST_URL": workspace.url + "/github?v=1",
                    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token", "DATABRICKS_CLIENT_ID": "client-1",
                ]
                environment["DATABRICKS_TOKEN_AUDIENCE"] = set
                let client = try self.client(workspace, environment)
                #expect(try await client.currentUser.me().userName == "me@example.com")
                #expect(client.credentials.authType == .gitHubOIDC)
                let asked = try #require(workspace.requests.first { $0.line.hasPrefix("GET /github") })
                let audience = set ?? described ?? workspace.url + "/oidc/v1/token"
                #expect(asked.line.hasPrefix("GET /github?v=1&audience=\(URLEncoding.query(audience))"))
                #expect(workspace.tokenRequests.first?.form["client_id"] == "client-1")
                // One exchange serves all calls.
                _ = try await client.currentUser.me()
                #expect(workspace.tokenRequests.count == 1)
            }
        }
    }

    @Test func `exchange that is refused says how one was authenticated, and not the token`() async throws {
        try await StubWorkspace.with { workspace in
            workspace.refuse("invalid_request")
            let client = try self.client(workspace, ["DATABRICKS_OIDC_TOKEN": "canary-token"])
            let error = await #expect(throws: DatabricksError.self) { try await client.currentUser.me() }
            #expect(error?.message.contains("ID token from the environment variable DATABRICKS_OIDC_TOKEN") == true)
            #expect(error.map { "\($0) \(String(reflecting: $0))" }?.contains("canary") == false)
        }
    }

    // MARK: The program's own

    @Test func `source of the program's own is asked once and shared`() async throws {
        struct Mine: TokenSource {
            let authType = AuthType(rawValue: "mine")
            let explanation = "authenticated by mine"
            func token() async throws(DatabricksError) -> MintedToken<Secret> {
                MintedToken(token: Secret("own-token"), expiresAt: Date() + 3_600)
            }
        }
        try await StubWorkspace.with { workspace in
            workspace.accept("own-token")
            let configuration = try WorkspaceConfiguration.resolve(
                .init(host: workspace.url, customAuthType: AuthType(rawValue: "mine")), environment: [:])
            let credentials = RenewedCredentials(source: Mine(), logger: self.quiet)
            let client = WorkspaceClient(configuration: configuration, credentials: credentials, logger: self.quiet)
            for _ in 0..<3 { #expect(try await client.currentUser.me().userName == "me@example.com") }
            #expect(credentials.snapshot.mints == 1)
        }
    }

    // MARK: Expiry

    @Test func `a thousand calls at a token's end ask for one token, and send none that is dead`() async throws {
        try await StubWorkspace.with { workspace in
            let clock = ManualClock()
            let sender = HTTPSender(
                transport: AsyncHTTPClientTransport(), policy: RetryPolicy(attemptLimit: .seconds(60)),
                logger: self.quiet)
            let client = WorkspaceClient(
                configuration: .m2m(workspace.url), sender: sender, credentials: nil, now: { clock.now },
                logger: self.quiet)
            _ = try await client.currentUser.me()
            clock.pass(3_600)
            workspace.endTokens()
            try await withThrowingTaskGroup { group in
                for _ in 0..<1_000 { group.addTask { _ = try await client.currentUser.me() } }
                try await group.waitForAll()
            }
            #expect(workspace.tokenRequests.count == 2)
            // A machine that slept two hours.
            clock.pass(7_200)
            workspace.endTokens()
            _ = try await client.currentUser.me()
            #expect(workspace.tokenRequests.count == 3)
            #expect(workspace.deadCalls == 0)
        }
    }
}
