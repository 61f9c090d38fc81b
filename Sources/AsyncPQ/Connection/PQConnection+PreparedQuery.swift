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
        guard self.eventLoop.isCurrent, let ticket = try self.sendInPlace(query) else { return nil }
        while true {
            switch self.collectInPlace(query) {
            case .waiting:
                let wake = await self.parkInPlace(ticket)
                guard wake == .ready, self.eventLoop.isCurrent else { return try await self.finish(query) }
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

    private nonisolated(nonsending) func parkInPlace(_ ticket: UInt64) async -> SocketWake {
        let (loop, token) = (self.eventLoop, self.tokenInPlace)
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { waiter in
                // The runtime may have given other jobs a turn since; this step has to be on the loop like all others.
                if loop.isCurrent {
                    self.assumeIsolated { $0.parkWhileBusy(waiter, until: nil) }
                } else {
                    waiter.resume(returning: .ready)
                }
            }
        } onCancel: {
            loop.cancelWait(token: token, ticket: ticket)
        }
    }

    // The actor's own steps, taken by a caller who has made sure to be on its loop.

    private nonisolated func sendInPlace(_ query: PQQuery) throws -> UInt64? {
        try self.assumeIsolated { try $0.sendPrepared(query) }
    }

    private nonisolated func collectInPlace(_ query: PQQuery) -> Progress {
        self.assumeIsolated { $0.collectAnswer(to: query) }
    }

    private nonisolated var tokenInPlace: UInt64 { self.assumeIsolated { $0.source.token } }

    /// Takes the turn and sends, if the connection is free and knows the statement.
    private func sendPrepared(_ query: PQQuery) throws -> UInt64? {
        guard let handle, query.bindings.failure == nil, query.bindings.bytes.count <= Self.shortMessage,
            let name = self.statements.preparedName(StatementCache.Key(query)), self.turns.takeIfFree()
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
        self.answer = PartialAnswer()
        return self.source.ticket
    }

    /// Messages up to this size go out at once, unless the server has stopped reading.
    private static let shortMessage = 8192

    private func collectAnswer(to query: PQQuery) -> Progress {
        guard let handle else { return self.ended(.failed(self.closedError)) }
        guard PQflush(handle) == 0 else { return .unusual }
        do {
            if PQisBusy(handle) != 0, !self.consumeInput(handle) {
                throw self.hungUp(handle, after: self.answer.failure, query: query.sql)
            }
            while PQisBusy(handle) == 0 {
                guard let pointer = PQgetResult(handle) else { return self.ended(self.outcome(of: query)) }
                if try self.note(PQResult(owning: pointer), in: &self.answer, handle, query: query.sql) == .ended {
                    return self.ended(self.outcome(of: query))
                }
            }
            return .waiting
        } catch {
            return self.ended(.failed(error))
        }
    }

    private func outcome(of query: PQQuery) -> Progress {
        if let failure = self.answer.failure {
            guard self.canRunUnprepared(after: failure) else { return .failed(failure) }
            self.statements.forget(StatementCache.Key(query))
            return .outdated
        }
        guard let last = self.answer.last else { return .failed(self.broken()) }
        return .rows(PQRows(result: last))
    }

    private func ended(_ progress: Progress) -> Progress {
        self.answer = PartialAnswer()
        self.endTurn()
        return progress
    }

    /// Goes on by the long way with a query that was sent; the turn is ours.
    private func finish(_ query: PQQuery) async throws -> PQRows {
        defer { self.endTurn() }
        guard let handle else { throw self.closedError }
        let answer = self.answer
        self.answer = PartialAnswer()
        return try await self.withCancellableWaits {
            PQRows(result: try await self.receive(handle, query: query.sql, resuming: answer))
        }
    }
}
