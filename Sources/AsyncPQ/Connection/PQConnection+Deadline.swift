//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime
import CLibpq

/// Deadlines for calls.
///
/// When a deadline passes, the loop cancels the waits of the statement as the cancellation of its task would, so that
/// everything that can be cancelled can have a deadline.
extension PQConnection {
    /// Runs a query that has to be done at `deadline`.
    ///
    /// - Throws: As ``query(_:)``. When the deadline passes, the statement is cancelled on the server, the connection stays
    ///   usable, and the error has the code ``PQError/Code/timedOut``. Its ``PQError/isSafeToRetry`` is true where nothing
    ///   of the statement was done: it was not sent yet, or the server stopped it. It is false where that is not known:
    ///   the server did not answer any more and the connection is closed, or the statement calls a procedure, which can
    ///   commit by itself. A statement that was done before the server could stop it returns its rows.
    @discardableResult
    public nonisolated(nonsending) func query(
        _ query: PQQuery, deadline: ContinuousClock.Instant
    ) async throws -> PQRows {
        let observation = self.observe(query.sql)
        do {
            let rows = try await self.queryOnLoop(query, until: deadline.bounded())
            observation?.ended(.success(rows))
            return rows
        } catch {
            observation?.ended(.failure(error))
            throw error
        }
    }

    /// Runs a query that may take as long as `timeout`, the wait for earlier queries of the connection included.
    ///
    /// - Throws: As ``query(_:deadline:)``.
    @discardableResult
    public nonisolated(nonsending) func query(_ query: PQQuery, timeout: Duration) async throws -> PQRows {
        try await self.query(query, deadline: .now.later(by: timeout))
    }

    /// Switches to the loop once for the whole query, and back once.
    @concurrent
    private nonisolated func queryOnLoop(
        _ query: PQQuery, until deadline: ContinuousClock.Instant
    ) async throws -> PQRows {
        try await withTaskExecutorPreference(self.eventLoop) {
            try await self.queryInTurn(query, until: deadline)
        }
    }

    /// Runs `body`, whose statements on this connection all have to be done at `deadline`.
    ///
    /// A statement that runs when the deadline passes is cancelled as by ``query(_:deadline:)``; those after it are not sent
    /// and fail with ``PQError/Code/timedOut``. Only statements have the deadline, not what `body` does besides, and it
    /// applies to those of other tasks on the same connection, too. Of nested deadlines the earliest counts. A
    /// transaction is rolled back all the same.
    @discardableResult
    public nonisolated(nonsending) func withDeadline<Value>(
        _ deadline: ContinuousClock.Instant, _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        let outer = await self.narrowDeadline(to: deadline.bounded())
        do {
            let value = try await body(self)
            await self.restoreDeadline(outer)
            return value
        } catch {
            await self.restoreDeadline(outer)
            throw error
        }
    }

    private func narrowDeadline(to deadline: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let outer = self.session.deadline
        self.session.deadline = self.session.earliest(deadline)
        return outer
    }

    private func restoreDeadline(_ deadline: ContinuousClock.Instant?) { self.session.deadline = deadline }

    // MARK: Within a turn

    /// Cancels the waits of `body` at `deadline`.
    ///
    /// - Parameter isUndone: Whether the server undoes what it did when it stops the statement.
    func cancelling<Value>(
        at deadline: ContinuousClock.Instant, isUndone: Bool, _ body: () async throws -> Value
    ) async throws -> Value {
        try Self.requireTime(until: deadline)
        self.eventLoop.cancelWaits(of: self.source, at: deadline)
        defer { self.eventLoop.cancelWaits(of: self.source, at: nil) }
        do {
            return try await body()
        } catch is CancellationError where self.source.wasCancelledByTime && !Task.isCancelled {
            throw self.handle == nil ? Self.silentAtDeadline : Self.stoppedAtDeadline(isUndone)
        } catch let error as PQError
            where self.source.wasCancelledByTime && error.code == .timedOut && !Task.isCancelled
        {
            throw Self.silentAtDeadline
        }
    }

    /// Throws where nothing more is to be sent: the task is cancelled, or the deadline has passed.
    func checkCancellation() throws {
        try Task.checkCancellation()
        if self.source.wasCancelledByTime { throw CancellationError() }
    }

    static func requireTime(until deadline: ContinuousClock.Instant) throws(PQError) {
        guard ContinuousClock.now >= deadline else { return }
        var error = PQError(.timedOut, "the deadline passed before the statement was sent, and nothing of it was done")
        error.didNothing = true
        throw error
    }

    static func stoppedAtDeadline(_ isUndone: Bool) -> PQError {
        var error = PQError(
            .timedOut,
            isUndone
                ? "the deadline passed and the server stopped the statement; nothing of it was done"
                : "the deadline passed and the server stopped the statement; what it had committed by itself stays")
        error.didNothing = isUndone
        return error
    }

    private static var silentAtDeadline: PQError {
        PQError(
            .timedOut,
            "the deadline passed and the server did not answer any more; the connection was closed, and the statement may "
                + "have been done")
    }
}

extension PQSession {
    /// The earlier of a deadline and the session's own.
    @inline(__always)
    func earliest(_ deadline: ContinuousClock.Instant?) -> ContinuousClock.Instant? {
        guard let own = self.deadline else { return deadline }
        return deadline.map { min($0, own) } ?? own
    }
}
