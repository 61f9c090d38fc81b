//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Logging
internal import Secrets
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A person's login: the one in the token cache, renewed when it is about to end, else that of the `databricks`
/// program.
final class UserLoginSource: TokenSource {
    /// How long the token of the cache has to live to be taken, as the `databricks` program wants it: five minutes.
    static let margin: TimeInterval = 300

    let authType: AuthType
    let explanation: String
    private let store: LoginStore?
    private let keys: [String]
    private let program: DatabricksProgram?
    private let endpoints: OAuthEndpoints
    private let sender: HTTPSender
    private let now: @Sendable () -> Date
    /// The token that was returned last.
    private let last = Mutex<Secret?>(nil)
    /// A login that could not be stored, and the used refresh token that the cache has in its place.
    private let unsaved = Mutex<(login: LoginStore.Login, spent: Secret)?>(nil)

    init(
        login: WorkspaceConfiguration.UserLogin, explanation: String, endpoints: OAuthEndpoints, sender: HTTPSender,
        now: @escaping @Sendable () -> Date
    ) {
        self.authType = login.type
        self.explanation = explanation
        self.store = login.tokenCache.map { LoginStore(path: $0) }
        self.keys = login.cacheKeys
        self.program = login.program.map {
            DatabricksProgram(
                path: $0.value, host: endpoints.host, profile: login.profile, configFile: login.configFile)
        }
        self.endpoints = endpoints
        self.sender = sender
        self.now = now
    }

    func token() async throws(DatabricksError) -> MintedToken<Secret> {
        let token = try await self.anyToken()
        self.last.withLock { $0 = token.token }
        return token
    }

    private func anyToken() async throws(DatabricksError) -> MintedToken<Secret> {
        do {
            if let token = try await self.cached() { return token }
        } catch {
            // Also when the cache cannot be read or written: the program may know a newer kind, or keep its logins
            // elsewhere.
            guard let program = self.program, error.code == .unauthenticated || error.code == .invalidConfiguration
            else { throw error }
            return try await program.token()
        }
        guard let program = self.program else {
            throw DatabricksError(
                code: .unauthenticated,
                message: "there is no login for \(self.endpoints.host) any more: \(self.remedy)")
        }
        return try await program.token()
    }

    /// The token of the cache, or the next one; nil when the cache has no login.
    private func cached() async throws(DatabricksError) -> MintedToken<Secret>? {
        guard let store = self.store, let login = try self.login(in: store) else { return nil }
        if let token = self.usable(login) { return token }
        return try await store.withLock { () async throws(DatabricksError) in
            // Another process may have been faster.
            guard let login = try self.login(in: store) else { return nil }
            if let token = self.usable(login) { return token }
            return try await self.renewed(login, in: store)
        }
    }

    /// The login of the cache, or a newer login that could not be written there.
    private func login(in store: LoginStore) throws(DatabricksError) -> LoginStore.Login? {
        guard let kept = try store.login(for: self.keys) else { return nil }
        return self.unsaved.withLock { unsaved in
            guard let (login, spent) = unsaved, spent == kept.refreshToken else { return kept }
            return login
        }
    }

    private func usable(_ login: LoginStore.Login) -> MintedToken<Secret>? {
        guard login.expiresAt.timeIntervalSince(self.now()) > Self.margin, !login.accessToken.isEmpty,
            self.last.withLock({ $0 != login.accessToken })
        else { return nil }
        return MintedToken(token: login.accessToken, expiresAt: login.expiresAt)
    }

    private func renewed(
        _ login: LoginStore.Login, in store: LoginStore
    ) async throws(DatabricksError) -> MintedToken<Secret> {
        guard let refreshToken = login.refreshToken else {
            throw DatabricksError(
                code: .unauthenticated, message: "the login has expired and cannot be renewed: \(self.remedy)")
        }
        // The service takes the token once. A login that could not be stored afterwards would be lost, so nothing is
        // requested before it can be stored.
        try store.checkWritable()
        let asked = self.now()
        let form = refreshToken.withUnsafeValue {
            [("grant_type", "refresh_token"), ("refresh_token", $0), ("client_id", BrowserLogin.clientID)]
        }
        let response: OAuth.TokenResponse
        do {
            response = try await self.endpoints.token(
                form, masking: [refreshToken, login.accessToken], sender: self.sender)
        } catch {
            guard error.code == .unauthenticated || error.code == .invalidRequest else { throw error }
            var refusal = error
            refusal.code = .unauthenticated
            refusal.message += "; the login cannot be renewed: \(self.remedy)"
            throw refusal
        }
        let minted = try response.minted(asked: asked)
        let next = LoginStore.Login(
            accessToken: minted.token, refreshToken: response.refreshToken ?? refreshToken, expiresAt: minted.expiresAt)
        self.keep(next, in: store, after: refreshToken)
        return minted
    }

    /// Stores a login; a login that cannot be stored is still used while this process runs.
    private func keep(_ login: LoginStore.Login, in store: LoginStore, after spent: Secret) {
        do {
            try store.write(login, for: self.keys)
            self.unsaved.withLock { $0 = nil }
        } catch {
            self.unsaved.withLock { unsaved in
                // The cache still has the token that was spent first, however often the login was renewed since.
                let isFurther = unsaved?.login.refreshToken == spent
                unsaved = (login, isFurther ? unsaved?.spent ?? spent : spent)
            }
            self.sender.logger.error(
                "The login was renewed and cannot be stored: after the end of this program, log in again",
                metadata: ["databricks.error": "\(error)", "databricks.remedy": "\(self.remedy)"])
        }
    }

    private var remedy: String { "run 'lakebase auth login --host \(self.endpoints.host)'" }
}
