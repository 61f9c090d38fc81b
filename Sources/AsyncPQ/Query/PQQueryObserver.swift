//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Observes every statement that a connection runs, for example for metrics and traces.
///
/// Both methods run in the task that asked, so task-local values such as a trace's context are the caller's. They run for
/// queries, scripts, and what begins and ends transactions; not for logins, pings and the cancelling of queries. They must
/// not block and should take no time to speak of. Without an observer a query costs one look at
/// ``PQConnection/Configuration/queryObserver``.
public protocol PQQueryObserver: AnyObject, Sendable {
    /// Called before a statement waits for its turn and is sent.
    ///
    /// - Parameter sql: The text, with placeholders and without values.
    /// - Parameter kind: Whether it is one statement or a script.
    /// - Returns: What ``queryEnded(_:_:_:)`` is to be given.
    func queryBegan(_ sql: String, _ kind: PQQueryKind) -> PQQueryToken

    /// Called after the statement has succeeded or failed, or was cancelled.
    ///
    /// - Parameter sql: The same text.
    /// - Parameter token: What ``queryBegan(_:_:)`` returned.
    /// - Parameter result: The rows, or what the caller will see thrown.
    func queryEnded(_ sql: String, _ token: PQQueryToken, _ result: Result<PQRows, any Error>)
}

/// The kind of a statement.
public enum PQQueryKind: Sendable, Hashable {
    /// One statement.
    case query
    /// Statements separated by semicolons, with their values, if any, in the text.
    case script
}

/// Values that an observer gets back when a statement ends.
public struct PQQueryToken: Sendable {
    /// When the statement was requested.
    public var begin: ContinuousClock.Instant
    /// A number for the observer's own use.
    public var number: Int
    /// Any other value for the observer's own use.
    public var attachment: (any Sendable)?

    /// Creates a token.
    public init(begin: ContinuousClock.Instant = .now, number: Int = 0, attachment: (any Sendable)? = nil) {
        self.begin = begin
        self.number = number
        self.attachment = attachment
    }
}
