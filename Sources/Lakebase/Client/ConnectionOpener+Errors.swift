//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
import Databricks
import ExactText
import Secrets

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Makes the error of a connection that did not come about, with what the workspace knows about the case.
extension ConnectionOpener {
    /// The server refused the login.
    func rejected(_ error: PQError, _ login: Login) async -> LakebaseError {
        guard let credential = login.credential, let scope = login.scope else {
            let explanation = Self.passwordVerdict(
                login.configuration, serverMessage: error.serverMessage ?? error.message, now: Date())
            return Self.error(
                .loginRejected, "the login was refused: \(explanation.finding) (\(error))", explanation, error)
        }
        let now = Date()
        let answers = await self.evidence(scope, login, now: now)
        let verdict = LoginFacts(
            username: login.configuration.username, host: login.configuration.host, target: scope.name,
            serverMessage: error.serverMessage ?? error.message, sqlState: error.sqlState,
            claims: TokenClaims.read(credential.token), mintedAt: credential.mintedAt, now: now,
            usesTLS: login.configuration.tls != .disable, allowsOtherHosts: self.configuration.allowsOtherHosts,
            role: answers.role, hosts: answers.hosts
        ).verdict
        let likely = verdict.isEstablished ? "" : "most likely "
        return Self.error(
            .loginRejected,
            "the login was refused, also with a credential minted anew: \(likely)\(verdict.finding) (\(error))",
            verdict,
            error)
    }

    /// No session came about for another reason.
    func unreachable(_ error: PQError, _ login: Login, _ message: String) async -> LakebaseError {
        if let scope = login.scope, await self.evidence(scope, login, now: Date()).isDisabled == true {
            let explanation = LakebaseExplanation(
                .endpointDisabled, "\(scope.name) is disabled", remedy: "enable it",
                command: LakebaseProblem.endpointDisabled.command?.replacing("ENDPOINT", with: scope.name),
                requiredRole: "a user who manages the project")
            return Self.error(.connectionFailed, "\(message); \(explanation.finding)", explanation, error)
        }
        let problem = LakebaseProblem.ofConnecting(error)
        let closer =
            self.configuration.isUnconfigured && problem == .computeUnreachable ? .nothingConfigured : problem
        return LakebaseError(
            .connectionFailed, message, problem: closer,
            remedy: closer == .computeUnreachable
                ? "check that the endpoint is not disabled and that its host can be reached from here" : closer.remedy,
            underlying: error)
    }

    /// Why a password that nobody minted is refused, from what can be read in it.
    package static func passwordVerdict(
        _ login: PQConnection.Configuration, serverMessage: String, now: Date
    ) -> LakebaseExplanation {
        let plain = LakebaseExplanation(
            .passwordRefused, "user name or password is wrong", isEstablished: false,
            remedy: "check user name and password")
        // A token that was put into a URL or PGPASSWORD by hand.
        let remedy =
            "unset DATABASE_URL and PGPASSWORD and set LAKEBASE_ENDPOINT: a credential is then minted for each login"
        guard let claims = login.password.flatMap(TokenClaims.read) else {
            guard Self.wantsCredential(serverMessage) else { return plain }
            return LakebaseExplanation(
                .notACredential,
                "the server wants a database credential, and the password is none: it is no JWT", isEstablished: false,
                remedy: remedy)
        }
        if let end = claims.exp, end <= now.timeIntervalSince1970 {
            return LakebaseExplanation(
                .credentialExpired, "the password is a token, and it had expired when it was used", remedy: remedy)
        }
        if claims.isForWorkspace {
            return LakebaseExplanation(
                .notACredential, "the password is a token for the workspace's HTTP services, which opens no database",
                remedy: remedy)
        }
        if let subject = claims.sub, !subject.isExactly(login.username) {
            return LakebaseExplanation(
                .userIsNotIdentity,
                "the password is a token of \"\(subject)\", while the user name is \"\(login.username)\"",
                isEstablished: false, remedy: remedy)
        }
        return plain
    }

    /// Whether a server that refuses a password says that it had expected a token.
    ///
    /// The words that Lakebase was seen to use.
    private static func wantsCredential(_ message: String) -> Bool {
        let message = message.lowercased()
        return ["failed to decode token", "not a valid jwt", "workspace token"].contains { message.contains($0) }
    }

    private func evidence(
        _ scope: TargetResolver.CredentialScope, _ login: Login, now: Date
    ) async -> LoginEvidence.Answers {
        guard let workspace else { return LoginEvidence.Answers() }
        return await LoginEvidence(workspace: workspace, scope: scope, username: login.configuration.username)
            .gather(now: now)
    }

    private static func error(
        _ code: LakebaseError.Code, _ message: String, _ explanation: LakebaseExplanation, _ underlying: PQError
    ) -> LakebaseError {
        var remedy = explanation.remedy
        if let command = explanation.command, explanation.requiredRole != nil { remedy += ": \(command)" }
        var error = LakebaseError(
            code, message, problem: explanation.problem, remedy: remedy, underlying: underlying)
        error.explanation = explanation
        return error
    }
}
