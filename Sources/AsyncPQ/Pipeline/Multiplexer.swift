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
    private typealias Queue = MultiplexQueue<SharedStatement, SharedStatement>

    /// The session, which owns this object.
    private unowned let session: PQSession
    /// Keeps the session while it has statements.
    private var connection: PQConnection?
    private let loop: PQEventLoop
    /// Closes the connection because of the error that libpq reports.
    private let onFailure: () -> Void
    /// Called when statements have left the connection; it may submit others.
    private let onEnd: @Sendable (SharedEnds) -> Void

    private var queue = Queue()
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
        onEnd: @escaping @Sendable (SharedEnds) -> Void
    ) {
        self.session = session
        self.loop = loop
        self.onFailure = onFailure
        self.onEnd = onEnd
    }

    // MARK: Callers

    func submit(_ statement: SharedStatement, on connection: PQConnection) {
        if self.connection == nil { self.connection = connection }
        self.queue.add(statement.id, statement, statement)
        self.schedule()
    }

    /// Has what is unsent sent when the turn of the loop ends.
    private func schedule() {
        guard !self.isScheduled else { return }
        self.isScheduled = true
        self.loop.atEndOfTurn(self)
    }

    func abandon(_ id: Int) {
        switch self.queue.abandon(id) {
        case .unsent(let statement, let caller):
            self.ended([statement], .unanswered)
            caller.answer(.failed(CancellationError()))
        case .sent(let caller): caller.answer(.failed(CancellationError()))
        case .unknown: break
        }
    }

    /// Reports statements that have left the connection, before their callers learn of it: the pool's counts are right then,
    /// and it fills the places that have become free.
    private func ended(_ statements: [SharedStatement], _ outcome: SharedEnds.Outcome) {
        if !statements.isEmpty { self.onEnd(SharedEnds(statements, outcome)) }
    }

    // MARK: Sending

    func turnEnded() {
        self.isScheduled = false
        defer { self.letGo() }
        // Without statements the session may be gone.
        guard self.queue.hasUnsent || self.isActive else { return }
        let handle = self.session.handle
        guard let handle, PQclientEncoding(handle) == SessionEncoding.utf8, self.begin(handle) else {
            self.refuse(self.queue.takeUnsent())
            if let handle, self.queue.sentCount == 0, !self.end(handle) { self.onFailure() }
            return
        }
        if self.queue.hasUnsent {
            self.session.noteSchemaChanges()
            guard self.send(self.queue.takeUnsent(), on: handle) else { return self.onFailure() }
            self.flush(handle)
        }
        if self.queue.sentCount == 0, !self.end(handle) { self.onFailure() }
    }

    /// Lets the connection go when nothing is left to be done.
    private func letGo() {
        if self.queue.sentCount == 0, !self.queue.hasUnsent { self.connection = nil }
    }

    /// Has the callers of statements that were not sent go to another connection.
    private func refuse(_ unsent: some Collection<Queue.Unsent>) {
        self.ended(unsent.map(\.statement), .unanswered)
        for other in unsent { other.caller.answer(.elsewhere) }
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
    private func send(_ statements: [Queue.Unsent], on handle: OpaquePointer) -> Bool {
        // libpq sends at each synchronization point.
        var gathering = SendGathering()
        defer { gathering.end(on: PQsocket(handle)) }
        let now = ContinuousClock.now
        // How many statements libpq has taken since the latest synchronization point.
        var open = 0
        for (index, unsent) in statements.enumerated() {
            let query = unsent.statement.query
            let name = self.session.statements.preparedName(query)
            guard name != nil || self.isSuitable(query, on: handle) else {
                self.ended([unsent.statement], .unanswered)
                unsent.caller.answer(.alone)
                continue
            }
            // An error says which preparation failed only where it is the only one.
            let combines = name != nil && !unsent.wasUndone && self.queue.mayCombine()
            if open > 0, !combines || open == Self.largestBatch {
                gathering.begin(on: PQsocket(handle))
                guard self.synchronize(handle) else { return self.giveUp(statements[index...]) }
                open = 0
            }
            self.queue.didSend(unsent, at: now)
            let isTaken = self.append(query, as: name, on: handle)
            open += 1
            if !combines, index < statements.count - 1 { gathering.begin(on: PQsocket(handle)) }
            guard isTaken, combines || self.synchronize(handle) else {
                return self.giveUp(statements[(index + 1)...])
            }
            if !combines { open = 0 }
        }
        return open == 0 || self.synchronize(handle)
    }

    /// - Parameter name: The name under which the session has prepared the statement that it looked up last.
    private func append(_ query: PQQuery, as name: [CChar]?, on handle: OpaquePointer) -> Bool {
        if let name {
            if self.session.statements.latestChangesSession { self.session.leftBehind.insert(.state) }
            guard query.sendPrepared(as: name, on: handle) else { return false }
        } else {
            let appended = self.session.appendToPipeline(query, on: handle) {
                query.bindings.leavesTypes && self.session.unpreparable.contains(query.sql)
            }
            switch appended {
            case .statement: break
            case .prepared(let preparation): self.preparing.append((self.sentTotal, preparation))
            case .failed: return false
            }
        }
        self.sentTotal += 1
        return true
    }

    private func synchronize(_ handle: OpaquePointer) -> Bool {
        self.queue.endBatch()
        return SynchronizationPoint.add(on: handle)
    }

    /// Answers the callers of statements that libpq was not given.
    private func giveUp(_ unsent: ArraySlice<Queue.Unsent>) -> Bool {
        self.refuse(unsent)
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
        // The turn of the loop ends with more statements, or with the end of the session's turn.
        return self.queue.sentCount > 0 || self.isScheduled || self.end(handle)
    }

    /// Gives the callers of the first batch their answers; returns false where an answer is missing.
    private func batchEnded(at now: ContinuousClock.Instant) -> Bool {
        defer {
            self.arrived.results.removeAll(keepingCapacity: true)
            self.arrived.failure = nil
        }
        let failure = self.arrived.failure
        let count = self.queue.firstBatchCount
        guard count > 0 else { return false }
        self.preparationEnded(failed: failure != nil)
        self.answeredTotal += count
        if failure != nil, count > 1 {
            self.ended(self.queue.undone(at: now), .undone)
            if self.queue.hasUnsent { self.schedule() }
            return true
        }
        let (batch, took) = self.queue.answered(failed: failure != nil, at: now)
        self.ended(batch.map(\.statement), .answered(took: took))
        if let failure {
            batch[0].caller?.answer(self.answer(failure, to: batch[0].statement.query))
        } else if self.arrived.results.count >= count {
            // A preparation has a result as well, before the statement's.
            let first = self.arrived.results.count - count
            for (index, sent) in batch.enumerated() {
                sent.caller?.answer(.rows(PQRows(result: self.arrived.results[first + index])))
            }
        } else {
            for sent in batch {
                var missing = PQError(.connectionClosed, "the server gave no answer to a statement")
                missing.query = sent.statement.query.sql
                sent.caller?.answer(.failed(missing))
            }
        }
        return failure != nil || self.arrived.results.count >= count
    }

    private func answer(_ failure: PQError, to query: PQQuery) -> SharedAnswer {
        // Its own transaction has ended, so that it can be run again whatever others do.
        if self.session.noteUnfit(query, after: failure) { return .alone }
        var failure = failure
        failure.query = query.sql
        return .failed(failure)
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
        self.letGo()
        return true
    }

    func sessionEnded(_ reason: PQError) {
        self.preparing = []
        self.session.source.reportsWritable = false
        let (sent, unsent) = self.queue.end()
        self.ended(sent.map(\.statement), .unanswered)
        // The first statement on the server may have got its own error, which ended the session.
        for (index, lost) in sent.enumerated() {
            var error = index == 0 ? self.arrived.failure ?? reason : reason
            error.query = lost.statement.query.sql
            lost.caller?.answer(.failed(error))
        }
        self.refuse(unsent)
        if self.isActive {
            self.isActive = false
            self.session.endTurn()
        }
        self.letGo()
    }
}
