//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncHTTPClient
public import Logging
internal import Secrets

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Logs a user in with the browser: authorization code with PKCE, and a redirect to a page on this machine.
///
/// ```swift
/// let login = try await BrowserLogin(configuration: configuration, logger: logger).run { url in
///     print("Open", url)
/// }
/// try await LoginStore(path: path).save(login, for: [configuration.host.value])
/// ```
///
/// The client is the public one of the `databricks` program, so the workspace needs no set-up, and its ports are the
/// same: 8020 to 8040.
public struct BrowserLogin: Sendable {
    static let clientID = "databricks-cli"

    private let endpoints: OAuthEndpoints
    private let host: String
    private let scopes: [String]
    private let sender: HTTPSender
    private let ports: [Int]
    private let now: @Sendable () -> Date

    /// Creates a login to the workspace of a configuration; the configuration's authentication is not used.
    ///
    /// - Parameters:
    ///   - configuration: Host, discovery, account and scopes are taken from it.
    ///   - ports: Where to listen on 127.0.0.1; the first that is free.
    ///   - httpClient: A client of the program's own; one for the whole process by default.
    ///   - logger: Gets debug messages, without addresses that hold a code.
    public init(
        configuration: WorkspaceConfiguration,
        ports: [Int] = Array(8020...8040),
        httpClient: HTTPClient? = nil,
        logger: Logger
    ) {
        self.endpoints = OAuthEndpoints(configuration: configuration)
        self.host = configuration.host.value
        self.scopes = configuration.scopes?.value ?? []
        self.sender = HTTPSender(
            transport: AsyncHTTPClientTransport(client: httpClient), policy: RetryPolicy(), logger: logger)
        self.ports = ports
        self.now = { Date() }
    }

    /// Runs the login to its end.
    ///
    /// - Parameters:
    ///   - limit: How long the person may take.
    ///   - openPage: Is given the address to open in a browser. It may return before the login has ended.
    /// - Throws: ``DatabricksError``: `unauthenticated` when the workspace refuses, `deadlineExceeded` when the person
    ///   took too long.
    public func run(
        limit: Duration = .seconds(300), openPage: @escaping @Sendable (_ url: String) async throws -> Void
    ) async throws(DatabricksError) -> LoginStore.Login {
        guard URLEncoding.isSafe(self.host) else {
            throw DatabricksError(
                code: .invalidConfiguration,
                message: "a browser login needs an https address, or http on this machine; the host is \(self.host)")
        }
        let found = try await self.endpoints.find(sender: self.sender)
        guard let page = found.authorization else {
            throw DatabricksError(
                code: .invalidResponse, message: "\(self.host) has no login page")
        }
        let challenge = LoginChallenge()
        let listener: CallbackListener
        do {
            listener = try await .start(ports: self.ports, callback: LoginCallback(state: challenge.state))
        } catch {
            throw DatabricksError(
                code: .connectionFailed,
                message:
                    "no port of 127.0.0.1 is free for the redirect of the browser (tried \(self.ports.first ?? 0) to \(self.ports.last ?? 0))",
                underlying: error)
        }
        let redirect = "http://localhost:\(listener.port)"
        let outcome = await self.outcome(of: listener, within: limit) {
            try await openPage(self.address(page: page, redirect: redirect, challenge: challenge))
        }
        await listener.stop()
        switch try outcome.get() {
        case .refused(let words):
            throw DatabricksError(code: .unauthenticated, message: "the workspace refused the login: \(words)")
        case .code(let code):
            return try await self.exchange(code, redirect: redirect, challenge: challenge)
        }
    }

    private func outcome(
        of listener: CallbackListener, within limit: Duration, openPage: @escaping @Sendable () async throws -> Void
    ) async -> Result<LoginCallback.Outcome, DatabricksError> {
        do {
            let outcome = try await withDeadline(limit) { () async throws -> LoginCallback.Outcome? in
                try await openPage()
                for await outcome in listener.outcomes { return outcome }
                return nil
            }
            if let outcome { return .success(outcome) }
            return .failure(DatabricksError(code: .cancelled, message: "the login was cancelled"))
        } catch is DeadlineExceeded {
            return .failure(
                DatabricksError(code: .deadlineExceeded, message: "no user logged in within \(limit); try again"))
        } catch let error as DatabricksError {
            return .failure(error)
        } catch {
            return .failure(
                DatabricksError(
                    code: .cancelled, message: "the page for the login could not be opened", underlying: error))
        }
    }

    private func address(page: String, redirect: String, challenge: LoginChallenge) -> String {
        let fields = [
            ("response_type", "code"), ("client_id", Self.clientID), ("redirect_uri", redirect),
            (
                "scope",
                OAuth.scope(Set(self.scopes.isEmpty ? ["all-apis"] : self.scopes).union(["offline_access"]).sorted())
            ),
            ("state", challenge.state.withUnsafeValue { $0 }), ("code_challenge", challenge.challenge),
            ("code_challenge_method", "S256"),
        ]
        return page + (page.contains("?") ? "&" : "?") + URLEncoding.fields(fields)
    }

    private func exchange(
        _ code: Secret, redirect: String, challenge: LoginChallenge
    ) async throws(DatabricksError) -> LoginStore.Login {
        let asked = self.now()
        let form = [
            ("grant_type", "authorization_code"), ("code", code.withUnsafeValue { $0 }),
            ("code_verifier", challenge.verifier.withUnsafeValue { $0 }), ("redirect_uri", redirect),
            ("client_id", Self.clientID),
        ]
        // A code can be exchanged once.
        let response = try await self.endpoints.token(
            form, masking: [code, challenge.verifier], isRepeatable: false, sender: self.sender)
        let minted = try response.minted(asked: asked)
        return LoginStore.Login(
            accessToken: minted.token, refreshToken: response.refreshToken, expiresAt: minted.expiresAt)
    }
}
