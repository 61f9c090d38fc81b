//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Logging
import Synchronization

/// Statements whose rows are taken part by part.
extension PQConnection {
    /// The next rows, at least one; nil at the end.
    ///
    /// - Throws: The error of the statement, after the rows before it; `CancellationError`.
    func nextPart(of stream: OpenStream) async throws -> PQRows? {
        while true {
            switch stream.phase {
            case .unopened:
                try await self.open(stream)
                stream.phase = .reading
                if let part = try await self.read(stream) { return part }
            case .parked:
                if let endedLease { throw endedLease }
                if let part = stream.batch.take() { return PQRows(result: part) }
                stream.phase = .reading
                if let part = try await self.read(stream) { return part }
            case .over(let failure):
                if let part = stream.batch.take() { return PQRows(result: part) }
                stream.phase = .over(nil)
                if let failure { throw self.endedLease ?? failure }
                return nil
            case .ending:
                await self.settle(stream)
            case .reading:
                throw PQError(.busy, "two tasks read from one stream at the same time", query: stream.query.sql)
            }
        }
    }

    // MARK: Beginning

    /// Waits for the turn, which the stream then has until it is over, and sends the statement.
    private func open(_ stream: OpenStream) async throws {
        stream.observation = self.observe(stream.query.sql)
        do {
            let handle = try await self.takeTurn(until: self.session.deadline)
            do {
                try await self.send(stream, handle)
            } catch {
                self.session.endTurn()
                throw error
            }
        } catch {
            stream.phase = .over(nil)
            stream.observation?.ended(.failure(error))
            throw error
        }
    }

    private func send(_ stream: OpenStream, _ handle: OpaquePointer) async throws {
        let query = stream.query
        try self.requireOpen(handle)
        try self.check(query)
        try SessionEncoding.check(query, on: handle)
        try PlaceholderCheck.check(query, on: handle)
        if stream.arrears == .dropped, PQtransactionStatus(handle) == PQTRANS_INTRANS {
            // The server ends a transaction in which it stops a statement. Back at the savepoint it goes on.
            _ = try await self.withCancellableWaits { try await self.run(Self.savepoint, deadline: nil) }
            try self.requireOpen(handle)
            stream.hasSavepoint = true
            try Task.checkCancellation()
        }
        if SessionText.changesSession(query.sql) { self.session.leftBehind.insert(.state) }
        guard query.sendUnprepared(on: handle, answering: stream.format), PQsetSingleRowMode(handle) != 0 else {
            throw self.broken()
        }
        stream.isOpen.store(true, ordering: .sequentiallyConsistent)
        stream.holdsSocket = true
        self.session.openStream = stream
    }

    private static let savepoint = "SAVEPOINT lakebase_stream"
    private static let release = "RELEASE SAVEPOINT lakebase_stream"
    private static let rollback = "ROLLBACK TO SAVEPOINT lakebase_stream; RELEASE SAVEPOINT lakebase_stream"

    /// Refuses a query while the rows of a stream are being read: its reader may be the one that waits for the query.
    func requireNoOpenStream() throws(PQError) {
        guard let stream = self.session.openStream, stream.arrears == .dropped,
            !stream.isAbandoned.load(ordering: .sequentiallyConsistent)
        else { return }
        switch stream.phase {
        case .reading, .parked:
            throw PQError(
                .busy,
                "a stream of rows is open on this connection; read it to its end or leave its loop first, or use another "
                    + "connection for queries within the loop")
        case .unopened, .ending, .over: break
        }
    }

    // MARK: Reading

    private func read(_ stream: OpenStream) async throws -> PQRows? {
        guard let deadline = self.session.deadline else { return try await self.readPart(stream) }
        guard ContinuousClock.now < deadline else {
            stream.phase = .parked
            await self.settle(stream)
            stream.phase = .over(nil)
            throw Self.stoppedAtDeadline(false)
        }
        return try await self.cancelling(at: deadline, isUndone: false) { try await self.readPart(stream) }
    }

    /// The error for a statement that was stopped because its task was cancelled or its deadline passed.
    private var reasonOfStop: any Error {
        self.source.wasCancelledByTime && !Task.isCancelled ? Self.stoppedAtDeadline(false) : CancellationError()
    }

    private func readPart(_ stream: OpenStream) async throws -> PQRows? {
        do {
            guard let handle else { throw self.closedError }
            if Task.isCancelled, stream.arrears == .dropped {
                stream.isCancelled = true
            } else {
                let isOver = try await self.withCancellableWaits { try await self.gather(stream, handle) }
                if isOver { try await self.conclude(stream, handle) }
            }
            if stream.isCancelled, stream.arrears == .dropped, case .reading = stream.phase {
                let reason = self.reasonOfStop
                stream.phase = .parked
                await self.settle(stream)
                stream.phase = .over(nil)
                throw reason
            }
        } catch {
            if let handle, PQtransactionStatus(handle) == PQTRANS_ACTIVE, case .reading = stream.phase {
                self.shutDown(
                    PQError(.connectionClosed, "the connection was closed in the middle of a result: \(error)"))
            }
            self.finish(stream, failure: nil, told: error)
            throw error
        }
        if case .reading = stream.phase { stream.phase = .parked }
        return stream.batch.take().map { PQRows(result: $0) }
    }

