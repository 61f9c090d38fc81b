//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import ExactText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The facts about a refused login.
///
/// Gathered by ``LoginEvidence``, judged by ``verdict``.
package struct LoginDiagnosis: Sendable, Equatable {
    /// The workspace's answer about the role.
    package enum Role: Sendable, Equatable {
        /// The workspace could not be asked; the text says why.
        case unknown(String)
        case missing
        case found(Login, isGroup: Bool, age: Double?)
    }

    /// How a role logs in.
    package enum Login: Sendable, Equatable {
        case credential
        case password
        case none
        /// A login method that this version does not know, or that the workspace does not report.
        case untold
    }

    /// The workspace's answer about the target's hosts.
    package enum Hosts: Sendable, Equatable {
        case unknown(String)
        case known([String])
    }

    var username: String
    var host: String
    /// The endpoint or instance the credential was minted for.
    var target: String
    var serverMessage: String
    var sqlState: SQLState?
    /// nil when the token is no JWT.
    var claims: TokenClaims?
    /// By this machine's clock.
    var mintedAt: Date
    var now: Date
    var usesTLS: Bool
    /// Whether another host name was set on purpose (`LAKEBASE_PG_HOST`).
    var allowsOtherHosts: Bool
    var role: Role
    var hosts: Hosts

    /// How many seconds the clock of the credential's issuer is ahead of this machine's.
    ///
    /// A minute is within what a mint and rounding take.
    var clockAhead: Double? {
        guard let issued = self.claims?.iat, issued.isFinite else { return nil }
        let ahead = issued - self.mintedAt.timeIntervalSince1970
        return abs(ahead) > 60 ? ahead : nil
    }
}

extension LoginDiagnosis {
    /// The cause that follows from the facts; the most certain one is checked first.
    var verdict: LakebaseExplanation {
        let judged = self.tokenVerdict ?? self.placeVerdict ?? self.roleVerdict ?? self.likelyVerdict
        guard var verdict = judged else {
            return LakebaseExplanation(
                .loginRefused,
                "no check shows why \(self.host) refuses \"\(self.username)\": there may be no OAuth role "
                    + "for this identity, or it was created a moment ago, or the host does not belong to \(self.target)",
                isEstablished: false, evidence: self.evidence,
                remedy:
                    "as the project's owner, see whether there is a role \"\(self.username)\" that is linked to the identity; "
                    + "if there is none, create it",
                command: self.creation, requiredRole: Self.owner)
        }
        verdict.evidence = self.evidence
        return verdict
    }

    // MARK: The token

    private var tokenVerdict: LakebaseExplanation? {
        guard let claims else {
            return LakebaseExplanation(
                .notACredential, "the password was not a database credential: it is not a JWT",
                remedy: "mint one with POST /api/2.0/postgres/credentials; a "
                    + "workspace token is not a database password",
                command: LakebaseProblem.notACredential.command)
        }
        if let end = claims.exp, end <= self.now.timeIntervalSince1970 {
            return LakebaseExplanation(
                .credentialExpired, "the credential had expired when it was used",
                remedy: "check this machine's clock against the workspace's", command: "timedatectl")
        }
        if let end = claims.exp, let ahead = self.clockAhead, end <= self.now.timeIntervalSince1970 + ahead {
            return LakebaseExplanation(
                .credentialExpired, "the credential had expired by the clock of the workspace that minted it",
                remedy: "set this machine's clock: it differs by \(Int(clamping: ahead)) s", command: "timedatectl")
        }
        if claims.isForWorkspace {
            return LakebaseExplanation(
                .notACredential,
                "the password was not a database credential: it is a token for the workspace's HTTP services",
                remedy: "mint one with POST /api/2.0/postgres/credentials; a "
                    + "workspace token is not a database password",
                command: LakebaseProblem.notACredential.command)
        }
        return nil
    }

    // MARK: The host

    private var placeVerdict: LakebaseExplanation? {
        if !self.usesTLS, self.sqlState == .invalidAuthorizationSpecification {
            return LakebaseExplanation(
                .tlsRequired,
                "the connection was made without TLS, and the server accepts no "
                    + "credentials over an unencrypted connection")
        }
        guard case .known(let hosts) = self.hosts, !self.allowsOtherHosts, !hosts.isEmpty, !hosts.contains(self.host)
        else { return nil }
        return LakebaseExplanation(
            .hostBelongsToAnotherEndpoint, "the host \(self.host) does not belong to \(self.target)",
            remedy: "set PGHOST and LAKEBASE_ENDPOINT from the same project, or leave PGHOST unset",
            command: "unset PGHOST")
    }

    // MARK: The role

