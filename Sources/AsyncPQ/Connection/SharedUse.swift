//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Synchronization

/// The use of a session by the statements of many callers at once.
///
/// While statements are on the server, it has the session's turn and receives what arrives on the socket. Confined to
/// the loop, like the session.
protocol SharedUse: AnyObject {
    /// Whether it has the session's turn.
    var isActive: Bool { get }

    /// Sends a statement at the end of this turn of the loop, together with others.
    ///
    /// Answers later, never within the call.
    ///
    /// - Parameter connection: The connection of the session, which is kept until all statements are done.
    func submit(_ statement: SharedStatement, on connection: PQConnection)

    /// Resumes the caller of a statement without waiting for the answer.
    func abandon(_ id: Int)

    /// Takes the answers that have arrived; returns false when the connection is lost.
    func takeAnswers(_ handle: OpaquePointer) -> Bool

    /// Resumes all callers, because the connection is closed.
    func sessionEnded(_ reason: PQError)
}

/// The place of a statement's times in a pool, until there are too many statements.
package struct StatementSlot: Sendable {
    let index: Int
    /// How often all statements were forgotten before.
    let generation: Int
}

/// A statement that may share a connection with those of other callers.
///
/// `@unchecked Sendable`: ``caller`` and ``begin`` are written by the task of the caller and under the lock of the pool
/// before the statement goes to a connection, and from then on only read; everything else is constant.
package final class SharedStatement: @unchecked Sendable {
    package typealias Caller = UnsafeContinuation<SharedAnswer, Never>

    /// Its number, which no other statement of the pool has.
    package let id: Int
    package let query: PQQuery
    /// Where its time is recorded.
    package let slot: StatementSlot
    /// When the caller asked for it.
    package let askedAt: ContinuousClock.Instant
    /// Until when it may wait for a place on a connection.
    package let deadline: ContinuousClock.Instant
    /// The caller, once it waits for an answer.
    package var caller: Caller?
    /// When it got its place on a connection.
    package var begin: ContinuousClock.Instant
    private let isAnswered = Atomic<Bool>(false)

    package init(
        id: Int, query: PQQuery, slot: StatementSlot, askedAt: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant
    ) {
        self.id = id
        self.query = query
        self.slot = slot
        self.askedAt = askedAt
        self.deadline = deadline
        self.begin = askedAt
    }

    /// Resumes the caller, once for each time it waits.
    package func answer(_ answer: SharedAnswer) {
        // The last look: a caller who got a place only waits once more.
        let caller = self.caller
        self.isAnswered.store(true, ordering: .releasing)
        caller?.resume(returning: answer)
    }

    /// Has the caller who was resumed see all that was done before.
    ///
    /// The runtime has that as well, but does not tell the thread sanitizer of it where the answer comes before the wait.
    package func noteAnswer() { _ = self.isAnswered.load(ordering: .acquiring) }
}

/// What the caller of a statement gets that may share a connection.
package enum SharedAnswer: Sendable {
    case rows(PQRows)
    /// The error of the statement, that of the pool where it got no connection, or `CancellationError`: a statement that
    /// was sent runs on.
    case failed(any Error)
    /// Nothing was sent, since the connection is closed or in use: the statement may go to another connection.
    case elsewhere
    /// Nothing was done, and the statement has to be run by itself.
    case alone
    /// A place on a shared connection, where the caller is to send the statement itself.
    case place(PQConnection, number: Int)
    /// A connection for the statement alone; with `check`, only after a liveness check.
    case lease(PQConnection, number: Int, check: Bool)
}

/// Statements that have left a shared connection.
package struct SharedEnds: Sendable {
    package var statements: [SharedStatement]
    /// How the connection did.
    package var outcome: Outcome

    package enum Outcome: Sendable {
        /// The server worked for that long on each of them.
        case answered(took: Duration)
        /// The server answered, but says nothing of their time.
        case undone
        /// They were not sent, or the connection was lost.
        case unanswered
    }

    package init(_ statements: [SharedStatement], _ outcome: Outcome) {
        self.statements = statements
        self.outcome = outcome
    }
}
