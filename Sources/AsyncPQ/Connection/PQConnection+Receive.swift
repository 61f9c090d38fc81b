//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Logging

extension PQConnection {
    /// Takes in everything the server answers to what was sent, up to its readiness for the next query.
    ///
    /// Returns the last result; the first error wins. When the task is cancelled the query is cancelled on the server
    /// and the answer is still taken in, so that the connection stays usable.
    func receive(
        _ handle: OpaquePointer, query: String?, deadline: ContinuousClock.Instant? = nil
    ) async throws -> PQResult {
        try await self.flush(handle, deadline: deadline)
        var last: PQResult?
        var failure: PQError?
        var cancelled = false
        var deadline = deadline
        while true {
            while PQisBusy(handle) != 0 {
                let wake = await self.park(until: deadline)
                guard self.handle != nil else { throw self.closedError }
                switch wake {
                case .ready:
                    try self.consumeInput(handle)
                case .timedOut:
                    throw self.brokenByTimeout()
                case .cancelled:
                    cancelled = true
                    let limit = ContinuousClock.now + .seconds(10)
                    deadline = limit
                    // From here on only the deadline ends a wait.
                    self.source.ticket &+= 1
                    await self.cancelOnServer(deadline: limit)
                    guard self.handle != nil else { throw CancellationError() }
                }
            }
            guard let pointer = PQgetResult(handle) else { break }
            let result = PQResult(owning: pointer)
            let status = result.status
            if status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE {
                failure = failure ?? self.error(of: result, query: query)
                if PQstatus(handle) != CONNECTION_OK {
                    self.shutDown(
                        PQError(.connectionClosed, "the server ended the connection", server: failure?.server))
                    break
                }
            } else if status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH {
                self.shutDown(PQError(.connectionClosed, "the connection was closed to get out of a COPY"))
                throw PQError(.unsupported, "COPY cannot run as a query; the connection was closed", query: query)
            }
            last = result
        }
        if cancelled { throw CancellationError() }
        if let failure { throw failure }
        guard let last else { throw self.broken() }
        return last
    }

    private func error(of result: PQResult, query: String?) -> PQError {
        guard let server = PQServerError(result: result.pointer) else {
            let text = PQErrorText.trim(String(cString: PQresultErrorMessage(result.pointer)))
            return PQError(
                .connectionClosed, text.isEmpty ? "the server closed the connection" : text, query: query)
        }
        // FATAL ends the session: the administrator's word, a shutdown, a limit.
        let ended = server.severity == "FATAL" || server.severity == "PANIC"
        return PQError(ended ? .connectionClosed : .server, server.message, server: server, query: query)
    }

    /// Asks the server, over another connection, to stop what this session runs.
    ///
    /// Failing to do so is no error of its own: the query then runs to its end, or the deadline closes the connection.
    private func cancelOnServer(deadline: ContinuousClock.Instant) async {
        guard let process = self.serverProcess else { return }
        var configuration = self.configuration
        configuration.password = self.configuration.currentPassword?() ?? configuration.password
        let canceller = PQConnection(configuration: configuration, eventLoop: self.eventLoop, logger: self.logger)
        do {
            try await canceller.establishForCancelling(addresses: self.addresses, deadline: deadline)
            _ = try await canceller.run("SELECT pg_catalog.pg_cancel_backend(\(process))", deadline: deadline)
        } catch {
            self.logger.debug("A query could not be cancelled on the server", metadata: ["error": "\(error)"])
        }
        await canceller.close()
    }
}
