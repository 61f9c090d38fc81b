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
    /// The addresses of the token service.
    struct Found: Sendable {
        /// The token endpoint.
        var token: String
        /// The authorization endpoint.
        var authorization: String?
        /// The audience that the host requires in other issuers' tokens.
        var audience: String?
    }

    let host: String
    private let accountID: String?
    private let discoveryURL: String?
    private let userAgent: String
    private let learned: WorkspaceID
    private let found = Mutex<Found?>(nil)

    init(configuration: WorkspaceConfiguration, learned: WorkspaceID = WorkspaceID(nil)) {
        self.host = configuration.host.value
        self.accountID = configuration.accountID?.value
        self.discoveryURL = configuration.discoveryURL?.value
        self.userAgent = UserAgent.text(
            product: configuration.product, authType: nil, extras: configuration.userAgentExtras)
        self.learned = learned
    }

    /// Asks for a token (RFC 6749).
    ///
    /// The token service is looked for again after any failure.
    ///
    /// - Parameters:
    ///   - form: The fields, the grant's type among them.
    ///   - authorization: The header of that name, for clients that have a secret.
    ///   - secrets: What must not show in an error, when the service repeats it.
    ///   - isRepeatable: Whether asking twice is the same as asking once.
    func token(
        _ form: [(name: String, value: String)], authorization: Secret? = nil, masking secrets: [Secret],
        isRepeatable: Bool = true, sender: HTTPSender
    ) async throws(DatabricksError) -> OAuth.TokenResponse {
        do throws(DatabricksError) {
            let url = try await self.find(sender: sender, masking: secrets).token
            let request = TransportRequest(
                method: .post,
                url: url,
                headers: self.headers + [("Content-Type", "application/x-www-form-urlencoded")],
                secretHeaders: authorization.map { ["Authorization": $0] } ?? [:],
                body: Array(URLEncoding.fields(form).utf8)
            )
            let operation = "POST \(url)"
            var answer = try await sender.send(
                request, operation: operation, isRepeatable: isRepeatable, masking: secrets)
            defer { answer.body = [] }
            if let refusal = Self.refusal(in: answer, operation: operation) { throw refusal.masking(secrets) }
            return try ResponseDecoder.decode(OAuth.TokenResponse.self, from: answer, operation: operation)
        } catch {
            self.found.withLock { $0 = nil }
            throw error
        }
    }

    /// The error that some services send with a success status.
    private static func refusal(in answer: TransportResponse, operation: String) -> DatabricksError? {
        guard let json = try? JSONDecoder().decode(JSONValue.self, from: Data(answer.body)),
            json["access_token"] == nil, json["error"]?.stringValue?.isEmpty == false
        else { return nil }
        var refused = answer
        refused.status = 400
        var error = ErrorParser.error(from: refused, operation: operation)
        error.httpStatus = answer.status
        return error
    }

    /// Finds the addresses of the token service, once, and again after a failure.
    func find(sender: HTTPSender, masking secrets: [Secret] = []) async throws(DatabricksError) -> Found {
        if let known = self.found.withLock({ $0 }) { return known }
        let (url, audience) = try await self.discoveryDocument(sender: sender, masking: secrets)
        let metadata = try await self.get(OAuth.AuthorizationServerMetadata.self, url, sender: sender, masking: secrets)
        guard let token = metadata.tokenEndpoint, !token.isEmpty else {
            throw DatabricksError(code: .invalidResponse, message: "it has no token_endpoint", operation: "GET \(url)")
        }
        try self.check(token, named: "token_endpoint", operation: "GET \(url)")
        if let authorization = metadata.authorizationEndpoint {
            try self.check(authorization, named: "authorization_endpoint", operation: "GET \(url)")
        }
        let found = Found(token: token, authorization: metadata.authorizationEndpoint, audience: audience)
        self.found.withLock { $0 = found }
        return found
    }

    /// The host's own metadata.
    func description(sender: HTTPSender, masking secrets: [Secret] = []) async throws(DatabricksError)
        -> OAuth.HostMetadata
    {
        let url = self.host + "/.well-known/databricks-config"
        let metadata = try await self.get(OAuth.HostMetadata.self, url, sender: sender, masking: secrets)
        if let id = metadata.workspaceID { self.learned.learn(id) }
        return metadata
    }

    /// The address of the discovery document: set, described by the host, or the usual one.
    private func discoveryDocument(
        sender: HTTPSender, masking secrets: [Secret]
    ) async throws(DatabricksError) -> (url: String, audience: String?) {
        if let discoveryURL = self.discoveryURL { return (discoveryURL, nil) }
        var audience: String?
        do {
            let metadata = try await self.description(sender: sender, masking: secrets)
            audience = metadata.defaultOIDCAudiences?.first { !$0.isEmpty }
            if let root = try metadata.root(accountID: self.accountID) {
                try self.check(
                    root, named: "oidc_endpoint", operation: "GET \(self.host)/.well-known/databricks-config")
                return (root + OAuth.HostMetadata.discoveryPath, audience)
            }
        } catch {
            guard error.isAboutAnAnswer else { throw error }
            // Hosts from before the description existed answer with anything.
            sender.logger.debug(
                "Host has no metadata, the usual address is used", metadata: ["databricks.error": "\(error)"]
            )
        }
        return (self.host + "/oidc" + OAuth.HostMetadata.discoveryPath, audience)
    }

    private func get<Body: Decodable>(
        _ type: Body.Type, _ url: String, sender: HTTPSender, masking secrets: [Secret]
    ) async throws(DatabricksError) -> Body {
        let request = TransportRequest(method: .get, url: url, headers: self.headers)
        let answer = try await sender.send(request, operation: "GET \(url)", isRepeatable: true, masking: secrets)
        return try ResponseDecoder.decode(type, from: answer, operation: "GET \(url)")
    }

    private var headers: [(name: String, value: String)] {
        [("Accept", "application/json"), ("User-Agent", self.userAgent)]
    }

    /// Checks an address that a host names: secrets are sent there, so it must not be less secure than the host's own.
    private func check(_ url: String, named name: String, operation: String) throws(DatabricksError) {
        guard URLEncoding.isSafe(url, from: self.host) else {
            throw DatabricksError(
                code: .invalidResponse, message: "its \(name) is not an https address", operation: operation
            )
        }
    }
}

extension DatabricksError {
    /// Whether the other side answered and the answer is unusable, as opposed to a failure that would be the same
    /// everywhere.
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
