//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// A snapshot of a pool's state, with counts since its start.
public struct PQPoolStatistics: Sendable, Hashable, Codable {
    /// Connections open or being opened.
    public var size: Int
    /// Idle connections.
    public var idle: Int
    /// Leased connections.
    public var leased: Int
    /// Connections being opened.
    public var connecting: Int
    /// Callers waiting for a connection.
    public var waiting: Int
    /// Connections open at most; a resize changes it.
    public var maximum = 0
    /// Whether nothing is leased until the pool is resumed.
    public var isPaused = false
    /// Since the start.
    public var totals: Totals

    package init(
        size: Int, idle: Int, leased: Int, connecting: Int, waiting: Int, maximum: Int = 0, isPaused: Bool = false,
        totals: Totals = Totals()
    ) {
        self.size = size
        self.idle = idle
        self.leased = leased
        self.connecting = connecting
        self.waiting = waiting
        self.maximum = maximum
        self.isPaused = isPaused
        self.totals = totals
    }

    /// Counts since the pool was made.
    public struct Totals: Sendable, Hashable, Codable {
        /// Connections opened, which is logins.
        public var opened = 0
        /// Connections that could not be opened.
        public var failedToOpen = 0
        /// Connections that were lost: the server or the network closed them.
        public var lost = 0
        /// Requests for a connection.
        public var acquired = 0
        /// Requests that gave up waiting.
        public var timedOut = 0
        /// Statements that shared a connection with those of other callers.
        public var multiplexed = 0

        package init() {}
    }
}

extension PQPoolStatistics: CustomStringConvertible {
    /// One line, as it appears in the error of a caller that timed out.
    public var description: String {
        "\(self.size) open (\(self.leased) in use, \(self.idle) idle, \(self.connecting) connecting), \(self.waiting) waiting"
            + (self.isPaused ? ", paused" : "")
    }
}

extension ConnectionPool {
    /// A pool's state, with its connections at that moment.
    package struct Phase: Sendable {
        /// Whether ``ConnectionPool/run()`` was called.
        package var hasBegun: Bool
        /// Whether it leases nothing new.
        package var isShuttingDown: Bool
        /// Whether ``ConnectionPool/run()`` has returned.
        package var hasEnded: Bool
        /// Whether nothing is leased until the pool is resumed.
        package var isPaused: Bool
        /// Idle connections.
        package var idle: Int
        /// Leased connections.
        package var leased: Int
    }

    /// The pool's state.
    package var phase: Phase {
        self.shared.withLock { shared in
            Phase(
                hasBegun: shared.hasRun, isShuttingDown: shared.machine.isDraining, hasEnded: shared.hasEnded,
                isPaused: shared.machine.isPaused, idle: shared.machine.idle.count, leased: shared.machine.leasedCount)
        }
    }

    /// A snapshot.
    package var statistics: PQPoolStatistics { self.shared.withLock { self.snapshot($0) } }

    func snapshot(_ shared: borrowing Shared) -> PQPoolStatistics {
        PQPoolStatistics(
            size: shared.machine.size,
            idle: shared.machine.idle.count,
            leased: shared.machine.leasedCount,
            connecting: shared.machine.connectingCount,
            waiting: shared.machine.waiters.count,
            maximum: shared.machine.configuration.maximumConnections,
            isPaused: shared.machine.isPaused,
            totals: shared.totals
        )
    }
}
