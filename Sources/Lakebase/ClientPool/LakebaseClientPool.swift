//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ
import BoundedTime
public import Databricks
public import Logging
import Secrets
public import ServiceLifecycle
import Synchronization

/// A pool of clients, one for each visitor of an app, each logged in to the database as its visitor's own workspace
/// identity.
///
/// ```swift
/// let clients = try LakebaseClientPool(client: configuration, logger: logger)
/// // In a request's handler, with the identity that the platform forwards:
/// let rows = try await clients.withClient(for: identity) { client in
///     try await client.query("SELECT id, title FROM notes")
/// }
/// ```
///
/// The workspace verifies the visitor's token. Its owner is the role to log in with, and the token mints the
/// credential. Two tokens of one user share a client. There are at most ``Configuration/maximumUsers`` clients: for
/// another user the client that has been idle for longest is closed, and while all are in use requests wait in line.
/// ``run()`` has to be running.
public final class LakebaseClientPool: Service {
    typealias Machine = UserSlots

    /// One user's client.
    struct Entry: Sendable {
        let client: LakebaseClient
        let credentials: ForwardedTokenCredentials
        /// Finished to close the client.
        let life: AsyncStream<Never>
        let end: AsyncStream<Never>.Continuation
    }

    /// A leased client.
    struct Lease: Sendable {
        let id: Machine.SlotID
        let entry: Entry
    }

    struct Waiter {
        var continuation: CheckedContinuation<Lease, any Error>
        /// The values for creating the client, if this request is the first to use it.
        var request: ClientRequest
    }

    /// The values from which a user's client is created.
    struct ClientRequest: Sendable {
        var user: LakebaseClientPool.VerifiedUser
        var token: Secret
        var place: TargetResolver.Resolved
    }

    enum Work: Sendable {
        case run(Machine.SlotID, Entry)
        case tick(at: ContinuousClock.Instant)
    }

    struct Shared {
        var machine: Machine
        var entries: [Machine.SlotID: Entry] = [:]
        var waiters: [Machine.WaiterID: Waiter] = [:]
        var lastWaiter = 0
        var nextTick: ContinuousClock.Instant?
        var hasRun = false
        var totals = LakebaseClientPool.Statistics.Totals()
    }

    /// The limits of the pool.
    public let configuration: Configuration

    let logger: Logger
    /// The configuration of each visitor's client, but for the user and the limits.
    let clientConfiguration: LakebaseConfiguration
    let workspace: WorkspaceConfiguration
    let eventLoops: PQEventLoopGroup
    let telemetry: ClientPoolTelemetry?
    /// Uses the app's own identity: a visitor need not be allowed to see projects.
    let target: TargetResolver
    let verifier: UserVerifier
    let shared: Mutex<Shared>
    let work: AsyncStream<Work>
    let workContinuation: AsyncStream<Work>.Continuation

