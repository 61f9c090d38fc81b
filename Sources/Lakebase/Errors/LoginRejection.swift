//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Secrets

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finds the likely cause of a refused login from what the server said and what the token says of itself.
struct LoginRejection {
    /// What can be read in a token without checking it.
    struct TokenClaims: Decodable, Equatable {
        var sub: String?
        var exp: Double?
    }

    var username: String
    var host: String
    /// The endpoint or instance the credential was minted for.
    var target: String
    var serverMessage: String
    var sqlState: SQLState?
    /// nil when the token is no JWT.
    var claims: TokenClaims?
    var now: Date

    /// The cause and what to do, most specific first.
    var explanation: (cause: String, remedy: String) {
        // The server quotes the user's name, which may contain any of the words looked for.
        let message = self.serverMessage.lowercased().replacing(self.username.lowercased(), with: "")
        if let end = self.claims?.exp, end <= self.now.timeIntervalSince1970 {
            return (
                "the credential had expired when it was used",
                "check this machine's clock against the workspace's"
            )
        }
        if message.contains("expired") {
            return (
                "the server takes the credential for expired, while it is valid by this machine's clock",
                "check the clocks: they differ by more than the credential's life"
            )
        }
        if message.contains("workspace token") || message.contains("not a valid jwt") || self.claims == nil {
            return (
                "the password was not a database credential",
                "mint one with POST /api/2.0/postgres/credentials; a workspace token is no password"
            )
        }
        if let subject = self.claims?.sub, subject != self.username {
            return (
                "the user name \"\(self.username)\" is not the identity \"\(subject)\" that owns the credential",
                "set PGUSER to \"\(subject)\", or leave it unset"
            )
        }
        if message.contains("workspace") {
            return (
                "the host \(self.host) does not belong to \(self.target): it is in another workspace",
                "set PGHOST and LAKEBASE_ENDPOINT from the same project, or leave PGHOST unset"
            )
        }
        return (
            "there is no OAuth role \"\(self.username)\" for this identity, or it was made a moment ago and is not known "
                + "everywhere yet, or the host \(self.host) is not the one of \(self.target)",
            "as the project's owner run: CREATE EXTENSION IF NOT EXISTS databricks_auth; "
                + "SELECT databricks_create_role('\(self.username)', 'SERVICE_PRINCIPAL' or 'USER')"
        )
    }

    /// Reads a token's claims without checking anything.
    static func claims(of token: Secret) -> TokenClaims? {
        token.withUnsafeValue { text in
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            var payload = parts[1].map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
            while payload.count % 4 != 0 { payload.append("=") }
            guard let data = Data(base64Encoded: String(payload)) else { return nil }
            return try? JSONDecoder().decode(TokenClaims.self, from: data)
        }
    }
}
