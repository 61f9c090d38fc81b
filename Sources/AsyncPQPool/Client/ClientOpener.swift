//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import BoundedTime
import ExactText
import Logging
import Synchronization

/// Opens the connections of a ``PQClient``: calls the hook, connects, and tries again while the server starts.
final class ClientOpener: Sendable {
    private let configuration: PQConnection.Configuration
    private let wakeTimeout: Duration
    private let connectTimeout: Duration
    private let hook: PQClient.ConnectHook?
    private let eventLoops: PQEventLoopGroup
    private let logger: Logger
    /// Shared by all connections: a schema change that makes a prepared statement stale on one makes it stale on all.
    private let statements = StatementEpoch()
    private let failure = Mutex<PQError?>(nil)

    init(
        configuration: PQConnection.Configuration, pool: PQPoolConfiguration, hook: PQClient.ConnectHook?,
        eventLoops: PQEventLoopGroup, logger: Logger
    ) {
        self.configuration = configuration
        self.wakeTimeout = pool.wakeTimeout
        self.connectTimeout = pool.connectTimeout
        self.hook = hook
        self.eventLoops = eventLoops
        self.logger = logger
    }

    /// The error of the last attempt that is repeated; nil after a success.
    var lastError: (any Error)? { self.failure.withLock { $0 } }

    /// Opens one connection, with all its retries.
    ///
    /// - Throws: `PQError`; what the hook throws; `CancellationError`.
    func open() async throws -> PQConnection {
        var attempts = ConnectAttempts(deadline: .now.later(by: self.wakeTimeout))
        var refusal: (login: PQConnection.Configuration, error: PQError)?
        while true {
            let login = try await self.login()
            if let refusal, login.isSameLogin(as: refusal.login) { throw refusal.error }
            do {
                let connection = try await PQConnection.connect(
                    login, on: self.eventLoops.next(), logger: self.logger)
                self.failure.withLock { $0 = nil }
                return connection
            } catch let error as PQError {
                switch attempts.failed(error, now: .now, jitter: .random(in: 0...1)) {
                case .retry(let pause):
                    self.failure.withLock { $0 = error }
                    self.logger.debug("The server does not answer yet, trying again", metadata: ["error": "\(error)"])
                    try await Task.sleep(for: pause)
                case .refused where self.hook != nil && refusal == nil:
                    self.logger.debug("The login was refused, asking for another", metadata: ["error": "\(error)"])
                    refusal = (login, error)
                case .refused, .unreachable, .giveUp:
                    throw error
                }
            }
        }
    }

    private func login() async throws -> PQConnection.Configuration {
        var login = self.configuration
        try await self.hook?(&login)
        login.connectTimeout = min(login.connectTimeout, self.connectTimeout)
        login.statementEpoch = self.statements
        return login
    }
}

extension PQConnection.Configuration {
    /// Whether a server that refused the other login would refuse this one.
    fileprivate func isSameLogin(as other: Self) -> Bool {
        self.host.isExactly(other.host) && self.port == other.port && self.username.isExactly(other.username)
            && self.database.isExactly(other.database) && self.password == other.password && self.tls == other.tls
    }
}
