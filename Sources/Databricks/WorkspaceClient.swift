//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncHTTPClient
public import Logging

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A client of one Databricks workspace.
///
/// ```swift
/// let client = WorkspaceClient(configuration: try .resolve(), logger: logger)
/// let me = try await client.currentUser.me()
/// ```
///
/// It makes no call by itself. It needs neither ``run()`` nor ``shutDown()``.
public final class WorkspaceClient: Sendable {
    /// The workspace's address and the client's authentication.
    public let configuration: WorkspaceConfiguration
    /// The provider of credentials in use.
    public let credentials: any CredentialsProvider
    private let api: APIClient

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - configuration: The settings.
    ///   - httpClient: A client of the program's own, which should not follow redirects; one for the whole process by
    ///     default.
    ///   - credentials: A provider of the program's own, in place of what the configuration says.
    ///   - retryPolicy: Limits and retries.
    ///   - logger: Gets debug messages, without bodies and secrets.
    public convenience init(
        configuration: WorkspaceConfiguration,
        httpClient: HTTPClient? = nil,
        credentials: (any CredentialsProvider)? = nil,
        retryPolicy: RetryPolicy = .init(),
        logger: Logger
    ) {
        let transport = AsyncHTTPClientTransport(client: httpClient)
        let sender = HTTPSender(transport: transport, policy: retryPolicy, logger: logger)
        self.init(
            configuration: configuration, sender: sender, credentials: credentials, now: { Date() }, logger: logger)
    }

    /// Creates a client with another transport.
    public convenience init(
        configuration: WorkspaceConfiguration,
        transport: any HTTPTransport,
        credentials: (any CredentialsProvider)? = nil,
        retryPolicy: RetryPolicy = .init(),
        logger: Logger
    ) {
        let sender = HTTPSender(transport: transport, policy: retryPolicy, logger: logger)
        self.init(
            configuration: configuration, sender: sender, credentials: credentials, now: { Date() }, logger: logger)
    }

    init(
        configuration: WorkspaceConfiguration,
        sender: HTTPSender,
        credentials: (any CredentialsProvider)?,
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        let workspaceID = WorkspaceID(configuration.workspaceID?.value)
        let provider =
            credentials ?? configuration.provider(sender: sender, learned: workspaceID, now: now, logger: logger)
        self.configuration = configuration
        self.credentials = provider
        self.api = APIClient(
            host: configuration.host.value,
            sender: sender,
            credentials: provider,
            userAgent: UserAgent.text(
                product: configuration.product, authType: provider.authType, extras: configuration.userAgentExtras),
            workspaceID: workspaceID,
            now: now
        )
    }

    /// The workspace's id, if it was configured or a call has returned it.
    public var workspaceID: String? { self.api.workspaceID.value }

    /// The identity of the client.
    public var currentUser: CurrentUserAPI { CurrentUserAPI(client: self.api) }
    /// Lakebase Autoscaling.
    public var postgres: PostgresAPI { PostgresAPI(client: self.api) }
    /// Lakebase Provisioned.
    public var database: DatabaseAPI { DatabaseAPI(client: self.api) }
    /// Programs that run beside their data.
    public var apps: AppsAPI { AppsAPI(client: self.api) }
    /// Folders, files and notebooks.
    public var workspace: WorkspaceAPI { WorkspaceAPI(client: self.api) }
    /// Identities for programs.
    public var servicePrincipals: ServicePrincipalsAPI { ServicePrincipalsAPI(client: self.api) }
    /// The OAuth client secrets of identities for programs.
    public var servicePrincipalSecrets: ServicePrincipalSecretsAPI { ServicePrincipalSecretsAPI(client: self.api) }

    /// Runs renewals of the workspace's token as child tasks until cancelled.
    ///
    /// Optional.
    public func run() async { await self.credentials.run() }

    /// Cancels a renewal that is running; calls that need a token fail from now on.
    public func shutDown() { self.credentials.shutDown() }
}
