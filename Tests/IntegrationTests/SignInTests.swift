//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncHTTPClient
import Databricks
import Foundation
import Hummingbird
import Lakebase
import LakebaseLocal
import Logging
import NIOCore
import NIOHTTP1
import Secrets
import Synchronization
import TestSupport
import Testing

/// Each method of the client against a real local Lakebase.
@Suite("Ways to sign in", .sharesTheMachine)
struct SignInTests {
    /// The application's policy, and the account's.
    private func policies(_ issuer: TestIssuer) -> [OAuth.FederationPolicy] {
        [
            OAuth.FederationPolicy(
                name: "account",
                oidcPolicy: .init(issuer: issuer.issuer, audiences: ["lakebase"], keySet: issuer.keySet)),
            // The number of the principal that every local workspace has.
            OAuth.FederationPolicy(
                name: "app", servicePrincipalID: 70_000_000_000_001,
                oidcPolicy: .init(
                    issuer: issuer.issuer, audiences: ["lakebase"], subject: "repo:a/b:ref:refs/heads/main",
                    keySet: issuer.keySet)),
        ]
    }

    /// Who one is for the workspace and for the database, by the variables given and no others.
    private func whoAmI(_ stack: LocalStack, _ variables: [String: String]) async throws -> [String] {
        var environment = stack.environment().filter { !$0.key.hasPrefix("DATABRICKS_CLIENT") && $0.key != "PGUSER" }
        environment.merge(variables) { $1 }
        let workspace = WorkspaceClient(
            configuration: try .resolve(environment: environment), logger: stack.logger)
        let me = try await workspace.currentUser.me().userName ?? ""
        environment["PGUSER"] = me
        let client = try LakebaseClient(
            configuration: try .fromEnvironment(environment), logger: stack.logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            let rows = try await client.query("SELECT current_user::text")
            return [me, try #require(try rows.decode(String.self).first)]
        }
    }

    @Test("login by browser, its use from the token cache, and its renewal")
    func browser() async throws {
        let log = LogStore()
        try await withLocalLakebase(.init(approvesLogins: true), logger: log.logger) { stack in
            let folder = try TemporaryFolder()
            let configuration = try WorkspaceConfiguration.resolve(
                .init(host: stack.ready.host, customAuthType: .externalBrowser), environment: [:])
            let seen = Mutex("")
            let login = try await BrowserLogin(configuration: configuration, ports: [0], logger: log.logger).run {
                page in
                // What a browser does: it goes where it is sent.
                let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: page), timeout: .seconds(30))
                let text = String(buffer: try await answer.body.collect(upTo: 1 << 20))
                seen.withLock { $0 = text }
            }
            #expect(seen.withLock { $0 }.contains("You can close this page."))
            let store = LoginStore(path: folder.path + "/token-cache.json")
            try await store.save(login, for: [stack.ready.host])

            func client() -> WorkspaceClient {
                WorkspaceClient(
                    configuration: WorkspaceConfiguration(
                        host: configuration.host,
                        authentication: .userLogin(
                            .init(type: .externalBrowser, tokenCache: store.path, cacheKeys: [stack.ready.host]))),
                    logger: log.logger)
            }
            let developer = stack.ready.developer.userName
            #expect(try await client().currentUser.me().userName == developer)
            #expect(stack.local.counts.workspaceTokensMinted == 1)

            // The login has ended, which only its refresh token can mend.
            var ended = login
            ended.expiresAt = Date()
            try await store.save(ended, for: [stack.ready.host])
            #expect(try await client().currentUser.me().userName == developer)
            let renewed = try #require(try store.login(for: [stack.ready.host]))
            #expect(renewed.refreshToken != login.refreshToken && renewed.expiresAt > Date().addingTimeInterval(3000))
            #expect(stack.local.counts.workspaceTokensMinted == 2)

            // The first refresh token is spent: using it again ends the login for all.
            try await store.save(ended, for: [stack.ready.host])
            let error = await #expect(throws: DatabricksError.self) { try await client().currentUser.me() }
            #expect(error?.code == .unauthenticated && error?.message.contains("lakebase auth login") == true)
            try await store.save(
                .init(accessToken: Secret(""), refreshToken: renewed.refreshToken, expiresAt: Date()),
                for: [stack.ready.host])
            await #expect(throws: DatabricksError.self) { try await client().currentUser.me() }

            let text = log.text + (error.map { "\($0)" } ?? "")
            for secret in [login.accessToken, login.refreshToken, renewed.accessToken, renewed.refreshToken] {
                secret?.withUnsafeValue { #expect(!$0.isEmpty && !text.contains($0)) }
            }
        }
    }

