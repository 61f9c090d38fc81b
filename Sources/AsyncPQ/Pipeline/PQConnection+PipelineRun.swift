//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// Where the synchronization points of a pipeline are.
enum PipelineSync {
    /// One at the end: the statements are one transaction.
    case atEnd
    /// One after each statement: each is a transaction of its own.
    case afterEach
}

/// The progress of a pipeline that is being run.
struct PipelineRun {
    let sync: PipelineSync
    var ledger = PipelineLedger<PipelinedPreparation>()
    /// How many statements were sent.
    var sent = 0
    /// Whether nothing more will be sent.
    var isSendingDone = false
    /// Whether the socket takes no more at the moment.
    var isBlocked = false
    /// The error of the caller's own closure, which undoes the batch.
    var refusal: (any Error)?
    var isCancelled = false
    /// Until when to wait for the server.
    var deadline: ContinuousClock.Instant?
    /// Until when a cancelled pipeline may take to end.
    var limit = ContinuousClock.now
    /// Why the connection is closed, once it is.
    var lost: PQError?
}

extension PQConnection {
    /// What became of a statement, as the server says.
    enum PipelineAnswer {
        case rows(PQRows)
        case failed(PQError)
        case skipped
    }

    /// Runs statements as one transaction.
    ///
    /// - Parameter next: Gives the next statement. What it throws undoes the transaction.
    func runAtomically(
        on handle: OpaquePointer, next: () throws -> PQQuery?, receive: (PQRows) -> Void
    ) async throws {
        var failure: PQError?
        let run = try await self.runPipeline(
            on: handle, sync: .atEnd, next: next,
            deliver: { number, answer in
                switch answer {
                case .rows(let rows): receive(rows)
                case .skipped: break
                case .failed(var error):
                    // The transaction may end at the synchronization point: a deferred constraint.
                    error.statementIndex = number
                    failure = failure ?? error
                }
            })
        if let refusal = run.refusal, run.lost == nil { throw refusal }
        if let failure {
            if run.isCancelled, failure.sqlState == .queryCanceled || self.handle == nil { throw CancellationError() }
            throw failure
        }
        if let lost = run.lost {
            if run.isCancelled { throw CancellationError() }
            throw lost
        }
    }

    /// Runs statements, each as a transaction of its own.
    func runIndependently(_ queries: [PQQuery], on handle: OpaquePointer) async throws -> [PQPipelineOutcome] {
        var outcomes = [PQPipelineOutcome](repeating: .notRun, count: queries.count)
        var stale: [Int] = []
        var next = 0
        let run = try await self.runPipeline(
            on: handle, sync: .afterEach,
            next: {
                defer { next += 1 }
                return next < queries.count ? queries[next] : nil
            },
            deliver: { number, answer in
                switch answer {
                case .rows(let rows): outcomes[number ?? 0] = .done(rows)
                case .skipped: outcomes[number ?? 0] = .notRun
                case .failed(var error):
                    let number = number ?? 0
                    error.statementIndex = number
                    outcomes[number] = error.code == .connectionClosed ? .unknown(error) : .failed(error)
                    if error.meansStaleStatement || error.mayMeanStaleStatement { stale.append(number) }
                }
            })
        if run.sent == 0, !queries.isEmpty {
            if let refusal = run.refusal { throw refusal }
            throw run.lost ?? self.closedError
        }
        if let lost = run.lost {
            for number in run.unanswered { outcomes[number] = .unknown(lost) }
            return outcomes
        }
        guard !run.isCancelled, run.refusal == nil, self.transactionStatus == .idle else { return outcomes }
        for number in stale {
            guard let error = outcomes[number].error, self.canRunAgain(queries[number], after: error) else { continue }
            outcomes[number] = try await self.runIndependently(again: queries[number], number, on: handle)
        }
        return outcomes
    }

    private func runIndependently(
        again query: PQQuery, _ number: Int, on handle: OpaquePointer
    ) async throws -> PQPipelineOutcome {
        do {
            try self.requireOpen(handle)
            guard query.sendUnprepared(on: handle) else { throw self.broken() }
            return .done(PQRows(result: try await self.receive(handle, query: query.sql)))
        } catch var error as PQError {
            error.statementIndex = number
            return error.code == .connectionClosed ? .unknown(error) : .failed(error)
        }
    }

