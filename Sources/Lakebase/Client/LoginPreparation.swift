//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ

/// One login: the parameters of the connection, and the credential and its scope where a credential was minted.
struct PreparedLogin {
    var configuration: PQConnection.Configuration
    var credential: MintedCredential?
    var scope: TargetResolver.CredentialScope?
}

/// Prepares logins: finds the host, mints the credential, and attaches the observer of the statements.
struct LoginPreparation: Sendable {
    let configuration: LakebaseConfiguration
    let target: TargetResolver?
    let credentials: CredentialMinter?
    let telemetry: ClientTelemetry

    /// - Throws: ``LakebaseError``; `CancellationError`.
    func login() async throws -> PreparedLogin {
        guard let target, let credentials else { return self.plainLogin() }
        do {
            let place = try await target.resolved()
            let credential = try await credentials.current()
            var login = self.configuration.connection(host: place.host, username: place.username)
            login.password = credential.token
            login.currentPassword = { [credentials] in credentials.cachedToken }
            login.queryObserver = self.telemetry.observer(host: place.host)
            return PreparedLogin(configuration: login, credential: credential, scope: place.credentialScope)
        } catch {
            throw LakebaseError.explaining(mintFailure: error)
        }
    }

    private func plainLogin() -> PreparedLogin {
        switch self.configuration.target {
        case .postgres(let host, let password):
            var login = self.configuration.connection(
                host: host, username: self.configuration.username ?? "postgres")
            login.password = password
            login.queryObserver = self.telemetry.observer(host: host)
            return PreparedLogin(configuration: login)
        case .autoscaling, .provisioned:
            // Without a workspace no credential can be minted; the initialisers of the clients make sure that there is one.
            return PreparedLogin(configuration: self.configuration.connection(host: "", username: ""))
        }
    }
}
