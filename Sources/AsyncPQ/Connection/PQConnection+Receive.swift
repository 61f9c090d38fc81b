//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

extension PQSession {
    /// The error that a result carries.
    func error(of result: PQResult, query: String?) -> PQError {
        guard let server = PQServerError(result: result.pointer) else {
            let text = PQErrorText.trim(String(cString: PQresultErrorMessage(result.pointer)))
            return PQError(
                .connectionClosed, text.isEmpty ? "the server closed the connection" : text, query: query)
        }
        // FATAL ends the session: an administrator's command, a shutdown, a limit.
        let ended = server.severity == "FATAL" || server.severity == "PANIC"
        if ended { self.notices.lastWords = server }
        return PQError(ended ? .connectionClosed : .server, server.message, server: server, query: query)
    }
}

extension PQConnection {
    /// Receives everything that the server answers to a query, until it is ready for the next one.
    ///
    /// Returns the last result; the first error wins. When the task is cancelled the query is cancelled on the server
    /// and the answer is still read, so that the connection stays usable and the error thrown is accurate:
    /// `CancellationError` if the server says that it stopped the query, or if the connection is closed before it
    /// answers; what the server says otherwise, since a query that was done before the cancellation reached it is done.
    ///
    /// - Parameter copying: The direction of a COPY that the caller is ready for: its result is returned as soon as it
    ///   arrives. Any other COPY is ended and an error.
    func receive(
        _ handle: OpaquePointer, query: String?, deadline: ContinuousClock.Instant? = nil,
        resuming answer: PartialAnswer = PartialAnswer(), copying: CopyDirection? = nil
    ) async throws -> PQResult {
        var cancelled = try await self.flush(handle, deadline: deadline)
        try self.requireOpen(handle)
        var answer = answer
        var deadline = deadline
        // Until when a cancelled query may take to end.
        var limit = ContinuousClock.now + .seconds(10)
        if cancelled { deadline = try await self.stopOnServer(handle, limit: limit) }
        while true {
            if let direction = answer.copy {
                answer.copy = nil
                if let last = answer.last, direction == copying, !cancelled, answer.failure == nil { return last }
                if direction != copying { answer.failure = answer.failure ?? direction.refusal(query) }
                try await self.leaveCopy(direction, handle)
            }
            while PQisBusy(handle) != 0 {
                let wake = await self.parkWhileBusy(until: deadline)
                try self.requireOpen(handle)
                switch wake {
                case .ready:
                    if !self.session.consumeInputWhileBusy(handle, on: self.eventLoop) {
                        throw self.hungUp(handle, after: answer.failure, query: query)
                    }
                    if cancelled || answer.isUnwanted { try await self.stopAgain(handle, at: &deadline, limit: limit) }
                case .timedOut:
                    guard cancelled || answer.isUnwanted, ContinuousClock.now < limit else {
                        throw self.brokenByTimeout()
                    }
                    // A server that had not begun with the query when it was told to stop has forgotten that since.
                    deadline = try await self.stopOnServer(handle, limit: limit)
                case .cancelled:
                    cancelled = true
                    limit = .now + .seconds(10)
                    deadline = try await self.stopOnServer(handle, limit: limit)
                }
            }
            guard let pointer = PQgetResult(handle) else { break }
            let result = PQResult(owning: pointer, from: handle)
            if try self.note(result, in: &answer, handle, query: query) == .ended {
                break
            }
        }
        if let failure = answer.failure {
            if cancelled, failure.sqlState == .queryCanceled || self.handle == nil { throw CancellationError() }
            throw failure
        }
        guard let last = answer.last else { throw self.broken() }
        return last
    }

    /// The part of an answer that has arrived.
    struct PartialAnswer {
        var last: PQResult?
        var failure: PQError?
        /// The direction of a COPY that has begun.
        var copy: CopyDirection?
        /// Whether the statement is to end soon, as when the task is cancelled.
        var isUnwanted = false
    }

    enum Noted {
        case more
        /// Nothing more will arrive: the session is over.
        case ended
    }

    /// Takes one result into account.
    func note(
        _ result: PQResult, in answer: inout PartialAnswer, _ handle: OpaquePointer, query: String?
    ) throws(PQError) -> Noted {
        let status = result.status
        if status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE {
            let failure = answer.failure ?? self.error(of: result, query: query)
            answer.failure = failure
            if failure.letsTransactionRunAgain { self.session.transactionFailure = failure }
            if PQstatus(handle) != CONNECTION_OK {
                self.shutDown(PQError(.connectionClosed, "the server ended the connection", server: failure.server))
                return .ended
            }
        } else if status == PGRES_COPY_BOTH {
            self.shutDown(PQError(.connectionClosed, "the connection was closed to end a replication stream"))
            throw PQError(.unsupported, "replication is not supported; the connection was closed", query: query)
        } else {
            answer.copy = CopyDirection(status)
        }
        self.session.note(result, of: query)
        answer.last = result
        return .more
    }

    /// Closes a connection that the server ended, with the server's reason if it sent one.
    func hungUp(_ handle: OpaquePointer, after failure: PQError?, query: String?) -> PQError {
        // The last message may have come together with the end. libpq does not wait on a connection it knows to be
        // lost.
        var failure = failure
        let isPipeline = PQpipelineStatus(handle) != PQ_PIPELINE_OFF
        for _ in 0..<(isPipeline ? 4 : 1) where failure == nil && PQisBusy(handle) == 0 {
            // In a pipeline the result of an earlier command and nothing, its end, may come first.
            guard let pointer = PQgetResult(handle) else { continue }
            let result = PQResult(owning: pointer, from: handle)
            if result.status == PGRES_FATAL_ERROR { failure = self.error(of: result, query: query) }
        }
        // During a COPY libpq has not looked at the server's farewell yet; now it passes it on as a notice.
        if failure?.server == nil { _ = PQisBusy(handle) }
        let lost = self.lostConnection()
        if failure?.server == nil, lost.server != nil { failure = nil }
        self.shutDown(
            PQError(.connectionClosed, failure?.message ?? lost.message, server: failure?.server ?? lost.server))
        return failure ?? lost
    }

    private func error(of result: PQResult, query: String?) -> PQError {
        self.session.error(of: result, query: query)
    }
}
