//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

extension PQConnection {
    /// Waits on the loop until the socket is ready.
    func park(until deadline: ContinuousClock.Instant?) async -> SocketWake {
        await withUnsafeContinuation { self.eventLoop.park($0, on: self.source, until: deadline) }
    }

    /// Makes the waits in `body` end with ``SocketWake/cancelled`` once the task is cancelled.
    func withCancellableWaits<Value>(_ body: () async throws -> Value) async throws -> Value {
        self.source.ticket &+= 1
        self.source.cancelledTicket = nil
        let (loop, token, ticket) = (self.eventLoop, self.source.token, self.source.ticket)
        return try await withTaskCancellationHandler {
            try await body()
        } onCancel: {
            loop.cancelWait(token: token, ticket: ticket)
        }
    }

    /// Hands to the kernel what libpq still has to send, while taking in what comes, so that neither side blocks.
    func flush(_ handle: OpaquePointer, deadline: ContinuousClock.Instant?) async throws {
        guard PQflush(handle) != 0 else { return }
        defer {
            if self.handle != nil { self.eventLoop.watch(self.source, descriptor: PQsocket(handle), write: false) }
        }
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1: break
            // libpq reports the failure with the result.
            default: return
            }
            self.eventLoop.watch(self.source, descriptor: PQsocket(handle), write: true)
            let wake = await self.park(until: deadline)
            guard self.handle != nil else { throw self.closeReason ?? self.lostConnection() }
            switch wake {
            case .ready: break
            // The rest of the message has to go out before the query can be cancelled; the next wait sees it again.
            case .cancelled: self.source.ticket &+= 1
            case .timedOut: throw self.brokenByTimeout()
            }
            guard PQconsumeInput(handle) != 0 else { throw self.broken() }
        }
    }

    /// Closes the connection because of what libpq says.
    func broken() -> PQError {
        let error = self.lostConnection()
        self.shutDown(error)
        return error
    }

    func brokenByTimeout() -> PQError {
        let error = PQError(.timedOut, "the server did not answer in time; the connection was closed")
        self.shutDown(error)
        return error
    }

    /// Reads once; more than once where TLS holds bytes that the socket no longer announces.
    ///
    /// A TLS record can be larger than the room libpq offers, and the rest of it then waits inside the TLS library while
    /// the socket stays silent.
    func consumeInput(_ handle: OpaquePointer) throws {
        guard PQconsumeInput(handle) != 0 else { throw self.broken() }
        guard PQsslInUse(handle) != 0 else { return }
        while PQisBusy(handle) != 0, TLSPending.bytes(in: handle) > 0 {
            guard PQconsumeInput(handle) != 0 else { throw self.broken() }
        }
    }
}
