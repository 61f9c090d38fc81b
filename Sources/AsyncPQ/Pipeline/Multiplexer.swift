//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// Runs one-shot statements of many callers on one connection, in libpq's pipeline mode: the shell around
/// ``MultiplexQueue``.
///
/// Statements that are submitted in one turn of the loop are sent together, and all answers that have arrived are taken
/// together: that saves system calls here and wake-ups on the server. Prepared ones share a synchronization point, and with
/// it a transaction, which costs the server more than such a statement itself. So that an error concerns no other caller, no
/// answer is passed on before that point, and where one of them failed, which undoes all, each is sent again with a
/// synchronization point of its own.
final class Multiplexer: SharedUse, TurnEndHandler {
    private typealias Waiter = UnsafeContinuation<SharedAnswer, Never>

    /// The session, which owns this object.
    private unowned let session: PQSession
    private let loop: PQEventLoop
    /// Closes the connection because of the error that libpq reports.
    private let onFailure: () -> Void
    /// Called when a statement is done whose caller had given up.
    private let onAbandonedEnd: @Sendable () -> Void

    private var queue = MultiplexQueue<PQQuery, Waiter>()
    /// The numbers of the statements on the server that were prepared with them.
    private var preparing: [(statement: Int, preparation: PipelinedPreparation)] = []
    /// How many statements were sent and answered since the beginning.
    private var (sentTotal, answeredTotal) = (0, 0)
    /// What has arrived for the first batch on the server.
    private var arrived: (results: [PQResult], failure: PQError?) = ([], nil)
    private var isScheduled = false
    private var isBlocked = false
    private(set) var isActive = false

    init(
        session: PQSession, loop: PQEventLoop, onFailure: @escaping () -> Void,
        onAbandonedEnd: @escaping @Sendable () -> Void
    ) {
        self.session = session
        self.loop = loop
        self.onFailure = onFailure
        self.onAbandonedEnd = onAbandonedEnd
    }

    // MARK: Callers

    func makeID() -> UInt64 { self.queue.makeID() }

    func submit(_ query: PQQuery, _ id: UInt64, _ waiter: UnsafeContinuation<SharedAnswer, Never>) {
        self.queue.add(id, query, waiter)
        self.schedule()
    }

    /// Has what is unsent sent when the turn of the loop ends.
    private func schedule() {
        guard !self.isScheduled else { return }
        self.isScheduled = true
        self.loop.atEndOfTurn(self)
    }

    func abandon(_ id: UInt64) {
        switch self.queue.abandon(id) {
        case .unsent(let waiter): waiter.resume(returning: .cancelled(isOnServer: false))
        case .sent(let waiter): waiter.resume(returning: .cancelled(isOnServer: true))
        case .unknown: break
        }
    }

    // MARK: Sending

    func turnEnded() {
        self.isScheduled = false
        // Without callers the session may be gone.
        guard self.queue.hasUnsent || self.isActive else { return }
        let handle = self.session.handle
        guard let handle, PQclientEncoding(handle) == SessionEncoding.utf8, self.begin(handle) else {
            for unsent in self.queue.takeUnsent() { unsent.caller.resume(returning: .notSent) }
            if let handle, self.queue.sentCount == 0, !self.end(handle) { self.onFailure() }
            return
        }
        self.session.noteSchemaChanges()
        guard self.send(self.queue.takeUnsent(), on: handle) else { return self.onFailure() }
        self.flush(handle)
        if self.queue.sentCount == 0, !self.end(handle) { self.onFailure() }
    }

    /// Takes the session's turn.
    private func begin(_ handle: OpaquePointer) -> Bool {
        if self.isActive { return true }
        guard self.session.turns.takeIfFree() else { return false }
        guard PQenterPipelineMode(handle) != 0 else {
            self.session.endTurn()
            return false
        }
        self.isActive = true
        return true
    }

    /// The most statements that share a synchronization point: the first waits for the last.
    private static let largestBatch = 16

    /// Returns false when libpq could not take a statement.
    private func send(_ statements: [MultiplexQueue<PQQuery, Waiter>.Unsent], on handle: OpaquePointer) -> Bool {
        let descriptor = PQsocket(handle)
        let gathers = statements.count > 1 && SendGathering.begin(on: descriptor)
        defer { if gathers { SendGathering.end(on: descriptor) } }
        let now = ContinuousClock.now
        // How many statements libpq has taken since the latest synchronization point.
        var open = 0
        for (index, unsent) in statements.enumerated() {
            let isPrepared = self.session.statements.preparedName(unsent.statement) != nil
            guard isPrepared || self.isSuitable(unsent.statement, on: handle) else {
                unsent.caller.resume(returning: .unsuitable)
                continue
            }
            // An error says which preparation failed only where it is the only one.
            let combines = isPrepared && !unsent.wasUndone && self.queue.mayCombine()
            if open > 0, !combines || open == Self.largestBatch {
                guard self.synchronize(handle) else { return self.giveUp(statements[index...]) }
                open = 0
            }
            let isTaken = self.append(unsent, on: handle, at: now)
            open += 1
            guard isTaken, combines || self.synchronize(handle) else {
                return self.giveUp(statements[(index + 1)...])
            }
            if !combines { open = 0 }
        }
        return open == 0 || self.synchronize(handle)
    }

