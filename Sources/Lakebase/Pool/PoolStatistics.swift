//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// What a pool does at a moment and has done so far.
public struct PoolStatistics: Sendable, Hashable, Codable {
    /// Connections open or being opened.
    public var size: Int
    /// Connections nobody uses.
    public var idle: Int
    /// Leased connections.
    public var leased: Int
    /// Connections being opened.
    public var connecting: Int
    /// Callers waiting for a connection.
    public var waiting: Int
    /// Connections open at most; ``LakebaseClient/resize(minimum:maximum:)`` changes it.
    public var maximum = 0
    /// Whether nothing is leased until ``LakebaseClient/resume()``.
    public var isPaused = false
    /// Since the start.
    public var totals: Totals

    /// Counts since the pool was made.
    public struct Totals: Sendable, Hashable, Codable {
        /// Connections opened, which is logins.
        public var opened = 0
        /// Attempts to open one that finally failed.
        public var failedToOpen = 0
        /// Connections that ended without the pool wanting it.
        public var lost = 0
        /// Requests for a connection.
        public var acquired = 0
        /// Requests that gave up waiting.
        public var timedOut = 0
    }
}

extension PoolStatistics: CustomStringConvertible {
    /// One line, as it stands in the error of a caller who waited too long.
    public var description: String {
        "\(self.size) open (\(self.leased) in use, \(self.idle) idle, \(self.connecting) connecting), \(self.waiting) waiting"
            + (self.isPaused ? ", paused" : "")
    }
}

extension ConnectionPool {
    /// A snapshot.
    var statistics: PoolStatistics { self.shared.withLock { self.snapshot($0) } }

    func snapshot(_ shared: borrowing Shared) -> PoolStatistics {
        PoolStatistics(
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
