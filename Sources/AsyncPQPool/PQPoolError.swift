//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The reason why a pool leased no connection.
///
/// An error of opening a connection is thrown as it is.
public struct PQPoolError: Error, Sendable {
    /// What happened.
    public enum Reason: Sendable, Hashable {
        /// No connection became free within this time.
        case timedOut(after: Duration)
        /// As many callers wait as ``PQPoolConfiguration/maximumWaiters`` allows.
        case queueFull
        /// The pool is shut down.
        case shutDown
    }

    /// What happened.
    public var reason: Reason
    /// The pool at that moment.
    public var statistics: PQPoolStatistics
    /// Whether the pool's `run()` was called; nothing connects before.
    public var isRunning: Bool
    /// The error that kept connections from opening, if there was one.
    public var lastConnectError: (any Error)?

    package init(
        _ reason: Reason, _ statistics: PQPoolStatistics, isRunning: Bool = true, lastConnectError: (any Error)? = nil
    ) {
        self.reason = reason
        self.statistics = statistics
        self.isRunning = isRunning
        self.lastConnectError = lastConnectError
    }
}

extension PQPoolError: CustomStringConvertible {
    /// What happened, with the pool's counts, and what to do about it.
    public var description: String {
        switch self.reason {
        case .shutDown: "the pool is shut down and leases no more connections"
        case .queueFull:
            "too many callers wait for a connection: \(self.statistics); raise maximumConnections or shed load"
        case .timedOut(let time):
            "no connection became free within \(time): \(self.statistics)"
                + (self.lastConnectError.map { "; the last attempt to open one failed: \($0)" } ?? "")
                + "; \(self.remedyOfTimeout)"
        }
    }

    private var remedyOfTimeout: String {
        if !self.isRunning { return "nothing connects before run() is called" }
        return self.statistics.isPaused
            ? "the pool is paused: call resume()" : "hold connections for less time or raise maximumConnections"
    }
}