    /// Gathers rows until there are enough, or no more at the moment; returns whether the statement is over.
    private func gather(_ stream: OpenStream, _ handle: OpaquePointer) async throws -> Bool {
        if !stream.isFlushed {
            let isCancelled = try await self.flush(handle, deadline: nil)
            stream.isFlushed = true
            if isCancelled, try await self.stopBeing(stream, handle) { return false }
        }
        // Where rows are always at hand no wait says so.
        if Task.isCancelled, !stream.isCancelled, try await self.stopBeing(stream, handle) { return false }
        while true {
            while PQisBusy(handle) == 0 {
                guard let pointer = PQgetResult(handle) else { return true }
                if PQresultStatus(pointer) == PGRES_SINGLE_TUPLE {
                    try stream.batch.add(pointer, encoding: PQclientEncoding(handle))
                    if stream.batch.isFull { return false }
                } else {
                    let result = PQResult(owning: pointer, from: handle)
                    let noted = try self.note(result, in: &stream.answer, handle, query: stream.query.sql)
                    if noted == .ended { return true }
                    try await self.leaveCopy(of: stream, handle)
                }
            }
            // More may have arrived meanwhile, or the loop had no turn yet to say so.
            guard self.session.consumeInput(handle, on: self.eventLoop) else {
                stream.answer.failure = self.hungUp(handle, after: stream.answer.failure, query: stream.query.sql)
                return true
            }
            if PQisBusy(handle) == 0 { continue }
            guard stream.batch.isEmpty else { return false }
            let wake = await self.waitForRows(until: stream.deadline)
            try self.requireOpen(handle)
            switch wake {
            case .ready:
                if stream.isCancelled { try await self.stopAgain(handle, at: &stream.deadline, limit: stream.limit) }
            case .cancelled:
                // A cancelled task says so at each part.
                if !stream.isCancelled, try await self.stopBeing(stream, handle) { return false }
            case .timedOut:
                guard stream.isCancelled, ContinuousClock.now < stream.limit else { throw self.brokenByTimeout() }
                // A server that had not begun with the query when it was told to stop has forgotten that since.
                stream.deadline = try await self.stopOnServer(handle, limit: stream.limit)
            }
        }
    }

    /// Notes that the task was cancelled; returns whether it wants no more rows.
    private func stopBeing(_ stream: OpenStream, _ handle: OpaquePointer) async throws -> Bool {
        stream.isCancelled = true
        stream.limit = .now + .seconds(10)
        guard stream.arrears == .passedOn else { return true }
        stream.deadline = try await self.stopOnServer(handle, limit: stream.limit)
        return false
    }

    /// Waits on the loop until the socket is ready, unless libpq has a result at hand.
    private func waitForRows(until deadline: ContinuousClock.Instant?) async -> SocketWake {
        await withUnsafeContinuation { waiter in
            // In the same step as parking: in a turn of the loop in between the socket would be silenced again.
            self.session.resumeReading(on: self.eventLoop)
            self.session.parkWhileBusy(waiter, on: self.eventLoop)
            if let deadline { self.eventLoop.expire(self.source, at: deadline) }
        }
    }

    /// Stops holding the socket, so that it is read as for any other query.
    private func releaseSocket(_ stream: OpenStream) {
        stream.holdsSocket = false
        self.session.resumeReading(on: self.eventLoop)
    }

    // MARK: The end

    /// Ends a stream whose statement the server has finished.
    private func conclude(_ stream: OpenStream, _ handle: OpaquePointer) async throws {
        self.releaseSocket(stream)
        if self.handle != nil, stream.hasSavepoint, PQtransactionStatus(handle) == PQTRANS_INTRANS {
            self.source.beginWaits()
            _ = try await self.run(Self.release, deadline: .now + .seconds(10))
        }
        if let failure = stream.answer.failure {
            let isStopped = failure.sqlState == .queryCanceled || self.handle == nil
            self.finish(stream, failure: stream.isCancelled && isStopped ? self.reasonOfStop : failure)
        } else if stream.answer.last != nil {
            self.finish(stream, failure: nil)
        } else {
            throw self.broken()
        }
    }