    /// Sends statements and receives their results at the same time, until all are answered or the connection is lost.
    ///
    /// - Parameter next: Gives the next statement, checked. What it throws undoes an atomic pipeline, and ends the
    ///   sending of another.
    /// - Parameter deliver: Gets the answer to the statement with that number.
    /// - Throws: `CancellationError` or ``PQError`` where nothing was sent.
    private func runPipeline(
        on handle: OpaquePointer, sync: PipelineSync, next: () throws -> PQQuery?,
        deliver: (Int?, PipelineAnswer) -> Void
    ) async throws -> PipelineRun {
        try Task.checkCancellation()
        try self.requireOpen(handle)
        self.session.noteSchemaChanges()
        guard PQenterPipelineMode(handle) != 0 else { throw self.broken() }
        var run = PipelineRun(sync: sync)
        do {
            while !run.isSendingDone || !run.ledger.isEmpty {
                if !run.isSendingDone, !run.isBlocked { try self.send(&run, on: handle, next) }
                try self.takeResults(&run, on: handle, deliver)
                if run.isSendingDone, run.ledger.isEmpty { break }
                if run.isSendingDone || run.isBlocked {
                    try await self.waitForSocket(&run, on: handle)
                } else {
                    // The loop has other connections to serve.
                    await Task.yield()
                    try self.requireOpen(handle)
                }
            }
            guard PQexitPipelineMode(handle) != 0 else { throw self.broken() }
        } catch let error as PQError {
            guard self.handle == nil else { throw error }
            run.lost = error
        }
        if run.isBlocked, self.handle == handle {
            self.eventLoop.watch(self.source, descriptor: PQsocket(handle), write: false)
        }
        return run
    }

    // MARK: Sending

    /// Sends statements until there are no more, the socket takes no more, or it is time to look for results.
    private func send(_ run: inout PipelineRun, on handle: OpaquePointer, _ next: () throws -> PQQuery?) throws {
        var gathering = SendGathering()
        if run.sync == .afterEach { gathering.begin(on: PQsocket(handle)) }
        defer { if self.handle == handle { gathering.end(on: PQsocket(handle)) } }
        for _ in 0..<Self.pieceSize {
            let query: PQQuery
            let appended: PQSession.Appended
            do {
                guard let following = try next() else { return try self.endSending(&run, on: handle) }
                query = following
                appended = try self.session.appendToPipeline(query, on: handle) {
                    try self.mustBeParsed(query, on: handle)
                }
            } catch {
                run.refusal = error
                return try self.endSending(&run, on: handle)
            }
            try self.note(appended, query, &run, on: handle)
            // The server begins while the rest is being appended.
            if run.sync == .atEnd, run.sent % Self.flushedSize == Self.flushedSize / 2 { _ = PQflush(handle) }
        }
        run.isBlocked = PQflush(handle) == 1
    }

    /// How many statements are sent before results are looked for.
    private static let pieceSize = 128
    /// How many statements of one transaction are sent together.
    private static let flushedSize = 32

    private func note(
        _ appended: PQSession.Appended, _ query: PQQuery, _ run: inout PipelineRun, on handle: OpaquePointer
    ) throws {
        switch appended {
        case .failed: throw self.broken()
        case .statement: break
        case .prepared(let preparation): run.ledger.expect(.preparation(preparation, of: run.sent))
        }
        run.ledger.expect(.statement(run.sent, sql: query.sql))
        run.sent += 1
        if run.sync == .afterEach { try self.synchronize(&run, on: handle) }
    }

    private func synchronize(_ run: inout PipelineRun, on handle: OpaquePointer) throws {
        guard SynchronizationPoint.add(on: handle) else { throw self.broken() }
        run.ledger.expect(.sync(of: run.sync == .afterEach ? run.sent - 1 : nil))
    }

    private func endSending(_ run: inout PipelineRun, on handle: OpaquePointer) throws {
        run.isSendingDone = true
        if run.sync == .atEnd, run.sent > 0 {
            if run.refusal != nil { try self.appendFailure(&run, on: handle) }
            try self.synchronize(&run, on: handle)
        }
        run.isBlocked = PQflush(handle) == 1
    }

    /// Appends a statement that fails, so that nothing of the transaction remains.
    ///
    /// Not ROLLBACK, which would end an outer transaction as if it had succeeded up to here.
    private func appendFailure(_ run: inout PipelineRun, on handle: OpaquePointer) throws {
        let query = PQQuery(unsafeSQL: "SELECT 'the client gave up this batch'::pg_catalog.int4")
        guard query.sendUnprepared(on: handle) else { throw self.broken() }
        run.ledger.expect(.statement(run.sent, sql: query.sql))
        run.sent += 1
    }

    // MARK: Receiving

