//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// The use of a session by the statements of many callers at once.
///
/// While statements are on the server, it has the session's turn and receives what arrives on the socket. Confined to
/// the loop, like the session.
protocol SharedUse: AnyObject {
    /// Whether it has the session's turn.
    var isActive: Bool { get }

    /// A number for the next statement.
    func makeID() -> UInt64

    /// Sends a statement at the end of this turn of the loop, together with others.
    func submit(_ query: PQQuery, _ id: UInt64, _ waiter: UnsafeContinuation<SharedAnswer, Never>)

    /// Resumes the caller of a statement without waiting for the answer.
    func abandon(_ id: UInt64)

    /// Takes the answers that have arrived; returns false when the connection is lost.
    func takeAnswers(_ handle: OpaquePointer) -> Bool

    /// Resumes all callers, because the connection is closed.
    func sessionEnded(_ reason: PQError)
}

/// What a caller of a shared session gets.
enum SharedAnswer: Sendable {
    /// The result, and for how long the server worked on it.
    case result(PQResult, took: Duration)
    /// The server's error, and for how long the server worked on it.
    case failed(PQError, took: Duration)
    /// The connection was closed after the statement was sent.
    case lost(PQError)
    /// The statement was not sent, because the connection is closed or not free.
    case notSent
    /// The statement was not sent: it has to be run by itself.
    case unsuitable
    /// The caller's task was cancelled; with `isOnServer`, the statement was sent and runs on.
    case cancelled(isOnServer: Bool)
}
