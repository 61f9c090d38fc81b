//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ

/// Receives the events of a pool, for metrics and logs.
///
/// Every method has an empty default, so that a delegate implements those that it needs. The methods are called on the
/// threads of callers and of event loops: they must not block, and must not call the pool.
///
/// For each connection that was opened there is one ``connectionOpened(_:after:)`` and later one
/// ``connectionClosed(_:_:error:)``; for each lease one ``connectionAcquired(_:after:)`` and later one
/// ``connectionReleased(_:after:)``. Liveness checks are not leases. Of a statement that shared a connection, see
/// <doc:Multiplexing>, both are reported when it is done.
public protocol PQPoolDelegate: Sendable {
    /// A connection was opened.
    ///
    /// - Parameter connection: The number of the connection, which no other connection of the pool gets.
    /// - Parameter duration: How long opening it took, with all attempts.
    func connectionOpened(_ connection: Int, after duration: Duration)

    /// A connection could not be opened.
    ///
    /// - Parameter error: The error that ended the attempts.
    /// - Parameter duration: How long they took.
    func connectionFailed(_ error: any Error, after duration: Duration)

    /// A connection was closed by the pool or was lost.
    ///
    /// - Parameter connection: The number of the connection.
    /// - Parameter reason: Why it was closed.
    /// - Parameter error: What ended it, if it was lost or failed its liveness check.
    func connectionClosed(_ connection: Int, _ reason: PQPoolCloseReason, error: PQError?)

    /// A caller acquired a connection.
    ///
    /// - Parameter connection: The number of the connection.
    /// - Parameter wait: How long the caller waited for it.
    func connectionAcquired(_ connection: Int, after wait: Duration)

    /// A caller released a connection.
    ///
    /// - Parameter connection: The number of the connection.
    /// - Parameter use: How long it was leased.
    func connectionReleased(_ connection: Int, after use: Duration)

    /// A caller stopped waiting, since no connection became free in time.
    ///
    /// - Parameter wait: How long the caller waited.
    func acquireTimedOut(after wait: Duration)

    /// The counts may have changed.
    ///
    /// - Parameter statistics: Returns a snapshot. Call it under a lock of your own, so that of two concurrent changes
    ///   the later one wins; or not at all.
    func statisticsChanged(_ statistics: () -> PQPoolStatistics)
}

extension PQPoolDelegate {
    /// Does nothing.
    public func connectionOpened(_ connection: Int, after duration: Duration) {}
    /// Does nothing.
    public func connectionFailed(_ error: any Error, after duration: Duration) {}
    /// Does nothing.
    public func connectionClosed(_ connection: Int, _ reason: PQPoolCloseReason, error: PQError?) {}
    /// Does nothing.
    public func connectionAcquired(_ connection: Int, after wait: Duration) {}
    /// Does nothing.
    public func connectionReleased(_ connection: Int, after use: Duration) {}
    /// Does nothing.
    public func acquireTimedOut(after wait: Duration) {}
    /// Does nothing.
    public func statisticsChanged(_ statistics: () -> PQPoolStatistics) {}
}