    /// Takes all results that have arrived.
    private func takeResults(
        _ run: inout PipelineRun, on handle: OpaquePointer, _ deliver: (Int?, PipelineAnswer) -> Void
    ) throws {
        while !run.ledger.isEmpty, PQisBusy(handle) == 0 {
            guard let pointer = PQgetResult(handle) else {
                try self.handle(run.ledger.received(.complete), nil, deliver)
                continue
            }
            let result = PQResult(owning: pointer, from: handle)
            let status = result.status
            if status == PGRES_PIPELINE_SYNC {
                try self.handle(run.ledger.received(.synced), nil, deliver)
            } else if status == PGRES_PIPELINE_ABORTED {
                try self.handle(run.ledger.received(.skipped), nil, deliver)
            } else if CopyDirection(status) != nil {
                // libpq reports the COPY again and again, and has no way out of it in a pipeline.
                self.shutDown(PQError(.connectionClosed, "the connection was closed to end a COPY in a pipeline"))
                throw PQError(
                    .unsupported, "COPY cannot run in a pipeline; the connection was closed",
                    query: run.ledger.currentSQL)
            } else {
                var answer = PartialAnswer()
                let noted = try self.note(result, in: &answer, handle, query: run.ledger.currentSQL)
                if let failure = answer.failure {
                    try self.handle(run.ledger.received(.failed), .failed(failure), deliver)
                } else {
                    try self.handle(
                        run.ledger.received(.succeeded), .rows(PQRows(result: result)), deliver)
                }
                if noted == .ended { throw self.closedError }
            }
            if run.isCancelled { run.deadline = .now + .milliseconds(20) }
        }
    }

    private func handle(
        _ events: (PipelineLedger<PipelinedPreparation>.Event, PipelineLedger<PipelinedPreparation>.Event),
        _ answer: PipelineAnswer?, _ deliver: (Int?, PipelineAnswer) -> Void
    ) throws {
        try self.handle(events.0, answer, deliver)
        try self.handle(events.1, answer, deliver)
    }

    private func handle(
        _ event: PipelineLedger<PipelinedPreparation>.Event, _ answer: PipelineAnswer?,
        _ deliver: (Int?, PipelineAnswer) -> Void
    ) throws {
        switch event {
        case .succeeded(let number, _): if let answer { deliver(number, answer) }
        case .failed(let number): if let answer { deliver(number, answer) }
        case .skipped(let number): deliver(number, .skipped)
        case .notPrepared(let preparation):
            self.session.statements.withdraw(preparation.key, name: preparation.name)
        case .none: break
        case .outOfStep: throw self.brokenByDisorder()
        }
    }

    /// Closes a connection whose answers do not fit what was sent.
    func brokenByDisorder() -> PQError {
        // Of a connection that libpq knows to be lost, its results are what the server had time for.
        if let handle = self.handle, PQstatus(handle) != CONNECTION_OK {
            return self.hungUp(handle, after: nil, query: nil)
        }
        let error = PQError(
            .connectionClosed, "the server's answers did not fit the pipeline; the connection was closed")
        self.shutDown(error)
        return error
    }

    private func stop(_ run: inout PipelineRun, on handle: OpaquePointer) async throws {
        do {
            run.deadline = try await self.stopOnServer(handle, limit: run.limit)
        } catch is CancellationError {
            throw self.closedError
        }
    }

    /// Waits until the socket can be read, or written where output is pending.
    private func waitForSocket(_ run: inout PipelineRun, on handle: OpaquePointer) async throws {
        let wake: SocketWake
        if run.isBlocked {
            self.eventLoop.watch(self.source, descriptor: PQsocket(handle), write: true)
            wake = await self.park(until: run.deadline)
        } else {
            wake = await self.parkWhileBusy(until: run.deadline)
        }
        try self.requireOpen(handle)
        switch wake {
        case .ready:
            let isAlive =
                run.ledger.isEmpty
                ? self.session.consumeInput(handle, on: self.eventLoop)
                : self.session.consumeInputWhileBusy(handle, on: self.eventLoop)
            if !isAlive {
                throw self.hungUp(handle, after: nil, query: run.ledger.currentSQL)
            }
            if run.isCancelled, let due = run.deadline, ContinuousClock.now >= due {
                try await self.stop(&run, on: handle)
            }
        case .cancelled:
            run.isCancelled = true
            run.limit = .now + .seconds(10)
            if !run.isSendingDone {
                run.refusal = CancellationError()
                try self.endSending(&run, on: handle)
            }
            try await self.stop(&run, on: handle)
        case .timedOut:
            guard ContinuousClock.now < run.limit else { throw self.brokenByTimeout() }
            try await self.stop(&run, on: handle)
        }
        try self.requireOpen(handle)
        guard run.isBlocked else { return }
        run.isBlocked = PQflush(handle) == 1
        if !run.isBlocked { self.eventLoop.watch(self.source, descriptor: PQsocket(handle), write: false) }
    }
}

extension PipelineRun {
    /// The statements that were sent and not answered.
    var unanswered: [Int] {
        var ledger = self.ledger
        return ledger.abandon().statements
    }
}