    private var roleVerdict: LakebaseExplanation? {
        let subject = self.claims?.sub
        // The members of a group log in as its role; their credentials name the member.
        if case .found(_, isGroup: true, _) = self.role {
        } else if let subject, !subject.isExactly(self.username) {
            return LakebaseExplanation(
                .usernameMismatch,
                "the user name \"\(self.username)\" is not the identity \"\(subject)\" that owns the credential",
                remedy: "set PGUSER to \"\(subject)\", or leave it unset", command: "unset PGUSER")
        }
        switch self.role {
        case .unknown: return nil
        case .missing:
            return LakebaseExplanation(
                .roleMissing, "\(self.target) has no role \"\(self.username)\"",
                remedy: "as the project's owner, create the role", command: self.creation, requiredRole: Self.owner)
        case .found(.password, _, _), .found(.none, _, _):
            return LakebaseExplanation(
                .roleNotLinked,
                "there is a role \"\(self.username)\", and it does not log in with a credential: it is not linked to an identity",
                remedy: "as the project's owner, drop the role and create it for the identity",
                command: self.creation, requiredRole: Self.owner)
        case .found(_, isGroup: true, _):
            return LakebaseExplanation(
                .loginRefused,
                "\"\(self.username)\" is the role of a group, and \"\(subject ?? "this identity")\" may not be a member of it",
                isEstablished: false, remedy: "make the identity a direct member of the group in the workspace")
        case .found: return nil
        }
    }

    // MARK: Likely causes, when none is certain

    private var likelyVerdict: LakebaseExplanation? {
        if let words = self.wordsVerdict { return words }
        if case .known(let hosts) = self.hosts, !hosts.isEmpty, !hosts.contains(self.host) {
            return LakebaseExplanation(
                .hostBelongsToAnotherEndpoint, "\(self.host) does not lead to \(self.target)",
                isEstablished: false,
                remedy: "leave LAKEBASE_PG_HOST unset, or see where it leads", command: "unset LAKEBASE_PG_HOST")
        }
        if case .found(_, _, let age?) = self.role, age < 300 {
            return LakebaseExplanation(
                .roleJustCreated,
                "the role \"\(self.username)\" was created \(Int(clamping: max(0, age))) s ago and may not be known everywhere yet",
                isEstablished: false, remedy: "try again in a minute")
        }
        return nil
    }

    /// The verdict that follows from the server's message alone, which need not name the cause.
    private var wordsVerdict: LakebaseExplanation? {
        // The server quotes the user's name, which may contain any of the words looked for.
        let message = self.serverMessage.lowercased().replacing(self.username.lowercased(), with: "")
        // The second phrase is the service's message for an expired credential.
        if message.contains("expired") || (message.contains("oauth: ") && message.contains("is not authorized")) {
            return LakebaseExplanation(
                .credentialExpired,
                "the server considers the credential expired, although it is valid by this machine's clock",
                isEstablished: false, remedy: "check the clocks: they differ by more than the credential's lifetime",
                command: "timedatectl")
        }
        if message.contains("workspace token") || message.contains("not a valid jwt") {
            return LakebaseExplanation(
                .notACredential, "the password was not a database credential", isEstablished: false,
                remedy: "mint one with POST /api/2.0/postgres/credentials; a "
                    + "workspace token is not a database password",
                command: LakebaseProblem.notACredential.command)
        }
        if message.contains("another workspace") {
            return LakebaseExplanation(
                .hostBelongsToAnotherEndpoint,
                "the host \(self.host) does not belong to \(self.target): it is in another workspace",
                isEstablished: false,
                remedy: "set PGHOST and LAKEBASE_ENDPOINT from the same project, or leave PGHOST unset",
                command: "unset PGHOST")
        }
        return nil
    }

    // MARK: Texts

    private static let owner = "the project's owner, in a database that has CREATE EXTENSION databricks_auth"

    private var creation: String? { IdentityRole.creation(of: self.username) }
}

extension LoginDiagnosis {
    private var evidence: [String] {
        var lines: [String] = []
        if let claims {
            var parts = ["the credential is for \"\(claims.sub ?? "nobody named")\""]
            if let end = claims.exp, end.isFinite {
                parts.append("expires \(Self.seconds(end - self.now.timeIntervalSince1970)) from now")
            }
            if let workspace = claims.workspace { parts.append("belongs to the workspace \(workspace)") }
            lines.append(parts.joined(separator: ", "))
            if let ahead = self.clockAhead {
                lines.append("the workspace that minted it has a clock \(Self.seconds(ahead)) ahead of this machine's")
            }
        }
        switch self.hosts {
        case .unknown(let reason): lines.append("the hosts of \(self.target) are not known: \(reason)")
        case .known(let hosts): lines.append("\(self.target) is at \(hosts.joined(separator: ", "))")
        }
        switch self.role {
        case .unknown(let reason): lines.append("whether there is a role is not known: \(reason)")
        case .missing: lines.append("the workspace lists no role \"\(self.username)\" there")
        case .found(let login, let isGroup, let age):
            var text = "the workspace lists the role \"\(self.username)\""
            if isGroup { text += ", of a group" }
            switch login {
            case .credential: text += ", which logs in with a credential"
            case .password: text += ", which logs in with a native password"
            case .none: text += ", which does not log in"
            case .untold: break
            }
            if let age, age.isFinite { text += ", created \(Self.seconds(age)) ago" }
            lines.append(text)
        }
        return lines
    }

    private static func seconds(_ value: Double) -> String { "\(Int(clamping: value)) s" }
}

extension Int {
    /// The nearest representable integer.
    ///
    /// Times come from outside and may be anything.
    fileprivate init(clamping value: Double) {
        self = value.isNaN ? 0 : Int(exactly: Swift.min(Swift.max(value.rounded(), -1e15), 1e15)) ?? 0
    }
}
