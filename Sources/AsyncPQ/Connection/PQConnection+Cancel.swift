//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Logging
import Synchronization

/// Stopping a statement on the server.
extension PQConnection {
    /// Cancels the query of a cancelled task on the server; returns when to cancel it again.
    ///
    /// Where that cannot be done, the connection is closed at once: nothing but the query's own end could be waited for.
    ///
    /// - Parameter limit: Until when the query may take to end; to tell the server there is a second at least.
    func stopOnServer(
        _ handle: OpaquePointer, limit: ContinuousClock.Instant
    ) async throws -> ContinuousClock.Instant {
        let limit = max(limit, .now + .seconds(1))
        // From here on only the deadline ends a wait.
        self.source.ticket &+= 1
        // libpq would keep all that the server sends until then, and a server that sends fast would keep the loop busy, which
        // the cancellation needs as well.
        self.session.isBeingStopped = true
        let refusal = await self.cancelOnServer(handle, deadline: limit)
        self.session.isBeingStopped = false
        self.session.resumeReading(on: self.eventLoop)
        if let refusal, self.handle == handle {
            self.shutDown(
                PQError(
                    .connectionClosed,
                    "the connection was closed, since its statement could not be cancelled on the server: \(refusal.message)",
                    server: refusal.server))
        }
        guard self.handle == handle else {
            // A statement is also stopped for other reasons than its task.
            throw Task.isCancelled || self.source.wasCancelledByTime ? CancellationError() : self.closedError
        }
        return min(limit, .now + .milliseconds(500))
    }

    /// Stops once more, when it is time for that, a statement whose server goes on sending, so that no wait times out.
    func stopAgain(
        _ handle: OpaquePointer, at time: inout ContinuousClock.Instant?, limit: ContinuousClock.Instant
    ) async throws {
        guard let due = time, ContinuousClock.now >= due else { return }
        time = try await self.stopOnServer(handle, limit: limit)
    }

    /// Has the server cancel the query of this session.
    ///
    /// By the session's own cancel request where libpq can send it as well protected as the session is; otherwise by a
    /// function that another session calls.
    ///
    /// - Returns: Why it could not be done; nil where it was done, or is not by the deadline.
    private func cancelOnServer(_ handle: OpaquePointer, deadline: ContinuousClock.Instant) async -> PQError? {
        // The last one is still on its way.
        guard !self.session.isCancelRequested.load(ordering: .relaxed) else { return nil }
        guard let request = CancelRequest(for: handle, mayBePlain: self.configuration.isBehindPooler) else {
            return await self.cancelByLogin(deadline: deadline)
        }
        let (loop, session, source) = (self.eventLoop, self.session, SocketSource())
        let (token, ticket) = (loop.register(source), source.ticket)
        defer { loop.remove(source) }
        session.isCancelRequested.store(true, ordering: .relaxed)
        do throws(PQError) {
            try request.start {
                session.isCancelRequested.store(false, ordering: .relaxed)
                loop.cancelWait(token: token, ticket: ticket)
            }
        } catch {
            session.isCancelRequested.store(false, ordering: .relaxed)
            return error
        }
        _ = await withUnsafeContinuation { loop.park($0, untilCancelledOn: source, or: deadline) }
        switch request.outcome {
        case .failed(let text): return PQError(.connectionFailed, text)
        case .delivered, nil: return nil
        }
    }

    /// Has another session cancel the query of this one.
    private func cancelByLogin(deadline: ContinuousClock.Instant) async -> PQError? {
        guard let process = self.serverProcess else {
            return PQError(.unsupported, "the process of the server is not known")
        }
        var configuration = self.configuration
        configuration.password = self.configuration.currentPassword?() ?? configuration.password
        let canceller = PQConnection(configuration: configuration, eventLoop: self.eventLoop, logger: self.logger)
        var refusal: PQError?
        do {
            try await canceller.establishForCancelling(addresses: self.addresses, deadline: deadline)
            _ = try await canceller.run("SELECT pg_catalog.pg_cancel_backend(\(process))", deadline: deadline)
        } catch {
            self.logger.debug("A query could not be cancelled on the server", metadata: ["error": "\(error)"])
            // Of time the caller has its own limit.
            if ContinuousClock.now < deadline { refusal = error as? PQError ?? PQError(.connectionFailed, "\(error)") }
        }
        await canceller.close()
        return refusal
    }
}
