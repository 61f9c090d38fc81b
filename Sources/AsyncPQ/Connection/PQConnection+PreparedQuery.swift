//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The fast path for a query that is already prepared, when the caller is on the connection's own loop.
///
/// Such a caller is on the actor's thread, so the steps run in place instead of each as a job of the loop: the query is
/// sent at once, and the caller is resumed once. Anything out of the ordinary is left to the actor's own methods.
extension PQConnection {
    /// Returns nil when nothing was sent, or without effect; the slow path then starts from the beginning.
    @inline(__always)
    nonisolated(nonsending) func queryInPlace(_ query: PQQuery) async throws -> PQRows? {
        // From here to the sending there is no suspension.
        if Task.isCancelled { throw CancellationError() }
        let (loop, session) = (self.eventLoop, self.session)
        try self.beginUse()
        let sending = session.sendPrepared(query)
        guard case .sent(let token, let ticket) = sending else {
            if case .failed = sending { throw await self.sendingFailed() }
            return nil
        }
        while true {
            // An answer takes longer than it takes to get here; looking for it first would mostly be in vain.
            let wake = await withTaskCancellationHandler {
                await withUnsafeContinuation { waiter in
                    // The runtime may have given other jobs a turn since; this step has to be on the loop like all
                    // others.
                    if loop.isCurrent {
                        session.parkWhileBusy(waiter, on: loop)
                    } else {
                        waiter.resume(returning: .ready)
                    }
                }
            } onCancel: {
                loop.cancelWait(token: token, ticket: ticket)
            }
            guard wake == .ready, loop.isCurrent else { return try await self.finish(query) }
            switch session.collect(on: loop) {
            case .incomplete: continue
            case .rows(let rows): return rows
            case .unusual(let results): return try await self.finish(query, after: results)
            case .lost: return try await self.finish(query, isLost: true)
            }
        }
    }

    private func sendingFailed() -> PQError {
        defer { self.session.endTurn() }
        return self.handle == nil ? self.closedError : self.broken()
    }

    /// Continues on the slow path with a query that was sent; this caller has the turn.
    ///
    /// Returns nil when the statement is no longer what was prepared, so that the query has to be run again.
    private func finish(_ query: PQQuery, after results: [PQResult] = [], isLost: Bool = false) async throws -> PQRows?
    {
        defer { self.session.endTurn() }
        guard let handle else { throw self.closedError }
        if isLost { throw self.hungUp(handle, after: nil, query: query.sql) }
        do {
            var answer = PartialAnswer()
            for result in results where try self.note(result, in: &answer, handle, query: query.sql) == .ended {
                throw answer.failure ?? self.closedError
            }
            return try await self.withCancellableWaits {
                PQRows(result: try await self.receive(handle, query: query.sql, resuming: answer))
            }
        } catch let error as PQError {
            guard self.canRunAgain(query, after: error) else { throw error }
            return nil
        }
    }
}
