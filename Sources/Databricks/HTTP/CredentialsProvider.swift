//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

/// Authenticates a client to the workspace.
///
/// This module has providers for personal tokens and OAuth client credentials; a program can give its own to ``WorkspaceClient``.
public protocol CredentialsProvider: Sendable {
    /// The name of the method, for the user agent.
    var authType: AuthType { get }

    /// The method and where its parts came from, without any secret, for the messages of refusals.
    var explanation: String { get }

    /// The headers that a request needs; called for each attempt.
    ///
    /// It must end when its task is cancelled.
    func headers() async throws(DatabricksError) -> [String: Secret]

    /// Called when the service rejected these headers (401), so that they are not used again.
    func refused(_ headers: [String: Secret])

    /// Runs the provider's background work until cancelled; a provider without such work returns at once.
    func run() async

    /// Releases all resources; later calls of ``headers()`` fail.
    func shutDown()
}

extension CredentialsProvider {
    /// Does nothing.
    public func refused(_ headers: [String: Secret]) {}
    /// Returns at once.
    public func run() async {}
    /// Does nothing.
    public func shutDown() {}
}
