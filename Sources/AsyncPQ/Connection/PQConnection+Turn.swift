//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// The turn: a session runs one statement at a time, in the order in which callers asked for it.
extension PQConnection {
    /// Runs `body` when the queries before it are done.
    ///
    /// - Parameter ownDeadline: When to cancel the work of `body`; an earlier one of the session counts.
    /// - Parameter isUndone: Whether the server undoes what it did when it stops the statement.
    func withTurn<Value>(
        until ownDeadline: ContinuousClock.Instant? = nil, isUndone: @autoclosure () -> Bool = true,
        _ body: (OpaquePointer) async throws -> Value
    ) async throws -> Value {
        let deadline = self.session.earliest(ownDeadline)
        let handle = try await self.takeTurn(until: deadline)
        defer { self.session.endTurn() }
        return try await self.withWaits(until: deadline, isUndone: isUndone()) { try await body(handle) }
    }

    /// Waits until earlier queries are done, and takes the turn, to be passed on by ``PQSession/endTurn()``.
    ///
    /// - Parameter deadline: Until when to wait.
    /// - Throws: ``PQError`` where the connection or its lease is over, the deadline passed first, or the wait would never
    ///   end, since the caller itself reads from the connection; `CancellationError`. The turn is not taken then.
    func takeTurn(until deadline: ContinuousClock.Instant?) async throws -> OpaquePointer {
        if let deadline { try Self.requireTime(until: deadline) }
        if !self.session.turns.takeIfFree() {
            try self.requireNoOpenStream()
            try self.refuseDuringOwnCopy()
            guard await self.waitForTurn(until: deadline) else { throw Self.endOfWait(until: deadline) }
        }
        do {
            try Task.checkCancellation()
            guard let handle else { throw self.closedError }
            try self.beginUse()
            return handle
        } catch {
            self.session.endTurn()
            throw error
        }
    }

    /// Makes the waits in `body` end once the task is cancelled, and at `deadline`.
    func withWaits<Value>(
        until deadline: ContinuousClock.Instant?, isUndone: @autoclosure () -> Bool, _ body: () async throws -> Value
    ) async throws -> Value {
        try await self.withCancellableWaits {
            guard let deadline else { return try await body() }
            return try await self.cancelling(at: deadline, isUndone: isUndone(), body)
        }
    }

    /// Waits until earlier queries are done; returns false if the task is cancelled or the deadline passes first.
    private func waitForTurn(until deadline: ContinuousClock.Instant?) async -> Bool {
        let id = self.session.turns.makeID()
        guard let deadline else { return await self.waitForTurn(id) }
        async let _ = self.abandonTurn(id, at: deadline)
        return await self.waitForTurn(id)
    }

    private func abandonTurn(_ id: UInt64, at deadline: ContinuousClock.Instant) async {
        // The sleep ends early, with an error, when the turn has come.
        guard (try? await Task.sleep(until: deadline)) != nil else { return }
        self.abandonTurn(id)
    }

    /// Waits until earlier queries are done; returns false if the task is cancelled first.
    private func waitForTurn(_ id: UInt64) async -> Bool {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { waiter in
                // A handler that ran already found no waiter.
                if Task.isCancelled {
                    waiter.resume(returning: false)
                } else {
                    self.session.turns.wait(id, waiter)?.resume(returning: true)
                }
            }
        } onCancel: {
            // The handler may run on any thread, and only a task gets from there to the actor.
            Task { await self.abandonTurn(id) }
        }
    }

    private func abandonTurn(_ id: UInt64) { self.session.turns.abandon(id)?.resume(returning: false) }

    /// The error of a caller that gave up waiting for its turn.
    private static func endOfWait(until deadline: ContinuousClock.Instant?) -> any Error {
        guard let deadline, !Task.isCancelled else { return CancellationError() }
        do {
            try Self.requireTime(until: deadline)
            return CancellationError()
        } catch {
            return error
        }
    }
}
