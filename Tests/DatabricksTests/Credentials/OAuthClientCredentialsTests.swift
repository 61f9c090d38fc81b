//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Secrets
import Synchronization
import Testing

@testable import Databricks

@Suite("OAuth client credentials", .timeLimit(.minutes(1)))
struct OAuthClientCredentialsTests {
    let clock = ManualClock()

    private func client(
        _ transport: StubTransport, _ configuration: WorkspaceConfiguration = .m2m(), policy: RetryPolicy = .init()
    ) -> WorkspaceClient {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        return WorkspaceClient(
            configuration: configuration, sender: PauseTime().sender(transport, policy: policy), credentials: nil,
            now: { [clock] in clock.now }, logger: logger
        )
    }

    /// A workspace whose parts can be replaced by path.
    private static func workspace(_ replaced: [String: TransportResponse] = [:]) -> StubTransport {
        let tokens = Mutex(0)
        return StubTransport { (request, _) async throws(DatabricksError) in
            let path = request.line.split(separator: "example.com").last.map(String.init) ?? ""
            if let answer = replaced[path] { return answer }
            switch path {
            case "/.well-known/databricks-config":
                return .json(#"{"oidc_endpoint":"https://h.example.com/oidc","workspace_id":"4242"}"#)
            case "/oidc/.well-known/oauth-authorization-server":
                return .json(#"{"token_endpoint":"https://h.example.com/oidc/v1/token"}"#)
            case "/oidc/v1/token":
                let number = tokens.withLock { count in
                    count += 1
                    return count
                }
                return .json(
                    #"{"access_token":"tok-\#(number)","token_type":"Bearer","expires_in":3600,"scope":"all-apis"}"#)
            case "/api/2.0/preview/scim/v2/Me":
                return .json(#"{"id":"1","userName":"client-1"}"#)
            default:
                return .json("{}", status: 404)
            }
        }
    }

    private func tokenAnswer(_ json: String, status: Int = 200) -> StubTransport {
        Self.workspace(["/oidc/v1/token": .json(json, status: status)])
    }

    @Test func `finds the token service, asks once, and calls with the token`() async throws {
        let transport = Self.workspace()
        let client = self.client(transport)
        #expect(try await client.currentUser.me().userName == "client-1")
        #expect(try await client.currentUser.me().userName == "client-1")
        #expect(
            transport.lines == [
                "GET https://h.example.com/.well-known/databricks-config",
                "GET https://h.example.com/oidc/.well-known/oauth-authorization-server",
                "POST https://h.example.com/oidc/v1/token",
                "GET https://h.example.com/api/2.0/preview/scim/v2/Me",
                "GET https://h.example.com/api/2.0/preview/scim/v2/Me",
            ]
        )
        let requests = transport.requests
        #expect(requests[0].headers["Authorization"] == nil && requests[1].headers["Authorization"] == nil)
        #expect(requests[2].headers["Authorization"] == "Basic " + Data("client-1:s3cret".utf8).base64EncodedString())
        #expect(requests[2].headers["Content-Type"] == "application/x-www-form-urlencoded")
        #expect(requests[2].body == "grant_type=client_credentials&scope=all-apis")
        #expect(requests[4].headers["Authorization"] == "Bearer tok-1")
        #expect(requests[4].headers["X-Databricks-Workspace-Id"] == "4242")
        #expect(requests[4].headers["User-Agent"]?.hasSuffix(" auth/oauth-m2m") == true)
    }

    @Test(
        arguments: [
            TransportResponse.json("{}", status: 404), .json("{}"), .json("[]"), .json("<html>", status: 200),
            TransportResponse(status: 500), TransportResponse(status: 302), .json(#"{"oidc_endpoint":""}"#),
            .json(#"{"oidc_endpoint":"http://evil.example.com/oidc"}"#),
        ]
    )
    func `host that does not describe itself is asked at the usual address`(answer: TransportResponse) async throws {
        let transport = Self.workspace(["/.well-known/databricks-config": answer])
        #expect(try await self.client(transport).currentUser.me().userName == "client-1")
        #expect(transport.lines[1] == "GET https://h.example.com/oidc/.well-known/oauth-authorization-server")
    }

    @Test func `discovery URL of the configuration is taken as it is`() async throws {
        var configuration = WorkspaceConfiguration.m2m()
        configuration.discoveryURL = Setting(
            "https://h.example.com/oidc/.well-known/oauth-authorization-server", from: .argument)
        let transport = Self.workspace()
        _ = try await self.client(transport, configuration).currentUser.me()
        #expect(transport.lines.first == "GET https://h.example.com/oidc/.well-known/oauth-authorization-server")
    }

    @Test func `account in the description is filled in, or asked for`() async throws {
        let description = TransportResponse.json(
            #"{"oidc_endpoint":"https://h.example.com/oidc/accounts/{account_id}/"}"#)
        let transport = Self.workspace([
            "/.well-known/databricks-config": description,
            "/oidc/accounts/a-1/.well-known/oauth-authorization-server": .json(
                #"{"token_endpoint":"https://h.example.com/oidc/v1/token"}"#),
        ])
        var configuration = WorkspaceConfiguration.m2m()
        configuration.accountID = Setting("a-1", from: .argument)
        #expect(try await self.client(transport, configuration).currentUser.me().userName == "client-1")
        let error = await #expect(throws: DatabricksError.self) { try await self.client(transport).currentUser.me() }
        #expect(error?.message.contains("DATABRICKS_ACCOUNT_ID") == true)
    }

    @Test func `secret is not sent to a plain address that an https host names`() async throws {
        let transport = Self.workspace([
            "/oidc/.well-known/oauth-authorization-server": .json(
                #"{"token_endpoint":"http://evil.example.com/token"}"#)
        ])
        let error = await #expect(throws: DatabricksError.self) { try await self.client(transport).currentUser.me() }
        #expect(error?.code == .invalidResponse)
        #expect(!transport.lines.contains { $0.contains("evil") })
    }

    @Test(
        arguments: [
            #"{"token_type":"Bearer","expires_in":3600}"#,
            #"{"access_token":"","token_type":"Bearer","expires_in":3600}"#,
            #"{"access_token":"a b","token_type":"Bearer","expires_in":3600}"#,
            #"{"access_token":"x\r\nEvil: 1","token_type":"Bearer","expires_in":3600}"#,
            #"{"access_token":"canary","token_type":"mac","expires_in":3600}"#,
            #"{"access_token":"canary","expires_in":3600}"#,
            #"{"access_token":"canary","token_type":"Bearer"}"#,
            #"{"access_token":"canary","token_type":"Bearer","expires_in":0}"#,
            #"{"access_token":"canary","token_type":"Bearer","expires_in":-5}"#,
            #"{"access_token":"canary","token_type":"Bearer","expires_in":"soon"}"#,
            #"{"access_token":"canary","token_type":"Bearer","expires_in":1e99}"#,
            #"{"access_token":"canary","token_type":"Bearer","expires_in":null}"#,
            "", "[]", "canary", "<html><title>Sign in</title></html>",
        ]
    )
    func `unusable token is an error that says where it came from`(json: String) async {
        let error = await #expect(throws: DatabricksError.self) {
            try await self.client(self.tokenAnswer(json)).currentUser.me()
        }
        #expect(error?.code == .invalidResponse)
        #expect(
            error?.message.contains("client id client-1 from the environment variable DATABRICKS_CLIENT_ID") == true)
        #expect(!"\(String(describing: error)) \(String(reflecting: error))".contains("canary"))
    }

    @Test func `expires_in may be text, and an absurd one does not trap`() async throws {
        for seconds in ["\"3600\"", "9223372036854775807", "1"] {
            let transport = self.tokenAnswer(#"{"access_token":"t","token_type":"bearer","expires_in":\#(seconds)}"#)
            #expect(try await self.client(transport).currentUser.me().userName == "client-1")
        }
    }

    @Test func `refusal with a status that says that all is well keeps its reason`() async throws {
        let transport = self.tokenAnswer(#"{"error":"invalid_client","error_description":"no such client s3cret"}"#)
        let error = await #expect(throws: DatabricksError.self) { try await self.client(transport).currentUser.me() }
        #expect(error?.code == .unauthenticated && error?.errorCode == "invalid_client" && error?.httpStatus == 200)
        #expect(error?.message.hasPrefix("no such client <redacted>") == true, "\(error?.message ?? "")")
    }

    @Test func `refused credentials are not tried again, and the pause is shared`() async throws {
        let transport = self.tokenAnswer(
            #"{"error":"invalid_client","error_description":"s3cret is wrong"}"#, status: 401)
        let client = self.client(transport)
        for _ in 0..<5 {
            let error = await #expect(throws: DatabricksError.self) { try await client.currentUser.me() }
            #expect(error?.code == .unauthenticated && error?.errorCode == "invalid_client")
            #expect(
                error?.message.contains("client secret from the environment variable DATABRICKS_CLIENT_SECRET") == true)
            #expect(error?.message.contains("s3cret") == false)
        }
        #expect(transport.lines.filter { $0.hasPrefix("POST") }.count == 1)
    }

    @Test func `a thousand calls share one token`() async throws {
        let transport = Self.workspace()
        let client = self.client(transport)
        try await withThrowingTaskGroup { group in
            for _ in 0..<1_000 { group.addTask { _ = try await client.currentUser.me() } }
            try await group.waitForAll()
        }
        #expect(transport.lines.filter { $0.hasPrefix("POST") }.count == 1)
        #expect(transport.lines.count == 1_003)
    }

    @Test func `refused token is dropped and the next call has a new one`() async throws {
        let calls = Mutex(0)
        let inner = Self.workspace()
        let transport = StubTransport { (request, number) async throws(DatabricksError) in
            if request.line.hasSuffix("/Me"), request.headers["Authorization"] == "Bearer tok-1" {
                calls.withLock { $0 += 1 }
                return .json(#"{"error_code":"UNAUTHENTICATED","message":"tok-1 is not valid"}"#, status: 401)
            }
            return try await inner.send(TransportRequest(request), maximumBody: 0)
        }
        let client = self.client(transport)
        let error = await #expect(throws: DatabricksError.self) { try await client.currentUser.me() }
        #expect(error?.code == .unauthenticated)
        #expect(error?.message.contains("authenticated by oauth-m2m") == true)
        #expect(error?.message.contains("tok-1") == false)
        #expect(try await client.currentUser.me().userName == "client-1")
        #expect(calls.withLock { $0 } == 1)
    }

    @Test func `token is renewed ahead, and at once when the clock jumped`() async throws {
        let transport = Self.workspace()
        let client = self.client(transport)
        _ = try await client.currentUser.me()
        self.clock.pass(3_520)
        _ = try await client.currentUser.me()
        try await eventually { (client.credentials as? RenewedCredentials)?.snapshot.mints == 2 }
        _ = try await client.currentUser.me()
        #expect(transport.requests.last?.headers["Authorization"] == "Bearer tok-2")
        self.clock.pass(7_200)
        _ = try await client.currentUser.me()
        #expect(transport.requests.last?.headers["Authorization"] == "Bearer tok-3")
        // Found once, the token service is not looked for again.
        #expect(transport.lines.filter { $0.contains("well-known") }.count == 2)
    }
}

extension TransportRequest {
    fileprivate init(_ seen: StubTransport.Seen) {
        let parts = seen.line.split(separator: " ", maxSplits: 1)
        self.init(
            method: Method(rawValue: String(parts[0])) ?? .get, url: String(parts[1]),
            headers: seen.headers.map { ($0.key, $0.value) }, body: Array(seen.body.utf8)
        )
    }
}
