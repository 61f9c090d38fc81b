//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// The short way for a query that is prepared already, asked for by a caller on the connection's own loop.
///
/// Such a caller is on the actor's thread, so the steps run in place instead of each as a job of the loop: the query is
/// sent at once, and the caller is resumed once. Whatever is out of the ordinary goes on by the actor's own methods.
extension PQConnection {
    private enum Progress: Sendable {
        case waiting
        case rows(PQRows)
        case failed(any Error)
        /// The statement is no longer what was prepared: run the query again.
        case outdated
        /// Something that the long way has to see to.
        case unusual
    }

    /// Returns nil when nothing was sent, or in vain, and the long way has to be taken from its beginning.
    nonisolated(nonsending) func queryInPlace(_ query: PQQuery) async throws -> PQRows? {
        guard self.eventLoop.isCurrent, let sent = try self.sendInPlace(query) else { return nil }
        while true {
            // An answer takes longer than it takes to get here; looking for it first would mostly be in vain.
            let wake = await self.parkInPlace(sent)
            guard wake == .ready, self.eventLoop.isCurrent else { return try await self.finish(query) }
            switch self.collectInPlace(query) {
            case .waiting: continue
            case .rows(let rows):
                return rows
            case .failed(let error):
                throw error
            case .outdated:
                return nil
            case .unusual:
                return try await self.finish(query)
            }
        }
    }

    /// A query that was sent: what its wait is known by to the loop.
    private struct Sent {
        var token: UInt64
        var ticket: UInt64
    }

    private nonisolated(nonsending) func parkInPlace(_ sent: Sent) async -> SocketWake {
        let loop = self.eventLoop
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { waiter in
                // The runtime may have given other jobs a turn since; this step has to be on the loop like all others.
                if loop.isCurrent {
                    self.assumeIsolated { $0.parkWhileBusy(waiter) }
                } else {
                    waiter.resume(returning: .ready)
                }
            }
        } onCancel: {
            loop.cancelWait(token: sent.token, ticket: sent.ticket)
        }
    }

    // The actor's own steps, taken by a caller who has made sure to be on its loop.

    private nonisolated func sendInPlace(_ query: PQQuery) throws -> Sent? {
        try self.assumeIsolated { try $0.sendPrepared(query) }
    }

    private nonisolated func collectInPlace(_ query: PQQuery) -> Progress {
        self.assumeIsolated { $0.collectAnswer(to: query) }
    }

    /// Takes the turn and sends, if the connection is free and knows the statement.
    private func sendPrepared(_ query: PQQuery) throws -> Sent? {
        guard let handle, query.bindings.failure == nil, query.bindings.bytes.count <= Self.shortMessage,
            let name = self.statements.preparedName(query), self.turns.takeIfFree()
        else { return nil }
        do {
            try self.send(query, handle) { count, values, lengths, formats in
                PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
            }
        } catch {
            self.endTurn()
            throw error
        }
        self.source.ticket &+= 1
        self.source.cancelledTicket = nil
        return Sent(token: self.source.token, ticket: self.source.ticket)
    }

    /// Messages up to this size go out at once, unless the server has stopped reading.
    private static let shortMessage = 8192

    private func collectAnswer(to query: PQQuery) -> Progress {
        guard let handle else { return self.ended(.failed(self.closedError)) }
        guard PQflush(handle) == 0 else { return .unusual }
        if PQisBusy(handle) != 0, !self.consumeInput(handle) {
            return self.ended(.failed(self.hungUp(handle, after: self.answer?.failure, query: query.sql)))
        }
        guard PQisBusy(handle) == 0 else { return .waiting }
        guard self.answer == nil, let pointer = PQgetResult(handle) else { return self.collectRest(query, handle) }
        let result = PQResult(owning: pointer)
        // Nearly always it is one result, whole and good.
        if result.status == PGRES_TUPLES_OK, PQisBusy(handle) == 0 {
            guard let next = PQgetResult(handle) else { return self.ended(.rows(PQRows(result: result))) }
            return self.collectRest(query, handle, after: [result, PQResult(owning: next)])
        }
        return self.collectRest(query, handle, after: [result])
    }

    /// Takes in an answer of several results, or in several pieces, or of an error.
    private func collectRest(_ query: PQQuery, _ handle: OpaquePointer, after first: [PQResult] = []) -> Progress {
        var answer = self.answer ?? PartialAnswer()
        do {
            for result in first where try self.note(result, in: &answer, handle, query: query.sql) == .ended {
                return self.ended(self.outcome(answer, query))
            }
            while PQisBusy(handle) == 0 {
                guard let pointer = PQgetResult(handle) else { return self.ended(self.outcome(answer, query)) }
                if try self.note(PQResult(owning: pointer), in: &answer, handle, query: query.sql) == .ended {
                    return self.ended(self.outcome(answer, query))
                }
            }
            self.answer = answer
            return .waiting
        } catch {
            return self.ended(.failed(error))
        }
    }

    private func outcome(_ answer: PartialAnswer, _ query: PQQuery) -> Progress {
        if let failure = answer.failure {
            guard self.canRunUnprepared(after: failure) else { return .failed(failure) }
            self.statements.forget(StatementCache.Key(query))
            return .outdated
        }
        guard let last = answer.last else { return .failed(self.broken()) }
        return .rows(PQRows(result: last))
    }

    private func ended(_ progress: Progress) -> Progress {
        if self.answer != nil { self.answer = nil }
        self.endTurn()
        return progress
    }

    /// Goes on by the long way with a query that was sent; the turn is ours.
    private func finish(_ query: PQQuery) async throws -> PQRows {
        defer { self.endTurn() }
        guard let handle else { throw self.closedError }
        let answer = self.answer ?? PartialAnswer()
        self.answer = nil
        return try await self.withCancellableWaits {
            PQRows(result: try await self.receive(handle, query: query.sql, resuming: answer))
        }
    }
}
