//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Receives the events of a pool, for metrics.
///
/// Called on the threads of the callers and of the event loops: it must not block.
package protocol PoolObserver: Sendable {
    /// The counts may have changed.
    ///
    /// - Parameter statistics: A snapshot. Read it under a lock of your own, so that of two concurrent changes the
    ///   later one wins. It must not call the observer.
    func changed(_ statistics: () -> PQPoolStatistics)
    /// This many callers gave up waiting.
    func timedOut(_ count: Int)
    /// A connection was opened; `begin` is when that was begun.
    func created(since begin: ContinuousClock.Instant)
    /// A caller got a connection after this time.
    func waited(_ duration: Duration)
    /// A caller had a connection for this time.
    func used(_ duration: Duration)
}