    /// Passes the turn on.
    ///
    /// - Parameter failure: The error that the caller gets after the last rows.
    /// - Parameter told: The error that the caller gets now.
    private func finish(_ stream: OpenStream, failure: (any Error)?, told: (any Error)? = nil) {
        var waiting: [UnsafeContinuation<Void, Never>] = []
        switch stream.phase {
        case .over, .unopened: return
        case .ending(let continuations): waiting = continuations
        case .reading, .parked: break
        }
        stream.phase = .over(failure)
        stream.isOpen.store(false, ordering: .sequentiallyConsistent)
        if self.session.openStream === stream { self.session.openStream = nil }
        self.releaseSocket(stream)
        if let end = stream.end, failure == nil, told == nil {
            stream.observation?.ended(.success(end))
        } else {
            stream.observation?.ended(.failure(told ?? failure ?? CancellationError()))
        }
        self.session.endTurn()
        for continuation in waiting { continuation.resume() }
    }

    /// Stops the statement of a stream on the server, reads the rest of its answer, and passes the turn on.
    ///
    /// Also works in a cancelled task.
    func settle(_ stream: OpenStream) async {
        switch stream.phase {
        case .unopened, .over, .reading: return
        case .ending(let waiting):
            await withUnsafeContinuation { stream.phase = .ending(waiting + [$0]) }
            return
        case .parked: break
        }
        stream.phase = .ending([])
        while stream.batch.take() != nil {}
        // A cancellation that was meant for the reader must not end this.
        self.source.beginWaits()
        do {
            guard let handle else { throw self.closedError }
            try await self.drain(stream, handle)
            self.releaseSocket(stream)
            if stream.hasSavepoint { try await self.leaveSavepoint(stream, handle) }
        } catch {
            self.logger.debug("A stream was not ended", metadata: ["error": "\(error)"])
        }
        self.finish(stream, failure: self.endedLease ?? self.closeReason ?? Self.endedEarly, told: CancellationError())
    }

    private static var endedEarly: PQError {
        PQError(
            .unsupported,
            "the stream was stopped before its last row, since the transaction that it ran in ended; read it within the "
                + "transaction")
    }

    /// Reads the rest of the answer, without the rows.
    private func drain(_ stream: OpenStream, _ handle: OpaquePointer) async throws {
        let limit = ContinuousClock.now + .seconds(10)
        // The end of a small result is here within this time. To stop a statement takes longer.
        var deadline = ContinuousClock.now + .milliseconds(2)
        while try await !self.drop(stream, handle) {
            if ContinuousClock.now >= deadline {
                // A server that had not begun with the query when it was told to stop has forgotten that since.
                deadline = try await self.stopOnServer(handle, limit: limit)
            }
            let wake = await self.waitForRows(until: deadline)
            try self.requireOpen(handle)
            switch wake {
            case .ready:
                guard self.session.consumeInputWhileBusy(handle, on: self.eventLoop) else {
                    throw self.hungUp(handle, after: stream.answer.failure, query: stream.query.sql)
                }
            case .timedOut:
                guard ContinuousClock.now < limit else { throw self.brokenByTimeout() }
            case .cancelled: break
            }
        }
    }

    /// Drops what is at hand of the answer; returns whether it was all.
    private func drop(_ stream: OpenStream, _ handle: OpaquePointer) async throws -> Bool {
        while PQisBusy(handle) == 0 {
            guard let pointer = PQgetResult(handle) else { return true }
            if PQresultStatus(pointer) == PGRES_SINGLE_TUPLE {
                PQclear(pointer)
            } else {
                let result = PQResult(owning: pointer, from: handle)
                if try self.note(result, in: &stream.answer, handle, query: stream.query.sql) == .ended {
                    throw stream.answer.failure ?? self.closedError
                }
                try await self.leaveCopy(of: stream, handle)
            }
        }
        return false
    }

    /// Ends a COPY, whose data is no rows; the statement has failed then.
    private func leaveCopy(of stream: OpenStream, _ handle: OpaquePointer) async throws {
        guard let direction = stream.answer.copy else { return }
        stream.answer.copy = nil
        stream.answer.failure = stream.answer.failure ?? direction.refusal(stream.query.sql)
        try await self.leaveCopy(direction, handle)
    }

    private func leaveSavepoint(_ stream: OpenStream, _ handle: OpaquePointer) async throws {
        let status = PQtransactionStatus(handle)
        guard status == PQTRANS_INTRANS || status == PQTRANS_INERROR else { return }
        let script = status == PQTRANS_INTRANS ? Self.release : Self.rollback
        self.source.beginWaits()
        guard PQsendQuery(handle, script) != 0 else { throw self.broken() }
        _ = try await self.receive(handle, query: nil, deadline: .now + .seconds(10))
    }

    /// Ends a stream whose caller is not reading, when the connection is closed.
    func closeParked(_ stream: OpenStream) {
        guard case .parked = stream.phase else { return }
        while stream.batch.take() != nil {}
        self.finish(stream, failure: self.closedError)
    }
}
