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

/// Finds the token service of a workspace, and asks it.
final class OAuthEndpoints: Sendable {
    private let host: String
    private let accountID: String?
    private let discoveryURL: String?
    private let userAgent: String
    private let learned: WorkspaceID
    private let tokenURL = Mutex<String?>(nil)

    init(configuration: WorkspaceConfiguration, userAgent: String, learned: WorkspaceID) {
        self.host = configuration.host.value
        self.accountID = configuration.accountID?.value
        self.discoveryURL = configuration.discoveryURL?.value
        self.userAgent = userAgent
        self.learned = learned
    }

    /// Asks for a token with client credentials (RFC 6749, 4.4).
    ///
    /// The token service is looked for again after any failure.
    func token(id: String, secret: Secret, sender: HTTPSender) async throws(DatabricksError) -> OAuth.TokenResponse {
        do {
            let url = try await self.endpoint(sender: sender, masking: secret)
            let basic = secret.withUnsafeValue { Secret("Basic " + Data("\(id):\($0)".utf8).base64EncodedString()) }
            let request = TransportRequest(
                method: .post,
                url: url,
                headers: self.headers + [("Content-Type", "application/x-www-form-urlencoded")],
                secretHeaders: ["Authorization": basic],
                body: Array(URLText.fields([("grant_type", "client_credentials"), ("scope", "all-apis")]).utf8)
            )
            let operation = "POST \(url)"
            var answer = try await sender.send(request, operation: operation, isRepeatable: true, masking: [secret])
            defer { answer.body = [] }
            return try AnswerDecoder.decode(OAuth.TokenResponse.self, from: answer, operation: operation)
        } catch {
            self.tokenURL.withLock { $0 = nil }
            throw error
        }
    }

    private func endpoint(sender: HTTPSender, masking secret: Secret) async throws(DatabricksError) -> String {
        if let known = self.tokenURL.withLock({ $0 }) { return known }
        let url = try await self.discoveryDocument(sender: sender, masking: secret)
        let metadata = try await self.get(OAuth.AuthorizationServerMetadata.self, url, sender: sender, masking: secret)
        guard let token = metadata.tokenEndpoint, !token.isEmpty else {
            throw DatabricksError(code: .invalidResponse, message: "it has no token_endpoint", operation: "GET \(url)")
        }
        try self.check(token, named: "token_endpoint", operation: "GET \(url)")
        self.tokenURL.withLock { $0 = token }
        return token
    }

    /// The address of the discovery document: set, described by the host, or the usual one.
    private func discoveryDocument(sender: HTTPSender, masking secret: Secret) async throws(DatabricksError) -> String {
        if let discoveryURL = self.discoveryURL { return discoveryURL }
        do {
            if let root = try await self.describedRoot(sender: sender, masking: secret) {
                return root + "/.well-known/oauth-authorization-server"
            }
        } catch {
            guard error.isAboutAnAnswer else { throw error }
            // Hosts from before the description existed answer with anything.
            sender.logger.debug(
                "Host does not describe itself, the usual address is used", metadata: ["databricks.error": "\(error)"]
            )
        }
        return self.host + "/oidc/.well-known/oauth-authorization-server"
    }

    /// The root of the token service as the host describes it.
    private func describedRoot(sender: HTTPSender, masking secret: Secret) async throws(DatabricksError) -> String? {
        let url = self.host + "/.well-known/databricks-config"
        let metadata = try await self.get(OAuth.HostMetadata.self, url, sender: sender, masking: secret)
        if let id = metadata.workspaceID { self.learned.learn(id) }
        guard var root = metadata.oidcEndpoint, !root.isEmpty else { return nil }
        if let account = self.accountID ?? metadata.accountID {
            root = root.replacing("{account_id}", with: URLText.query(account))
        }
        guard !root.contains("{account_id}") else {
            throw DatabricksError(
                code: .invalidConfiguration,
                message: "the host needs an account id to find its token service: set DATABRICKS_ACCOUNT_ID"
            )
        }
        while root.hasSuffix("/") { root.removeLast() }
        try self.check(root, named: "oidc_endpoint", operation: "GET \(url)")
        return root
    }

    private func get<Body: Decodable>(
        _ type: Body.Type, _ url: String, sender: HTTPSender, masking secret: Secret
    ) async throws(DatabricksError) -> Body {
        let request = TransportRequest(method: .get, url: url, headers: self.headers)
        let answer = try await sender.send(request, operation: "GET \(url)", isRepeatable: true, masking: [secret])
        return try AnswerDecoder.decode(type, from: answer, operation: "GET \(url)")
    }

    private var headers: [(name: String, value: String)] {
        [("Accept", "application/json"), ("User-Agent", self.userAgent)]
    }

    /// The client secret goes to the address that a host names, so it must not be a weaker one than the host's own.
    private func check(_ url: String, named name: String, operation: String) throws(DatabricksError) {
        let isPlainAllowed = self.host.hasPrefix("http://")
        guard url.hasPrefix("https://") || (isPlainAllowed && url.hasPrefix("http://")) else {
            throw DatabricksError(
                code: .invalidResponse, message: "its \(name) is not an https address", operation: operation
            )
        }
    }
}

/// The workspace's id, given or learned from the host.
final class WorkspaceID: Sendable {
    private let id: Mutex<String?>

    init(_ id: String?) { self.id = Mutex(id) }

    var value: String? { self.id.withLock { $0 } }

    /// Takes an id, unless one is known or it is not a number.
    func learn(_ id: String) {
        guard !id.isEmpty, id.utf8.count <= 32, id.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return }
        self.id.withLock { $0 = $0 ?? id }
    }
}

extension DatabricksError {
    /// Whether the other side was reached and its answer is of no use, as opposed to a failure that will be the same everywhere.
    var isAboutAnAnswer: Bool {
        switch self.code {
        case .invalidResponse, .responseTooLarge, .notFound, .unexpectedStatus, .invalidRequest, .permissionDenied,
            .unauthenticated, .serverError:
            true
        default:
            false
        }
    }
}
