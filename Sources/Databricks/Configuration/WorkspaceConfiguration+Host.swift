//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncHTTPClient
public import Logging

extension WorkspaceConfiguration {
    /// Adds settings from the host's metadata, where nothing else has set them.
    ///
    /// What cannot be right is left out: an id that is no number, an address that is weaker than the host's own.
    public mutating func fill(from metadata: OAuth.HostMetadata) {
        func text(_ value: String?) -> Setting<String>? {
            guard let value, !value.isEmpty else { return nil }
            return Setting(value, from: .host)
        }
        self.accountID = self.accountID ?? text(metadata.accountID)
        self.workspaceID = self.workspaceID ?? text(metadata.workspaceID.flatMap(WorkspaceID.checked))
        let cloud = metadata.cloud?.uppercased()
        self.cloud = self.cloud ?? text(cloud.flatMap { ["AWS", "AZURE", "GCP"].contains($0) ? $0 : nil })
        self.tokenAudience = self.tokenAudience ?? text(metadata.defaultOIDCAudiences?.first)
        if self.discoveryURL == nil, let root = try? metadata.root(accountID: self.accountID?.value),
            URLEncoding.isSafe(root, from: self.host.value)
        {
            self.discoveryURL = text(root + OAuth.HostMetadata.discoveryPath)
        }
    }

    /// Reads the host's metadata, and returns this configuration with the settings that were missing.
    ///
    /// A host that does not answer, or answers with something else, changes nothing: older ones do not describe themselves.
    ///
    /// - Parameters:
    ///   - httpClient: A client of the program's own; one for the whole process by default.
    ///   - limit: How long it may take.
    ///   - logger: Gets a debug message when the host does not describe itself.
    public func completedByHost(
        httpClient: HTTPClient? = nil, limit: Duration = .seconds(10), logger: Logger
    ) async -> WorkspaceConfiguration {
        let sender = HTTPSender(
            transport: AsyncHTTPClientTransport(client: httpClient), policy: RetryPolicy(totalLimit: limit),
            logger: logger)
        var completed = self
        do {
            completed.fill(from: try await OAuthEndpoints(configuration: self).description(sender: sender))
        } catch {
            logger.debug("Host has no metadata", metadata: ["databricks.error": "\(error)"])
        }
        return completed
    }
}

extension OAuth.HostMetadata {
    static let discoveryPath = "/.well-known/oauth-authorization-server"

    /// The root of the token service, with the account filled in and without a slash at the end; nil when the host names none.
    ///
    /// - Throws: `invalidConfiguration` when an account is needed and not known.
    func root(accountID: String?) throws(DatabricksError) -> String? {
        guard var root = self.oidcEndpoint, !root.isEmpty else { return nil }
        if let account = accountID ?? self.accountID {
            root = root.replacing("{account_id}", with: URLEncoding.query(account))
        }
        guard !root.contains("{account_id}") else {
            throw DatabricksError(
                code: .invalidConfiguration,
                message: "the host needs an account id to find its token service: set DATABRICKS_ACCOUNT_ID"
            )
        }
        while root.hasSuffix("/") { root.removeLast() }
        return root
    }
}
