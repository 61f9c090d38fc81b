//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Synchronization

/// A statement whose rows its caller takes part by part.
///
/// It has the connection's turn from its beginning to its end, also while its caller looks at the rows of a part: the server
/// then waits, since the socket is not read.
///
/// `@unchecked Sendable`: `isAbandoned` and `isOpen` are atomic, the constants are `Sendable`, and everything else is
/// touched on the connection's loop only, by methods of the connection.
final class OpenStream: @unchecked Sendable {
    /// What a cancelled task does with rows that the server had sent by then.
    enum Arrears {
        /// They are passed on.
        case passedOn
        /// They are dropped, and the caller gets `CancellationError` at once.
        case dropped
    }

    enum Phase {
        /// Not sent.
        case unopened
        /// The caller waits for rows.
        case reading
        /// The caller has rows and has not asked for more.
        case parked
        /// The statement is being stopped, and these wait for that.
        case ending([UnsafeContinuation<Void, Never>])
        /// The statement is over. What its caller has not been told yet: rows of ``batch``, then this error.
        case over((any Error)?)
    }

    let query: PQQuery
    let format: PQFormat
    let arrears: Arrears
    /// Set when the caller will not ask for more rows.
    let isAbandoned = Atomic<Bool>(false)
    /// Whether the statement was sent and is not over.
    let isOpen = Atomic<Bool>(false)

    var phase = Phase.unopened
    var batch = RowBatch()
    var answer = PQConnection.PartialAnswer()
    var observation: PQConnection.Observation?
    /// Whether the whole of the statement has left.
    var isFlushed = false
    /// Whether a savepoint was set before the statement, to go back to if it is stopped.
    var hasSavepoint = false
    var isCancelled = false
    /// When to cancel a cancelled statement again.
    var deadline: ContinuousClock.Instant?
    /// Until when a cancelled statement may take to end.
    var limit = ContinuousClock.now

    init(_ query: PQQuery, format: PQFormat, arrears: Arrears) {
        self.query = query
        self.format = format
        self.arrears = arrears
    }

    /// The result at the end: columns and command tag.
    var end: PQRows? { self.answer.last.map { PQRows(result: $0) } }

    /// Whether the socket is read for rows only: from the sending of the statement to the end of its answer.
    ///
    /// What arrives while no caller waits for rows is left to the operating system, and so at last to the server.
    var holdsSocket = false
}
