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

/// Checks the claims of a minted credential.
struct CredentialCheck: Sendable, Equatable {
    /// Nil when it is no JWT.
    var claims: TokenClaims?
    /// The expiry time that the workspace reports.
    var expiresAt: Date
    /// The time of minting, by this machine's clock.
    var mintedAt: Date
    var username: String
    /// Whether the login is in the role of a group, whose members' credentials name themselves.
    var isGroup: Bool
    var target: String

    var finding: CheckResult {
        guard let claims else {
            return .problem(.failure, .notACredential, "the workspace minted a password that is not a JWT")
        }
        let life = self.expiresAt.timeIntervalSince(self.mintedAt)
        var evidence = [
            "it expires at \(self.expiresAt.formatted(.iso8601)), \(Self.text(life)) from now",
            "its scope is \(claims.scope.map { "\"\($0)\"" } ?? "not given")",
        ]
        if let workspace = claims.workspace { evidence.append("it belongs to the workspace \(workspace)") }
        if life <= 0 {
            return .problem(
                .failure, .credentialExpired, "a newly minted credential has expired by this machine's clock",
                evidence: evidence, remedy: "set this machine's clock")
        }
        if claims.isForWorkspace {
            return .problem(
                .failure, .notACredential, "the minted password is a token for the workspace's HTTP services",
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
            "minted for \(self.target), for \"\(subject)\", valid for \(Self.text(life))", evidence: evidence)
    }

    private static func text(_ seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e9 else { return "an impossible time" }
        return abs(seconds) >= 120 ? "\(Int(seconds / 60)) min" : "\(Int(seconds)) s"
    }
}

/// Checks a configured password, as opposed to a minted credential.
struct PasswordCheck: Sendable, Equatable {
    /// Nil when it is no JWT, or there is none.
    var claims: TokenClaims?
    var hasPassword: Bool
    /// Whether the password begins like a personal access token of the workspace.
    var looksLikeAccessToken: Bool
    var now: Date

    /// - Parameter verdict: The library's explanation of why the password is refused.
    func finding(_ verdict: LakebaseExplanation) -> CheckResult {
        guard self.hasPassword else { return .notNeeded("no password is configured, and none is minted") }
        guard let claims else {
            guard self.looksLikeAccessToken else {
                return .notNeeded("the password is a native one, and none is minted")
            }
            return .problem(
                .warning, .notACredential,
                "the password looks like a personal access "
                    + "token, which cannot log in to Lakebase",
                remedy: "unset DATABASE_URL and PGPASSWORD and set LAKEBASE_ENDPOINT")
        }
        if verdict.problem != .passwordRefused { return .explained(verdict) }
        let left = claims.exp.map { min(max(0, $0 - self.now.timeIntervalSince1970), 1e9) }
        let end = left.flatMap { $0.isFinite ? " expires in \(Int($0 / 60)) min and" : nil }
        return .problem(
            .warning, .credentialExpired, "the password is a token that\(end ?? "") nobody renews",
            remedy: "unset DATABASE_URL and PGPASSWORD and set LAKEBASE_ENDPOINT: a credential is then minted for each "
                + "login", command: "unset DATABASE_URL PGPASSWORD")
    }
}
