//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Logging
import Synchronization

/// What both directions of COPY need: beginning, waiting, and leaving early.
///
/// A COPY has the turn of its session from ``beginCopy(_:_:_:hasText:)`` to ``endCopy()``.
extension PQConnection {
    /// Takes the turn and begins a COPY.
    ///
    /// - Parameter observation: Receives the end of a COPY out of the database.
    /// - Parameter hasText: Whether texts in binary form are copied, which have to be UTF-8.
    /// - Throws: ``PQError``, also for any other statement; `CancellationError`. Then the turn is passed on.
    @discardableResult
    func beginCopy(
        _ sql: String, _ direction: CopyDirection, _ observation: Observation? = nil, hasText: Bool = false
    ) async throws -> OpenCopy {
        let deadline = self.session.deadline
        let handle = try await self.takeTurn(until: deadline)
        do {
            try self.requireOpen(handle)
            try SessionEncoding.check(PQQuery(unsafeSQL: sql), on: handle)
            if hasText, PQclientEncoding(handle) != SessionEncoding.utf8 {
                throw PQError(
                    .unsupported, "the COPY has \(SessionEncoding.reason(PQclientEncoding(handle)))", query: sql)
            }
            if SessionText.changesSession(sql) { self.session.leftBehind.insert(.state) }
            try await self.withWaits(until: deadline, isUndone: true) {
                guard PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, 0) != 0 else { throw self.broken() }
                let result = try await self.receive(handle, query: sql, copying: direction)
                guard CopyDirection(result.status) == direction else {
                    // It was over before it could be cancelled.
                    try self.checkCancellation()
                    throw PQError(.unsupported, "the statement is not \(direction.form)", query: sql)
                }
            }
            try self.requireOpen(handle)
            let copy = OpenCopy(direction, sql, observation)
            self.session.copy = copy
            return copy
        } catch {
            self.session.endTurn()
            throw error
        }
    }

    /// Passes the turn on after a COPY.
    func endCopy() {
        guard let copy = self.session.copy else { return }
        self.session.resumeReading(on: self.eventLoop)
        self.session.copy = nil
        self.session.endTurn()
        switch copy.phase {
        case .copying, .parked: break
        case .ending(let waiting): for continuation in waiting { continuation.resume() }
        }
    }

    /// Refuses to wait for a COPY that the same task has begun and not finished.
    func refuseDuringOwnCopy() throws(PQError) {
        guard let copy = self.session.copy, let task = copy.task, task == OpenCopy.currentTask,
            !copy.isAbandoned.load(ordering: .sequentiallyConsistent)
        else { return }
        throw PQError(
            .busy,
            "the connection is in the middle of a COPY of the same task: finish or leave it first, or use another connection"
        )
    }

    /// Throws where a COPY has to be left: its task is cancelled, or the session's deadline has passed.
    func requireTime(for copy: OpenCopy) throws {
        try Task.checkCancellation()
        guard let deadline = self.session.deadline, ContinuousClock.now >= deadline else { return }
        throw Self.stoppedAtDeadline(copy.direction.isUndone)
    }

    /// Runs `body`, whose waits end with the task and at the session's deadline.
    ///
    /// - Throws: What `body` throws; as ``requireTime(for:)``. The COPY has to be left then.
    func withWaits<Value>(of copy: OpenCopy, _ body: () async throws -> Value) async throws -> Value {
        try self.requireTime(for: copy)
        return try await self.withWaits(
            until: self.session.deadline, isUndone: copy.direction.isUndone, body)
    }

    /// Waits until the socket is ready, and reads again if reading was paused.
    private func parkForCopy(until deadline: ContinuousClock.Instant?) async -> SocketWake {
        await withUnsafeContinuation { waiter in
            self.source.deadline = nil
            self.session.resumeReading(on: self.eventLoop)
            self.eventLoop.park(waiter, on: self.source)
            if let deadline { self.eventLoop.expire(self.source, at: deadline) }
        }
    }

    /// Waits for more data of the server.
    ///
    /// - Returns: False when the task was cancelled.
    func awaitCopyInput(_ handle: OpaquePointer) async throws -> Bool {
        let wake = await self.parkForCopy(until: nil)
        try self.requireOpen(handle)
        guard wake == .ready else { return false }
        guard self.session.consumeInput(handle, on: self.eventLoop) else { throw self.lostDuringCopy(handle) }
        return true
    }

    /// Sends libpq's pending output while reading input; a server that has stopped reading is told to stop the COPY when
    /// the task is cancelled.
    ///
    /// - Parameter limit: Until when to wait, for a COPY that is being left.
    /// - Returns: Whether the task was cancelled meanwhile.
    func flushCopy(_ handle: OpaquePointer, limit: ContinuousClock.Instant? = nil) async throws -> Bool {
        try self.requireOpen(handle)
        guard PQflush(handle) != 0 else { return false }
        var limit = limit
        var deadline = limit.map { min($0, .now + .milliseconds(500)) }
        var cancelled = false
        defer {
            if self.handle != nil { self.eventLoop.watch(self.source, descriptor: PQsocket(handle), write: false) }
        }
        while true {
            // libpq reports a failure with the result.
            guard PQflush(handle) == 1 else { return cancelled }
            self.eventLoop.watch(self.source, descriptor: PQsocket(handle), write: true)
            let wake = await self.park(until: deadline)
            try self.requireOpen(handle)
            switch wake {
            case .ready:
                guard self.readDuringCopy(handle) else { throw self.lostDuringCopy(handle) }
            case .cancelled:
                cancelled = true
                let end = ContinuousClock.now + .seconds(10)
                limit = end
                deadline = try await self.stopOnServer(handle, limit: end)
            case .timedOut:
                guard let limit, ContinuousClock.now < limit else { throw self.brokenByTimeout() }
                deadline = try await self.stopOnServer(handle, limit: limit)
            }
        }
    }

    /// Reads what has arrived while data is sent; returns false when the connection is lost.
    func readDuringCopy(_ handle: OpaquePointer) -> Bool {
        guard self.session.hasInput(handle) else { return true }
        let notices = self.notices.count
        guard self.session.consumeInput(handle, on: self.eventLoop) else { return false }
        _ = PQisBusy(handle)
        if self.notices.count == notices { self.session.copy?.hasUnexplainedInput = true }
        return true
    }

    /// Closes a connection that was lost during a COPY, with the server's reason if it sent one.
    func lostDuringCopy(_ handle: OpaquePointer) -> PQError {
        if self.session.copy?.direction == .toClient { self.dropCopyData(handle) }
        return self.hungUp(handle, after: nil, query: self.session.copy?.sql)
    }

    /// Drops the data that has arrived; returns libpq's last answer.
    @discardableResult
    private func dropCopyData(_ handle: OpaquePointer) -> Int32 {
        while true {
            var row: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(handle, &row, 1)
            guard count > 0 else { return count }
            PQfreemem(row)
        }
    }

    /// The reason that the server is given for the end of a COPY, and repeats in its error.
    static let copyEnd = "the client ended the COPY"

    /// Receives the result of a COPY that was left; the server is told to stop again where it does not answer.
    func receiveEnd(_ handle: OpaquePointer) async throws {
        _ = try await self.receive(
            handle, query: self.session.copy?.sql, deadline: .now + .milliseconds(500),
            resuming: PartialAnswer(isUnwanted: true))
    }

    /// Ends a COPY that is not wanted, so that the next result can be received.
    ///
    /// The server undoes what was copied in; it is told to stop what it copies out, and what has been sent is dropped.
    func leaveCopy(_ direction: CopyDirection, _ handle: OpaquePointer) async throws {
        let limit = ContinuousClock.now + .seconds(10)
        // From here on only a deadline ends a wait, and none of these deadlines ends a later one.
        self.source.ticket &+= 1
        defer { self.source.deadline = nil }
        switch direction {
        case .fromClient:
            guard PQputCopyEnd(handle, Self.copyEnd) == 1 else { throw self.broken() }
            _ = try await self.flushCopy(handle, limit: limit)
        case .toClient:
            // All of it may have arrived; to stop it would then only fail a transaction.
            guard self.session.consumeInput(handle, on: self.eventLoop) else { throw self.lostDuringCopy(handle) }
            guard self.dropCopyData(handle) == 0 else { return }
            var deadline: ContinuousClock.Instant? = try await self.stopOnServer(handle, limit: limit)
            while true {
                guard self.dropCopyData(handle) == 0 else { return }
                let wake = await self.parkForCopy(until: deadline)
                try self.requireOpen(handle)
                switch wake {
                case .ready:
                    guard self.session.consumeInput(handle, on: self.eventLoop) else {
                        throw self.lostDuringCopy(handle)
                    }
                    try await self.stopAgain(handle, at: &deadline, limit: limit)
                case .cancelled: continue
                case .timedOut:
                    guard ContinuousClock.now < limit else { throw self.brokenByTimeout() }
                    deadline = try await self.stopOnServer(handle, limit: limit)
                }
            }
        }
    }

    /// Whether the server has ended the COPY of this session, as far as it says so.
    ///
    /// libpq does not look at the server's error before the end of the data, so another connection asks.
    func serverEndedCopy() async -> Bool {
        guard let process = self.serverProcess, let handle, PQserverVersion(handle) >= 140_000 else { return false }
        var configuration = self.configuration
        configuration.password = self.configuration.currentPassword?() ?? configuration.password
        let observer = PQConnection(configuration: configuration, eventLoop: self.eventLoop, logger: self.logger)
        let deadline = ContinuousClock.now + .seconds(10)
        var answer = false
        do {
            try await observer.establishForCancelling(addresses: self.addresses, deadline: deadline)
            // A session that does not track its activities does not report its progress.
            let rows = try await observer.run(
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE pid = \(process) AND state <> 'disabled') "
                    + "AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_copy WHERE pid = \(process))",
                deadline: deadline)
            answer = try rows.first?.decode(Bool.self, at: 0) ?? false
        } catch {
            self.logger.debug("The state of a COPY could not be read", metadata: ["error": "\(error)"])
        }
        await observer.close()
        return answer
    }
}
