//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Turns a failed login into an error that names the cause, with what the workspace reports about it.
struct LoginFailure: Sendable {
    let configuration: LakebaseConfiguration
    let workspace: WorkspaceClient?

    /// The server refused the login.
    func rejected(_ error: PQError, _ login: PreparedLogin) async -> LakebaseError {
        guard let credential = login.credential, let scope = login.scope else {
            let explanation = PasswordDiagnosis.verdict(
                login.configuration, serverMessage: error.serverMessage ?? error.message, now: Date())
            return Self.error(
                .loginRejected, "the login was refused: \(explanation.finding) (\(error))", explanation, error)
        }
        let now = Date()
        let answers = await self.evidence(scope, login, now: now)
        let verdict = LoginDiagnosis(
            username: login.configuration.username, host: login.configuration.host, target: scope.name,
            serverMessage: error.serverMessage ?? error.message, sqlState: error.sqlState,
            claims: TokenClaims.read(credential.token), mintedAt: credential.mintedAt, now: now,
            usesTLS: login.configuration.tls != .disable, allowsOtherHosts: self.configuration.allowsOtherHosts,
            role: answers.role, hosts: answers.hosts
        ).verdict
        let likely = verdict.isEstablished ? "" : "most likely "
        return Self.error(
            .loginRejected,
            "the login was refused, also with a newly minted credential: \(likely)\(verdict.finding) (\(error))",
            verdict,
            error)
    }

    /// The connection failed for another reason than a refused login.
    func unreachable(_ error: PQError, _ login: PreparedLogin, _ message: String) async -> LakebaseError {
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

    private func evidence(
        _ scope: TargetResolver.CredentialScope, _ login: PreparedLogin, now: Date
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
