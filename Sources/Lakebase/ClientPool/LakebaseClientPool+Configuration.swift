//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime

extension LakebaseClientPool {
    /// Limits of the pool of visitors' clients.
    ///
    /// All of them together open at most ``maximumUsers`` times the pool's `maximumConnections` connections.
    public struct Configuration: Sendable, Hashable {
        /// Clients at most, those that are being closed among them.
        ///
        /// Default 20.
        public var maximumUsers: Int
        /// The limits of each client's pool.
        ///
        /// By default at most 2 connections, closed after 20 seconds without use: well below the shortest suspend delay of the service.
        public var pool: PQPoolConfiguration
        /// After how long without use a client is closed, with the credential it has minted.
        ///
        /// Default 5 minutes.
        public var idleTimeout: Duration
        /// How long a request waits for a client while all are in use.
        ///
        /// Default 10 seconds.
        public var acquireTimeout: Duration
        /// Requests that may wait for a client; one more is refused at once.
        ///
        /// Default 200.
        public var maximumWaiters: Int
        /// How long the workspace's answer about a token is reused before it is asked again.
        ///
        /// Never longer than the lifetime that the token claims. Default 5 minutes.
        public var verificationLifetime: Duration

        /// Creates limits, each with its default.
        public init(
            maximumUsers: Int = 20,
            pool: PQPoolConfiguration = PQPoolConfiguration(
                maximumConnections: 2, maximumWaiters: 100, idleTimeout: .seconds(20)),
            idleTimeout: Duration = .seconds(300),
            acquireTimeout: Duration = .seconds(10),
            maximumWaiters: Int = 200,
            verificationLifetime: Duration = .seconds(300)
        ) {
            self.maximumUsers = maximumUsers
            self.pool = pool
            self.idleTimeout = idleTimeout
            self.acquireTimeout = acquireTimeout
            self.maximumWaiters = maximumWaiters
            self.verificationLifetime = verificationLifetime
        }

        /// The same with every time within a century, so that sums with it never overflow.
        var bounded: LakebaseClientPool.Configuration {
            var bounded = self
            bounded.pool = self.pool.bounded
            bounded.idleTimeout = self.idleTimeout.bounded
            bounded.acquireTimeout = self.acquireTimeout.bounded
            bounded.verificationLifetime = self.verificationLifetime.bounded
            return bounded
        }

        /// Every problem of the limits; empty when there is none.
        var problems: [LakebaseConfigurationError.Problem] {
            var problems = self.pool.configurationProblems
            func require(_ condition: Bool, _ name: String, _ message: String, _ remedy: String) {
                if !condition { problems.append(.init(setting: name, message: message, remedy: remedy)) }
            }
            require(self.maximumUsers >= 1, "maximumUsers", "is \(self.maximumUsers)", "use at least 1")
            require(self.maximumWaiters >= 0, "maximumWaiters", "is \(self.maximumWaiters)", "use 0 or more")
            for (name, duration) in [
                ("idleTimeout", self.idleTimeout), ("acquireTimeout", self.acquireTimeout),
                ("verificationLifetime", self.verificationLifetime),
            ] {
                require(duration > .zero, name, "is \(duration)", "use a duration above zero")
            }
            return problems
        }
    }
}
