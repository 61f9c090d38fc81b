//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQ

@Suite("Transactions that are run again")
struct TransactionAttemptsTests {
    private struct Wrapped: Error {}

    private static func server(_ state: SQLState) -> PQError {
        PQError(.server, "x", server: PQServerError(severity: "ERROR", sqlState: state, message: "x"))
    }

    @Test(arguments: [SQLState.serializationFailure, .deadlockDetected])
    func `what the server rolled back is run again up to the limit, later each time`(state: SQLState) {
        var attempts = TransactionAttempts(retries: 3)
        let error = Self.server(state)
        #expect(attempts.failed(error, isCommitting: false, jitter: 0) == .again(after: .milliseconds(5)))
        #expect(attempts.failed(error, isCommitting: true, jitter: 0) == .again(after: .milliseconds(10)))
        #expect(attempts.failed(error, isCommitting: false, jitter: 1) == .again(after: .milliseconds(10)))
        #expect(attempts.failed(error, isCommitting: false, jitter: 0) == .giveUp)
    }

    @Test func `what the body wrapped is found by the driver's own account, but not after a cancellation`() {
        var attempts = TransactionAttempts(retries: 4)
        let cause = Self.server(.serializationFailure)
        #expect(attempts.failed(Wrapped(), isCommitting: false, jitter: 0) == .giveUp)
        #expect(
            attempts.failed(Wrapped(), cause: cause, isCommitting: false, jitter: 0) == .again(after: .milliseconds(10))
        )
        #expect(attempts.failed(CancellationError(), cause: cause, isCommitting: false, jitter: 0) == .giveUp)
        let lost = PQError(.connectionClosed, "gone")
        #expect(attempts.failed(Wrapped(), cause: lost, isCommitting: false, jitter: 0) == .again(after: .zero))
        #expect(attempts.failed(Wrapped(), cause: lost, isCommitting: true, jitter: 0) == .giveUp)
    }

    @Test func `a statement that had gone stale is dropped by then, so that the transaction is run again at once`() {
        var attempts = TransactionAttempts(retries: 1)
        let error = PQError(
            .server, "x",
            server: PQServerError(
                severity: "ERROR", sqlState: .featureNotSupported, message: "cached plan must not change result type"))
        #expect(attempts.failed(error, isCommitting: false, jitter: 0) == .again(after: .zero))
    }

    @Test func `the pause ends at half a second`() {
        var attempts = TransactionAttempts(retries: 99)
        for _ in 0..<50 { _ = attempts.failed(Self.server(.deadlockDetected), isCommitting: false, jitter: 0) }
        let last = attempts.failed(Self.server(.deadlockDetected), isCommitting: false, jitter: 0)
        #expect(last == .again(after: .milliseconds(500)))
    }

    @Test func `a connection lost before the commit is made good, one lost during it is not`() {
        var attempts = TransactionAttempts(retries: 2)
        let lost = PQError(.connectionClosed, "x")
        #expect(attempts.failed(lost, isCommitting: false, jitter: 0) == .again(after: .zero))
        #expect(attempts.failed(lost, isCommitting: true, jitter: 0) == .giveUp)
    }

    @Test func `nothing is run again that was not declared repeatable, or failed for a reason of its own`() {
        var once = TransactionAttempts(retries: 0)
        #expect(once.failed(Self.server(.serializationFailure), isCommitting: false, jitter: 0) == .giveUp)
        let others: [any Error] = [
            Self.server(.uniqueViolation), CancellationError(), Wrapped(), PQError(.timedOut, "x"),
        ]
        for error in others {
            var attempts = TransactionAttempts(retries: 4)
            #expect(attempts.failed(error, isCommitting: false, jitter: 0) == .giveUp, "\(error)")
        }
    }
}
