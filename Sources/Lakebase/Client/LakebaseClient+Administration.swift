//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseClient {
    /// Leases no connection until ``resume()``; callers wait, up to their own limits, and what is leased stays there.
    ///
    /// For the minutes of a migration or a branch reset. Nothing new is opened meanwhile, and idle connections are closed at
    /// their usual time. A graceful shutdown ends the pause, so that those who wait are served.
    public func pause() { self.pool.pause() }

    /// Goes on leasing after ``pause()``: those who wait are served in the order they came.
    public func resume() { self.pool.resume() }

    /// Has every connection replaced: idle ones are closed at once, leased ones when they come back.
    ///
    /// The client goes on working, with new connections; call ``pause()`` before to have none opened until ``resume()``.
    /// Use it when sessions must not outlive a change, such as a branch that is reset. A connection that is just being opened
    /// counts as a new one.
    ///
    /// - Parameter limit: How long to wait for the leased connections.
    /// - Returns: Whether all of them came back in time. Those that did not are closed whenever they come.
    @discardableResult
    public func replaceConnections(within limit: Duration) async -> Bool { await self.pool.replaceAll(within: limit) }

    /// Changes how many connections are kept and opened, while the client runs.
    ///
    /// A larger maximum is used by those who wait at once. Above a smaller one, idle connections are closed at once and others
    /// when they come back; no query is cut.
    ///
    /// - Parameter minimum: Connections kept open even when idle.
    /// - Parameter maximum: Connections open at most.
    /// - Throws: ``LakebaseConfigurationError`` when these limits cannot work; nothing is changed then.
    public func resize(minimum: Int, maximum: Int) throws(LakebaseConfigurationError) {
        var limits = self.configuration.pool
        limits.minimumConnections = minimum
        limits.maximumConnections = maximum
        let problems = limits.configurationProblems
        guard problems.isEmpty else { throw LakebaseConfigurationError(problems: problems) }
        self.pool.resize(minimum: minimum, maximum: maximum)
        self.opener.budget.check(maximumConnections: maximum)
    }
}