    /// Creates a pool without clients.
    ///
    /// - Parameter client: Where the database is and how the app itself authenticates; the same as for the app's own
    ///   ``LakebaseClient``. Its user name and pool limits are not used.
    /// - Parameter configuration: The limits of the pool.
    /// - Parameter workspace: The app's own client of the workspace; made from the configuration when nil.
    /// - Parameter eventLoops: The loops that drive the connections.
    /// - Parameter logger: Gets events at debug.
    /// - Throws: ``LakebaseConfigurationError`` when the limits are invalid, or the database does not use minted
    ///   credentials: with one password for all visitors there is one role for all of them.
    public init(
        client: LakebaseConfiguration,
        configuration: Configuration = Configuration(),
        workspace: WorkspaceClient? = nil,
        eventLoops: PQEventLoopGroup = .shared,
        logger: Logger
    ) throws(LakebaseConfigurationError) {
        var problems = configuration.problems
        if !client.usesTokens {
            problems.append(
                .init(
                    setting: "target",
                    message: "is a PostgreSQL with a password of its own, so that visitors cannot log in",
                    remedy: "leave DATABASE_URL and PGPASSWORD unset, and set LAKEBASE_ENDPOINT"))
        } else if client.workspace == nil, workspace == nil {
            problems.append(
                .init(
                    setting: "workspace", message: "is not configured, while tokens have to be verified",
                    remedy: "set DATABRICKS_HOST and a way to authenticate"))
        }
        guard problems.isEmpty, let known = workspace?.configuration ?? client.workspace else {
            throw LakebaseConfigurationError(problems: problems)
        }
        var forwarded = known
        forwarded.authentication = .custom(ForwardedTokenCredentials.type)
        self.configuration = configuration
        self.logger = logger
        self.clientConfiguration = client
        self.workspace = forwarded
        self.eventLoops = eventLoops
        self.telemetry = ClientTelemetry.users(client)
        var lookUp = client
        // The app's own user name is not used here, and need not be looked up.
        lookUp.username = lookUp.username ?? "app"
        self.target = TargetResolver(
            configuration: lookUp,
            workspace: workspace ?? WorkspaceClient(configuration: known, retryPolicy: .forLogins, logger: logger),
            logger: logger)
        self.verifier = UserVerifier(
            workspace: forwarded, lifetime: configuration.verificationLifetime.bounded, logger: logger)
        self.shared = Mutex(Shared(machine: Machine(configuration: configuration)))
        (self.work, self.workContinuation) = AsyncStream.makeStream()
    }

    /// Verifies the identity that a request carries.
    ///
    /// Asks the workspace with the forwarded token, and remembers the answer for a while. No connection is opened.
    ///
    /// - Throws: ``LakebaseError`` with code ``LakebaseError/Code/identityRejected`` when no token was forwarded, the
    ///   workspace refuses it, or the forwarded e-mail address is not one of its owner's, and with
    ///   ``LakebaseError/Code/credentialUnavailable`` when the workspace does not answer; `CancellationError`.
    public func verify(_ identity: ForwardedIdentity) async throws -> LakebaseClientPool.VerifiedUser {
        do {
            return try await self.owner(of: identity)
        } catch let error as LakebaseError where error.code == .identityRejected {
            self.shared.withLock { $0.totals.rejected += 1 }
            throw error
        }
    }

    /// Runs `body` with a visitor's client, and opens it if there is none.
    ///
    /// `body` must not keep the client.
    ///
    /// - Throws: What `body` throws; what ``verify(_:)`` throws; ``LakebaseError`` with code
    ///   ``LakebaseError/Code/timedOut`` or ``LakebaseError/Code/queueFull`` while all clients are in use;
    ///   `CancellationError`.
    public nonisolated(nonsending) func withClient<Value>(
        for identity: ForwardedIdentity, _ body: (LakebaseClient) async throws -> Value
    ) async throws -> Value {
        let user = try await self.verify(identity)
        guard let token = identity.accessToken else { throw LakebaseError.noForwardedToken() }
        let lease = try await self.acquire(
            ClientRequest(user: user, token: token, place: try await self.target.resolved()))
        defer { self.release(lease) }
        lease.entry.credentials.add(token)
        return try await body(lease.entry.client)
    }

    /// A snapshot of the clients, with counts of requests.
    public var statistics: LakebaseClientPool.Statistics { self.shared.withLock { self.snapshot($0) } }

    private func owner(of identity: ForwardedIdentity) async throws -> LakebaseClientPool.VerifiedUser {
        guard let token = identity.accessToken, !token.isEmpty else { throw LakebaseError.noForwardedToken() }
        let user = try await self.verifier.user(of: token)
        if let email = identity.email, !user.owns(email: email) {
            throw LakebaseError(
                .identityRejected,
                "the forwarded e-mail address \"\(email)\" is not one of \"\(user.userName)\", who owns the forwarded token",
                remedy: "let nothing but the platform's proxy reach the app: it overwrites these headers")
        }
        return user
    }
}