    @Test("login on the page, by the code and the button of the developer")
    func page() async throws {
        try await withLocalLakebase { stack in
            let configuration = try WorkspaceConfiguration.resolve(
                .init(host: stack.ready.host, customAuthType: .externalBrowser), environment: [:])
            let login = try await BrowserLogin(configuration: configuration, ports: [0], logger: stack.logger).run {
                page in
                let shown = try await HTTPClient.shared.execute(HTTPClientRequest(url: page), timeout: .seconds(30))
                let html = String(buffer: try await shown.body.collect(upTo: 1 << 20))
                let ticket = try #require(html.firstMatch(of: /name="ticket" value="([^"]+)"/)).1
                var press = HTTPClientRequest(url: stack.ready.host + "/oidc/v1/authorize")
                press.method = .POST
                let code = try String(
                    contentsOfFile: stack.ready.dataDirectory + "/secrets/login-code", encoding: .utf8
                ).filter { !$0.isWhitespace }
                press.body = .bytes(
                    ByteBuffer(string: "ticket=\(ticket)&code=\(code)&user=\(stack.ready.developer.userName)"))
                _ = try await HTTPClient.shared.execute(press, timeout: .seconds(30))
            }
            let host = configuration.host
            let client = WorkspaceClient(
                configuration: WorkspaceConfiguration(
                    host: host,
                    authentication: .personalToken(Setting(login.accessToken, from: .argument))),
                logger: stack.logger)
            #expect(try await client.currentUser.me().userName == stack.ready.developer.userName)
        }
    }

    @Test("identity tokens from a variable and from a file")
    func variableAndFile() async throws {
        let issuer = TestIssuer()
        try await withLocalLakebase(.init(federationPolicies: self.policies(issuer))) { stack in
            let developer = stack.ready.developer.userName
            let token = try issuer.token(subject: developer, audience: "lakebase")
            #expect(try await self.whoAmI(stack, ["DATABRICKS_OIDC_TOKEN": token]) == [developer, developer])

            let folder = try TemporaryFolder()
            let file = folder.path + "/token"
            let app = stack.ready.app.userName
            let job = try issuer.token(subject: "repo:a/b:ref:refs/heads/main", audience: "lakebase")
            try Data(job.utf8).write(to: URL(fileURLWithPath: file))
            let found = try await self.whoAmI(
                stack,
                [
                    // Named, since a client id by itself means client credentials.
                    "DATABRICKS_AUTH_TYPE": "file-oidc", "DATABRICKS_OIDC_TOKEN_FILE": file,
                    "DATABRICKS_CLIENT_ID": app,
                ])
            #expect(found == [app, app])
        }
    }

    @Test("identity token of a GitHub job")
    func gitHub() async throws {
        let issuer = TestIssuer()
        try await withLocalLakebase(.init(federationPolicies: self.policies(issuer))) { stack in
            try await GitHubJob.with(issuer: issuer, requestToken: "request-token") { url in
                let app = stack.ready.app.userName
                let found = try await self.whoAmI(
                    stack,
                    [
                        "ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
                        "DATABRICKS_CLIENT_ID": app, "DATABRICKS_TOKEN_AUDIENCE": "lakebase",
                    ])
                #expect(found == [app, app])
            }
        }
    }

    @Test("identity token that no policy takes is refused, with the reason and without the token")
    func refused() async throws {
        let issuer = TestIssuer()
        let log = LogStore()
        try await withLocalLakebase(.init(federationPolicies: self.policies(issuer)), logger: log.logger) { stack in
            let developer = stack.ready.developer.userName
            for (token, words) in [
                (try TestIssuer().token(subject: developer, audience: "lakebase"), "key that signed"),
                (try issuer.token(subject: developer, audience: "other"), "audience"),
                (try issuer.token(subject: "nobody", audience: "lakebase"), "not known"),
            ] {
                let error = await #expect(throws: DatabricksError.self) {
                    try await self.whoAmI(stack, ["DATABRICKS_OIDC_TOKEN": token])
                }
                let text = error.map { "\($0)" } ?? ""
                #expect(text.contains(words) && !text.contains(token) && !log.text.contains(token), "\(text)")
            }
        }
    }
}

/// What GitHub offers to a job with the permission `id-token: write`.
private enum GitHubJob {
    private struct Token: Encodable { var value: String }

    static func with(
        issuer: TestIssuer, requestToken: String, _ body: (_ url: String) async throws -> Void
    ) async throws {
        let started = AsyncStream<Int>.makeStream()
        let router = Router()
        router.get("/token") { request, _ in
            guard request.headers[.authorization] == "Bearer \(requestToken)",
                let audience = request.uri.queryParameters.get("audience")
            else { return Response(status: .unauthorized) }
            let token = try issuer.token(subject: "repo:a/b:ref:refs/heads/main", audience: audience)
            let json = try JSONEncoder().encode(Token(value: token))
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { started.continuation.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            var ports = started.stream.makeAsyncIterator()
            let port = try #require(await ports.next())
            defer { group.cancelAll() }
            try await body("http://127.0.0.1:\(port)/token?api-version=2")
        }
    }
}
