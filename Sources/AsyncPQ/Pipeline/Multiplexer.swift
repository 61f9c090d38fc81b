//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// Runs one-shot statements of many callers on one connection, in libpq's pipeline mode: the shell around
/// ``MultiplexQueue``.
///
/// Each statement has a synchronization point of its own, so that it is a transaction of its own and its error concerns
/// no other. Statements that are submitted in one turn of the loop are sent together, and all answers that have arrived
/// are taken together: that saves system calls here and wake-ups on the server.
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
    /// What has arrived for the first statement on the server.
    private var current: (result: PQResult?, failure: PQError?) = (nil, nil)
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
        guard self.queue.hasUnsent else { return }
        guard let handle = self.session.handle, PQclientEncoding(handle) == SessionEncoding.utf8, self.begin(handle)
        else {
            for unsent in self.queue.takeUnsent() { unsent.caller.resume(returning: .notSent) }
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

    /// Returns false when libpq could not take a statement.
    private func send(_ statements: [MultiplexQueue<PQQuery, Waiter>.Unsent], on handle: OpaquePointer) -> Bool {
        let descriptor = PQsocket(handle)
        let gathers = statements.count > 1 && SendGathering.begin(on: descriptor)
        defer { if gathers { SendGathering.end(on: descriptor) } }
        let now = ContinuousClock.now
        for (index, unsent) in statements.enumerated() {
            let query = unsent.statement
            guard self.isSuitable(query, on: handle) else {
                unsent.caller.resume(returning: .unsuitable)
                continue
            }
            let appended = self.session.appendToPipeline(query, on: handle) {
                query.bindings.leavesTypes && self.session.unpreparable.contains(query.sql)
            }
            self.queue.didSend(unsent.id, unsent.caller, at: now)
            switch appended {
            case .statement: break
            case .prepared(let preparation): self.preparing.append((self.sentTotal, preparation))
            case .failed:
                for other in statements[(index + 1)...] { other.caller.resume(returning: .notSent) }
                return false
            }
            self.sentTotal += 1
            guard PQpipelineSync(handle) != 0 else {
                for other in statements[(index + 1)...] { other.caller.resume(returning: .notSent) }
                return false
            }
        }
        return true
    }

    /// Whether a statement that has to be parsed may be sent.
    private func isSuitable(_ query: PQQuery, on handle: OpaquePointer) -> Bool {
        if self.session.statements.preparedName(query) != nil { return true }
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
                guard self.answer(at: now) else { return false }
            } else if status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE {
                self.current.failure = self.current.failure ?? self.session.error(of: result, query: nil)
                if PQstatus(handle) != CONNECTION_OK { return false }
            } else if CopyDirection(status) != nil || status == PGRES_COPY_BOTH {
                // libpq has no way out of it in a pipeline.
                self.current.failure = PQError(
                    .unsupported, "COPY cannot share a connection with other statements; the connection was closed")
                return false
            } else if status != PGRES_PIPELINE_ABORTED {
                self.current.result = result
            }
        }
        if self.isBlocked { self.flush(handle) }
        return self.queue.sentCount > 0 || self.end(handle)
    }

    /// Gives the first statement's caller its answer; returns false where none has arrived.
    private func answer(at now: ContinuousClock.Instant) -> Bool {
        let (result, failure) = self.current
        self.current = (nil, nil)
        guard let (caller, took) = self.queue.answered(at: now) else { return false }
        let number = self.answeredTotal
        self.answeredTotal += 1
        if let first = self.preparing.first, first.statement == number {
            self.preparing.removeFirst()
            if failure != nil {
                // Whether it was prepared before it failed, the server knows; a name too many is harmless.
                self.session.statements.withdraw(first.preparation.key, name: first.preparation.name)
                self.session.statements.postpone([first.preparation.name])
            }
        }
        if let failure {
            caller?.resume(returning: .failed(failure, took: took))
        } else if let result {
            caller?.resume(returning: .result(result, took: took))
        } else {
            caller?.resume(returning: .lost(PQError(.connectionClosed, "the server gave no answer to a statement")))
            return false
        }
        if caller == nil { self.onAbandonedEnd() }
        return true
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
            caller.resume(returning: .lost(index == 0 ? self.current.failure ?? reason : reason))
        }
        for caller in unsent { caller.resume(returning: .notSent) }
        guard self.isActive else { return }
        self.isActive = false
        self.session.endTurn()
    }
}