    private func append(
        _ unsent: MultiplexQueue<PQQuery, Waiter>.Unsent, on handle: OpaquePointer, at now: ContinuousClock.Instant
    ) -> Bool {
        let query = unsent.statement
        let appended = self.session.appendToPipeline(query, on: handle) {
            query.bindings.leavesTypes && self.session.unpreparable.contains(query.sql)
        }
        self.queue.didSend(unsent, at: now)
        switch appended {
        case .statement: break
        case .prepared(let preparation): self.preparing.append((self.sentTotal, preparation))
        case .failed: return false
        }
        self.sentTotal += 1
        return true
    }

    private func synchronize(_ handle: OpaquePointer) -> Bool {
        self.queue.endBatch()
        return PQpipelineSync(handle) != 0
    }

    /// Answers the callers of statements that libpq was not given.
    private func giveUp(_ unsent: ArraySlice<MultiplexQueue<PQQuery, Waiter>.Unsent>) -> Bool {
        for other in unsent { other.caller.resume(returning: .notSent) }
        return false
    }

    /// Whether a statement that has to be parsed may be sent.
    private func isSuitable(_ query: PQQuery, on handle: OpaquePointer) -> Bool {
        if self.session.textual.contains(query.sql) { return false }
        do {
            try PlaceholderCheck.check(query, on: handle)
            return true
        } catch {
            return false
        }
    }

    /// Sends what libpq holds, and has the loop report when the socket takes more.
    private func flush(_ handle: OpaquePointer) {
        let isBlocked = PQflush(handle) == 1
        guard isBlocked != self.isBlocked else { return }
        self.isBlocked = isBlocked
        self.session.source.reportsWritable = isBlocked
        self.loop.watch(self.session.source, descriptor: PQsocket(handle), write: isBlocked)
    }

    // MARK: Receiving

    func takeAnswers(_ handle: OpaquePointer) -> Bool {
        guard self.session.consumeInput(handle, on: self.loop) else { return false }
        let now = ContinuousClock.now
        var silence = 0
        while self.queue.sentCount > 0, PQisBusy(handle) == 0 {
            guard let pointer = PQgetResult(handle) else {
                // Each command ends with nothing once: a preparation, and the statement.
                silence += 1
                guard silence < 4 else { return false }
                continue
            }
            silence = 0
            let result = PQResult(owning: pointer, from: handle)
            let status = result.status
            if status == PGRES_PIPELINE_SYNC {
                guard self.batchEnded(at: now) else { return false }
            } else if status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE {
                self.arrived.failure = self.arrived.failure ?? self.session.error(of: result, query: nil)
                if PQstatus(handle) != CONNECTION_OK { return false }
            } else if CopyDirection(status) != nil || status == PGRES_COPY_BOTH {
                // libpq has no way out of it in a pipeline.
                self.arrived.failure = PQError(
                    .unsupported, "COPY cannot share a connection with other statements; the connection was closed")
                return false
            } else if status != PGRES_PIPELINE_ABORTED {
                self.arrived.results.append(result)
            }
        }
        if self.isBlocked { self.flush(handle) }
        return self.queue.sentCount > 0 || self.queue.hasUnsent || self.end(handle)
    }

    /// Gives the callers of the first batch their answers; returns false where an answer is missing.
    private func batchEnded(at now: ContinuousClock.Instant) -> Bool {
        let (results, failure) = self.arrived
        self.arrived.results.removeAll(keepingCapacity: true)
        self.arrived.failure = nil
        let count = self.queue.firstBatchCount
        guard count > 0 else { return false }
        self.preparationEnded(failed: failure != nil)
        self.answeredTotal += count
        if failure != nil, count > 1 {
            for _ in 0..<self.queue.undone(at: now) { self.onAbandonedEnd() }
            if self.queue.hasUnsent { self.schedule() }
            return true
        }
        let (callers, took) = self.queue.answered(failed: failure != nil, at: now)
        if let failure {
            callers[0]?.resume(returning: .failed(failure, took: took))
        } else if results.count >= count {
            // A preparation has a result as well, before the statement's.
            for (caller, result) in zip(callers, results.suffix(count)) {
                caller?.resume(returning: .result(result, took: took))
            }
        } else {
            let missing = PQError(.connectionClosed, "the server gave no answer to a statement")
            for caller in callers { caller?.resume(returning: .lost(missing)) }
        }
        for case nil in callers { self.onAbandonedEnd() }
        return failure != nil || results.count >= count
    }

    /// Handles the end of the first statement on the server, if it was prepared with it.
    private func preparationEnded(failed: Bool) {
        guard let first = self.preparing.first, first.statement == self.answeredTotal else { return }
        self.preparing.removeFirst()
        guard failed else { return }
        // Whether it was prepared before it failed, the server knows; a name too many is harmless.
        self.session.statements.withdraw(first.preparation.key, name: first.preparation.name)
        self.session.statements.postpone([first.preparation.name])
    }

    // MARK: The end

    /// Passes the session's turn on.
    private func end(_ handle: OpaquePointer) -> Bool {
        guard self.isActive else { return true }
        guard PQexitPipelineMode(handle) != 0 else { return false }
        self.isActive = false
        self.session.endTurn()
        return true
    }

    func sessionEnded(_ reason: PQError) {
        self.preparing = []
        self.session.source.reportsWritable = false
        let (sent, unsent) = self.queue.end()
        // The first statement on the server may have got its own error, which ended the session.
        for (index, caller) in sent.enumerated() {
            caller.resume(returning: .lost(index == 0 ? self.arrived.failure ?? reason : reason))
        }
        for caller in unsent { caller.resume(returning: .notSent) }
        guard self.isActive else { return }
        self.isActive = false
        self.session.endTurn()
    }
}
