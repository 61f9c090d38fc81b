//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Lakebase

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a minted credential says of itself.
struct CredentialCheck: Sendable, Equatable {
    /// Nil when it is no JWT.
    var claims: TokenClaims?
    /// As the workspace says.
    var expiresAt: Date
    /// By this machine's clock.
    var mintedAt: Date
    var username: String
    /// The login is in the role of a group, whose members' credentials name themselves.
    var isGroup: Bool
    var target: String

    var result: CheckResult {
        guard let claims else {
            return .problem(.failure, .notACredential, "what the workspace minted is no JWT")
        }
        let life = self.expiresAt.timeIntervalSince(self.mintedAt)
        var evidence = [
            "it ends at \(self.expiresAt.formatted(.iso8601)), \(Self.text(life)) from now",
            "its scope is \(claims.scope.map { "\"\($0)\"" } ?? "not told")",
        ]
        if let workspace = claims.workspace { evidence.append("it is of the workspace \(workspace)") }
        if life <= 0 {
            return .problem(
                .failure, .credentialExpired, "a credential minted now has ended by this machine's clock",
                evidence: evidence, remedy: "set this machine's clock")
        }
        if claims.isForWorkspace {
            return .problem(
                .failure, .notACredential, "what was minted is a token for the workspace's HTTP services",
                evidence: evidence)
        }
        let subject = claims.sub ?? "nobody named"
        if !self.isGroup, let sub = claims.sub, sub != self.username {
            return .problem(
                .failure, .usernameMismatch,
                "the user name \"\(self.username)\" is not the identity \"\(sub)\" that owns the credential",
                evidence: evidence, remedy: "set PGUSER to \"\(sub)\", or leave it unset")
        }
        return .ok(
            "minted for \(self.target), for \"\(subject)\", good for \(Self.text(life))", evidence: evidence)
    }

    private static func text(_ seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e9 else { return "an impossible time" }
        return abs(seconds) >= 120 ? "\(Int(seconds / 60)) min" : "\(Int(seconds)) s"
    }
}

/// A configured password, as opposed to a minted credential.
struct PasswordEvidence: Sendable, Equatable {
    /// Nil when it is no JWT, or there is none.
    var claims: TokenClaims?
    var hasPassword: Bool
    /// Whether it begins as the workspace's personal access tokens do.
    var looksLikeAccessToken: Bool
    var now: Date

    /// - Parameter verdict: What the library makes of the password.
    func result(_ verdict: LakebaseExplanation) -> CheckResult {
        guard self.hasPassword else { return .notNeeded("no password is configured, and none is minted") }
        guard let claims else {
            guard self.looksLikeAccessToken else {
                return .notNeeded("the password is the database's own, and none is minted")
            }
            return .problem(
                .warning, .notACredential, "the password looks like a personal access token, which opens no Lakebase",
                remedy: "unset DATABASE_URL and PGPASSWORD and set LAKEBASE_ENDPOINT")
        }
        if verdict.problem != .passwordRefused { return .explained(verdict) }
        let left = claims.exp.map { min(max(0, $0 - self.now.timeIntervalSince1970), 1e9) }
        let end = left.flatMap { $0.isFinite ? " ends in \(Int($0 / 60)) min and" : nil }
        return .problem(
            .warning, .credentialExpired, "the password is a token that\(end ?? "") nobody renews",
            remedy: "unset DATABASE_URL and PGPASSWORD and set LAKEBASE_ENDPOINT: a credential is then minted for each "
                + "login", command: "unset DATABASE_URL PGPASSWORD")
    }
}
