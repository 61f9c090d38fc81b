//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

extension PQConnection {
    /// Waits on the loop until the socket is ready.
    func park(until deadline: ContinuousClock.Instant?) async -> SocketWake {
        await withUnsafeContinuation { waiter in
            self.source.deadline = nil
            self.eventLoop.park(waiter, on: self.source)
            if let deadline { self.eventLoop.expire(self.source, at: deadline) }
        }
    }

    /// Waits on the loop until the socket is ready, unless libpq has a result at hand.
    ///
    /// Each call of an asynchronous function can be a turn of the loop, even on the same actor: the runtime switches
    /// whenever the task's preferred executor is not the one it runs on. In such a turn bytes are taken in as unawaited and
    /// the socket falls silent, so the question whether there is anything to wait for belongs into the same step as parking.
    func parkWhileBusy(until deadline: ContinuousClock.Instant?) async -> SocketWake {
        await withUnsafeContinuation { waiter in
            self.source.deadline = nil
            self.session.parkWhileBusy(waiter, on: self.eventLoop)
            if let deadline { self.eventLoop.expire(self.source, at: deadline) }
        }
    }

    /// Throws if the connection was closed after `handle` was read, which then points to freed memory.
    ///
    /// To be called after every suspension, before `handle` is used again.
    func requireOpen(_ handle: OpaquePointer) throws(PQError) {
        guard self.handle == handle else { throw self.closedError }
    }

    /// Makes the waits in `body` end with ``SocketWake/cancelled`` once the task is cancelled.
    func withCancellableWaits<Value>(_ body: () async throws -> Value) async throws -> Value {
        self.source.beginWaits()
        let (loop, ticket) = (self.eventLoop, self.source.ticket)
        let token = loop.register(self.source)
        return try await withTaskCancellationHandler {
            try await body()
        } onCancel: {
            loop.cancelWait(token: token, ticket: ticket)
        }
    }

    /// Sends libpq's pending output while reading input, so that neither side blocks.
    ///
    /// Returns whether the task was cancelled meanwhile. The rest of the message has to go out even so, before the
    /// query can be cancelled on the server; the server then has 10 seconds to take it.
    func flush(_ handle: OpaquePointer, deadline: ContinuousClock.Instant?) async throws -> Bool {
        try self.requireOpen(handle)
        guard PQflush(handle) != 0 else { return false }
        var deadline = deadline
        var cancelled = false
        defer {
            if self.handle != nil { self.eventLoop.watch(self.source, descriptor: PQsocket(handle), write: false) }
        }
        while true {
            switch PQflush(handle) {
            case 0: return cancelled
            case 1: break
            // libpq reports the failure with the result.
            default: return cancelled
            }
            self.eventLoop.watch(self.source, descriptor: PQsocket(handle), write: true)
            let wake = await self.park(until: deadline)
            try self.requireOpen(handle)
            switch wake {
            case .ready: break
            case .cancelled:
                cancelled = true
                deadline = .now + .seconds(10)
                self.source.ticket &+= 1
            case .timedOut: throw self.brokenByTimeout()
            }
            guard self.session.consumeInput(handle, on: self.eventLoop) else { throw self.broken() }
        }
    }

    /// Closes the connection because of the error that libpq reports.
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
}
