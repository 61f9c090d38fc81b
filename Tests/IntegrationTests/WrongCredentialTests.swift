//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase
import LakebaseLocal
import Logging
import TestSupport
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

@Suite("Every wrong credential is refused, and says why", .sharesTheMachine)
struct WrongCredentialTests {
    private func login(
        _ stack: LocalStack, user: String? = nil, password: Secret,
        tls: PQConnection.Configuration.TLSMode = .verifyFull
    ) async -> PQError? {
        let environment = stack.environment(.app)
        let endpoint = stack.ready.endpoints[0]
        var configuration = PQConnection.Configuration(
            host: endpoint.address, port: endpoint.port, username: user ?? stack.ready.app.userName,
            database: stack.ready.database, password: password, tls: tls)
        configuration.rootCertificate = environment["PGSSLROOTCERT"]
        do {
            let connection = try await PQConnection.connect(configuration, logger: quietLogger)
            await connection.close()
            return nil
        } catch {
            return error as? PQError
        }
    }

    private func mint(
        _ stack: LocalStack, _ identity: LocalLakebase.Identity = .app, ttl: Duration? = .seconds(300)
    ) async throws -> Secret {
        let workspace = WorkspaceClient(
            configuration: try WorkspaceConfiguration.resolve(environment: stack.environment(identity)),
            logger: quietLogger)
        return try await workspace.postgres.generateDatabaseCredential(
            endpoint: stack.ready.endpoints[0].name, ttl: ttl
        ).token
    }

    /// The moment at which a token says that it ends.
    private static func end(of token: Secret) throws -> Date {
        var claims = token.withUnsafeValue { String($0.split(separator: ".")[1]) }
            .replacing("-", with: "+").replacing("_", with: "/")
        claims += String(repeating: "=", count: (4 - claims.count % 4) % 4)
        let payload = try #require(Data(base64Encoded: claims))
        let fields = try #require(try JSONSerialization.jsonObject(with: payload) as? [String: Any])
        return Date(timeIntervalSince1970: try #require(fields["exp"] as? Double))
    }

    @Test("a good credential is let in, and every wrong one has its own line")
    func matrix() async throws {
        try await withLocalLakebase(.init(tokenLifetime: .seconds(1))) { stack in
            let good = try await self.mint(stack)
            #expect(await self.login(stack, password: good) == nil)

            let tampered = good.withUnsafeValue { text -> Secret in
                var parts = text.split(separator: ".").map(String.init)
                // Its last letter stays: one that is not written so by anybody is no signature at all.
                let first = parts[2].removeFirst()
                parts[2].insert(first == "A" ? "B" : "A", at: parts[2].startIndex)
                return Secret(parts.joined(separator: "."))
            }
            let other = await self.login(stack, password: try await self.mint(stack, .developer))
            let signature = await self.login(stack, password: tampered)
            let nonsense = await self.login(stack, password: Secret("not-a-token"))
            let personal = await self.login(
                stack, user: stack.ready.developer.userName, password: stack.ready.developer.credential)
            let plain = await self.login(stack, password: good, tls: .disable)
            // The workspace's own life, a second. A token tells its end in whole seconds, rounded up.
            let brief = try await self.mint(stack, ttl: nil)
            try await Task.sleep(for: .seconds(max(0, Self.end(of: brief).timeIntervalSinceNow)))
            let expired = await self.login(stack, password: brief)

            for (name, error, code, word) in [
                ("another identity", other, "28P01", "token is for"),
                ("tampered", signature, "28P01", "signature"),
                ("no token", nonsense, "28P01", "not a valid JWT"),
                ("personal token", personal, "28P01", "token"),
                ("no TLS", plain, "28000", "TLS"),
                ("expired", expired, "28P01", "OAuth: User is not authorized"),
            ] {
                let error = try #require(error, "\(name) was let in")
                #expect(error.sqlState?.rawValue == code, "\(name): \(error)")
                let message = error.serverMessage ?? ""
                #expect(message.contains(word), "\(name): \(message)")
                #expect(!message.contains("\n"), "\(name): \(message)")
                let isQuoted = good.withUnsafeValue { "\(error)".contains($0) }
                #expect(!isQuoted)
            }
            #expect(expired?.detail?.contains("the token expired at") == true, "\(expired.map { "\($0)" } ?? "let in")")
        }
    }

    @Test("the workspace's own OAuth token is no password")
    func workspaceToken() async throws {
        try await withLocalLakebase { stack in
            var request = URLRequest(url: try #require(URL(string: stack.ready.host + "/oidc/v1/token")))
            request.httpMethod = "POST"
            request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
            let environment = stack.environment(.app)
            let id = environment["DATABRICKS_CLIENT_ID"] ?? ""
            let secret = environment["DATABRICKS_CLIENT_SECRET"] ?? ""
            request.httpBody = Data(
                "grant_type=client_credentials&scope=all-apis&client_id=\(id)&client_secret=\(secret)".utf8)
            let (body, _) = try await URLSession.shared.data(for: request)
            let answer = try JSONDecoder().decode([String: TokenField].self, from: body)
            let token = try #require(answer["access_token"]?.text)
            let error = await self.login(stack, password: Secret(token))
            #expect(error?.sqlState?.rawValue == "28P01")
            #expect(error?.serverMessage?.contains("workspace token") == true, "\(error.map { "\($0)" } ?? "let in")")
        }
    }

    private struct TokenField: Decodable {
        var text: String?

        init(from decoder: any Decoder) throws {
            self.text = try? decoder.singleValueContainer().decode(String.self)
        }
    }

    @Test("a token of another workspace is refused, with both named")
    func otherWorkspace() async throws {
        try await withLocalLakebase { first in
            try await withLocalLakebase { second in
                let foreign = try await self.mint(second, .developer)
                let error = await self.login(first, user: second.ready.developer.userName, password: foreign)
                #expect(error?.sqlState?.rawValue == "28P01", "\(error.map { "\($0)" } ?? "let in")")
                #expect(
                    "\(error.map { "\($0)" } ?? "")".contains("workspace")
                        || "\(error.map { "\($0)" } ?? "")".contains("signature"))
            }
        }
    }

    @Test("the client's own error names the likely cause")
    func clientNamesCause() async throws {
        try await withLocalLakebase { stack in
            let wrongUser = await #expect(throws: LakebaseError.self) {
                try await stack.withClient(changes: ["PGUSER": "somebody@example.com"]) { client in
                    try await client.query("SELECT 1")
                }
            }
            let text = wrongUser.map { "\($0)" } ?? ""
            #expect(wrongUser?.code == .loginRejected)
            #expect(text.contains("is not the identity"), "\(text)")
            #expect(text.contains("PGUSER"), "\(text)")
            // Refused once, minted anew, refused again, and that is all.
            #expect(stack.local.counts.loginsRefused.values.reduce(0, +) == 2)
            #expect(stack.local.counts.credentialsMinted == 2)
        }
    }
}
