//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ

extension PQClient {
    /// A snapshot of the pool's state, with counts since its start.
    public var statistics: PQPoolStatistics { self.pool.statistics }

    /// Stops leasing connections until ``resume()``: callers wait up to their own limits, and leased connections stay
    /// leased.
    ///
    /// Use it for the minutes of a migration or a failover. No connection is opened meanwhile, and idle connections are
    /// closed at their usual time. A graceful shutdown ends the pause, so that waiting callers are served.
    public func pause() { self.pool.pause() }

    /// Leases connections again after ``pause()``; waiting callers are served in the order in which they called.
    public func resume() { self.pool.resume() }

    /// Replaces every connection: idle ones are closed at once, leased ones when they are released.
    ///
    /// The client keeps working, with new connections; call ``pause()`` first to have none opened until ``resume()``.
    /// Use it when sessions must not outlive a change, such as a server that moved or a role whose rights changed. A
    /// connection that is being opened counts as a new one.
    ///
    /// - Parameter limit: How long to wait for the leased connections.
    /// - Returns: Whether all of them were released in time. The others are closed when they are released.
    @discardableResult
    public func replaceConnections(within limit: Duration) async -> Bool { await self.pool.replaceAll(within: limit) }

    /// Changes how many connections are kept and opened, while the client runs.
    ///
    /// Waiting callers use a larger maximum at once. If more connections are open than a smaller maximum allows, idle
    /// ones are closed at once and leased ones when they are released; no query is interrupted.
    ///
    /// - Parameter minimum: Connections kept open even when idle.
    /// - Parameter maximum: Connections open at most.
    /// - Throws: `PQError` with code `invalidConfiguration` when these limits are invalid; nothing is changed then.
    public func resize(minimum: Int, maximum: Int) throws(PQError) {
        var limits = self.pool.configuration
        limits.minimumConnections = minimum
        limits.maximumConnections = maximum
        try limits.validate()
        self.pool.resize(minimum: minimum, maximum: maximum)
    }
}
