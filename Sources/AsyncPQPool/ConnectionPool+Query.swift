//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
import Synchronization

/// One-shot statements: on an idle connection, or else on one that others use for the same.
extension ConnectionPool {
    /// Runs one statement on a connection of the pool.
    ///
    /// When no connection is idle, a statement that only reads and is known to be short goes to a connection that runs
    /// only such statements; others wait in line for a connection of their own.
    ///
    /// - Parameter query: The statement with its bound values.
    /// - Parameter site: The call site, for the report of leases that last too long.
    /// - Throws: As ``acquire(deadline:from:)`` and `PQConnection.query`.
    @inline(__always)
    package nonisolated(nonsending) func query(_ query: PQQuery, from site: CallSite? = nil) async throws -> PQRows {
        let now = ContinuousClock.now
        let mayShare = self.configuration.sharingDepth > 1
        let idle = self.configuration.acquireTimeout > .zero ? self.acquireIdle(mayShare: mayShare, now: now) : nil
        if let idle, !idle.check { return try await self.run(query, on: self.leased(idle.lease, askedAt: now, site)) }
        return try await self.query(query, after: idle?.lease, askedAt: now, site)
    }

    /// Runs a statement on a leased connection and releases it.
    @inline(__always)
    private nonisolated(nonsending) func run(_ query: PQQuery, on lease: Lease) async throws -> PQRows {
        do {
            let rows = try await lease.connection.query(query)
            await self.release(lease, leaving: lease.connection.leftBehind)
            return rows
        } catch {
            await self.release(lease, leaving: lease.connection.leftBehind)
            throw error
        }
    }

    private nonisolated(nonsending) func query(
        _ query: PQQuery, after idle: Lease?, askedAt begin: ContinuousClock.Instant, _ site: CallSite?
    ) async throws -> PQRows {
        let deadline = begin + self.configuration.acquireTimeout
        guard idle == nil, self.configuration.sharingDepth > 1, query.mayShare else {
            let lease = try await self.acquire(after: idle, askedAt: begin, deadline: deadline, site)
            return try await self.run(query, on: lease)
        }
        let (verdict, statement) = self.statement(for: query, askedAt: begin, deadline: deadline)
        guard let statement else {
            let slot: StatementSlot? = if case .measure(let slot) = verdict { slot } else { nil }
            let lease = try await self.acquire(after: nil, askedAt: begin, deadline: deadline, site)
            return try await self.runAlone(query, on: lease, slot, isObserved: false)
        }
        let answer = await self.answer(to: statement, on: nil)
        if case .rows(let rows) = answer { return rows }
        return try await self.goOn(statement, after: answer, site)
    }

    /// Has a statement run whose first answer was not its rows.
    private nonisolated(nonsending) func goOn(
        _ statement: SharedStatement, after answer: SharedAnswer, _ site: CallSite?
    ) async throws -> PQRows {
        var observation: PQConnection.Observation?
        do {
            let rows = try await self.goOn(statement, after: answer, site, &observation)
            observation?.ended(.success(rows))
            return rows
        } catch {
            observation?.ended(.failure(error))
            throw error
        }
    }

    private nonisolated(nonsending) func goOn(
        _ statement: SharedStatement, after answer: SharedAnswer, _ site: CallSite?,
        _ observation: inout PQConnection.Observation?
    ) async throws -> PQRows {
        let (query, begin, deadline) = (statement.query, statement.askedAt, statement.deadline)
        var (statement, answer) = (statement, answer)
        var failures = 0
        while true {
            if case .place(let connection, let number) = answer {
                if observation == nil { observation = connection.observe(query) }
                answer = await self.answer(
                    to: statement, on: Lease(id: Machine.ConnectionID(number: number), connection: connection))
            }
            switch answer {
            case .rows(let rows): return rows
            case .failed(let error as TimedOut): throw self.reported(error, askedAt: begin, deadline: deadline)
            case .failed(let error): throw error
            case .lease(let connection, let number, let check):
                let lease = Lease(id: Machine.ConnectionID(number: number), connection: connection)
                let own =
                    check
                    ? try await self.acquire(after: lease, askedAt: begin, deadline: deadline, site)
                    : self.leased(lease, askedAt: begin, site)
                return try await self.runAlone(query, on: own, statement.slot, isObserved: observation != nil)
            case .elsewhere where failures < 3, .place where failures < 3:
                failures += 1
                // The pool may not know yet that the connection is closed.
                await Task.yield()
                guard let again = self.statement(for: query, askedAt: begin, deadline: deadline).1 else { break }
                statement = again
                answer = await self.answer(to: again, on: nil)
                continue
            case .alone, .elsewhere, .place: break
            }
            let lease = try await self.acquire(after: nil, askedAt: begin, deadline: deadline, site)
            return try await self.runAlone(query, on: lease, nil, isObserved: observation != nil)
        }
    }

    /// What is known of a statement, and one that may share a connection as such.
    private func statement(
        for query: PQQuery, askedAt begin: ContinuousClock.Instant, deadline: ContinuousClock.Instant
    ) -> (StatementTimes.Verdict, SharedStatement?) {
        let (verdict, slot, id) = self.shared.withLock { shared -> (StatementTimes.Verdict, StatementSlot?, Int) in
            let verdict = shared.times.verdict(query)
            // Without `run()` only a caller's own task keeps its time.
            guard shared.hasRun, case .short(let slot) = verdict else { return (verdict, nil, 0) }
            shared.nextWaiter += 1
            return (verdict, slot, shared.nextWaiter)
        }
        return (
            verdict,
            slot.map { SharedStatement(id: id, query: query, slot: $0, askedAt: begin, deadline: deadline) }
        )
    }

    /// Has a statement run on a shared connection, now or when it is its turn.
    ///
    /// - Parameter place: The connection where it has its place already.
    private nonisolated(nonsending) func answer(
        to statement: SharedStatement, on place: Lease?
    ) async -> SharedAnswer {
        let answer = await withTaskCancellationHandler {
            await withUnsafeContinuation { (caller: SharedStatement.Caller) in
                statement.caller = caller
                if let place { self.submit(statement, on: place) } else { self.seat(statement) }
            }
        } onCancel: {
            self.abandon(statement)
        }
        statement.noteAnswer()
        return answer
    }

    private enum Seat {
        case taken
        case place(Lease)
        case asked(Machine.AcquireAction)
        case cancelled
    }

    /// Gives a statement a place on a shared connection, or in the line.
    private func seat(_ statement: SharedStatement) {
        let seat = self.shared.withLock { shared -> Seat in
            // Cancelled before it could be found.
            if Task.isCancelled { return .cancelled }
            let now = ContinuousClock.now
            shared.totals.acquired += 1
            if let place = shared.machine.join(now: now) {
                statement.begin = now
                if shared.isObserved { return .place(Lease(id: place.id, connection: place.connection)) }
                place.connection.submitShared(statement)
                return .taken
            }
            let id = Machine.WaiterID(number: statement.id)
            let action = shared.machine.acquire(id, deadline: statement.deadline, mayShare: true, now: now)
            if case .wait(let connect, let until) = action {
                shared.callers.add(statement, id)
                // Most of the time there is an earlier tick, and nothing is left to be done.
                if connect == nil, let earliest = shared.ticks.last, earliest <= until { return .taken }
            }
            return .asked(action)
        }
        switch seat {
        case .taken: self.reportChange()
        case .place(let lease):
            self.reportChange()
            statement.answer(.place(lease.connection, number: lease.id.number))
        case .asked(let action): self.answer(.statement(statement), action)
        case .cancelled: statement.answer(.failed(CancellationError()))
        }
    }

    /// Has a statement run that has its place.
    private func submit(_ statement: SharedStatement, on place: Lease) {
        let isCancelled = self.shared.withLock { _ in
            if Task.isCancelled { return true }
            place.connection.submitShared(statement)
            return false
        }
        guard isCancelled else { return }
        self.sharedEnded(place.id, SharedEnds([statement], .unanswered))
        statement.answer(.failed(CancellationError()))
    }

    /// Gives up on a statement whose caller was cancelled.
    private func abandon(_ statement: SharedStatement) {
        let id = Machine.WaiterID(number: statement.id)
        let (caller, connections) = self.shared.withLock { shared in
            shared.machine.cancel(id)
                ? (shared.callers.remove(id), []) : (nil, shared.machine.sharedConnections)
        }
        self.reportChange()
        caller?.resume(throwing: CancellationError())
        for connection in connections { connection.abandonShared(statement.id) }
        self.finishIfDrained()
    }

    /// Runs a statement that has a connection to itself, and measures it where its time is wanted.
    ///
    /// - Parameter isObserved: Whether the observer knows of it already.
    private nonisolated(nonsending) func runAlone(
        _ query: PQQuery, on lease: Lease, _ slot: StatementSlot?, isObserved: Bool
    ) async throws -> PQRows {
        let begin = ContinuousClock.now
        do {
            let rows =
                isObserved
                ? try await lease.connection.unobservedQuery(query) : try await lease.connection.query(query)
            if let slot {
                let took = begin.duration(to: .now)
                self.shared.withLock { $0.times.record(slot, took: took) }
            }
            await self.release(lease, leaving: lease.connection.leftBehind)
            return rows
        } catch {
            await self.release(lease, leaving: lease.connection.leftBehind)
            throw error
        }
    }

    /// Handles statements that have left a shared connection.
    ///
    /// The delegate learns of each now only: that its statement got a place is known under the pool's lock, where no
    /// delegate may be called.
    func sharedEnded(_ id: Machine.ConnectionID, _ ends: SharedEnds) {
        let now = ContinuousClock.now
        if let delegate {
            for end in ends.statements {
                delegate.connectionAcquired(id.number, after: end.askedAt.duration(to: end.begin))
                delegate.connectionReleased(id.number, after: end.begin.duration(to: now))
            }
        }
        let outcome = self.shared.withLock { shared in
            let isAlive: Bool
            switch ends.outcome {
            case .answered(let took):
                for end in ends.statements { shared.times.record(end.slot, took: took) }
                isAlive = true
            case .undone: isAlive = true
            case .unanswered: isAlive = false
            }
            if isAlive { shared.totals.multiplexed += ends.statements.count }
            let action = shared.machine.leave(id, count: ends.statements.count, isAlive: isAlive, now: now)
            var outcome = self.settle(id, action, &shared)
            outcome.expired = self.takeExpired(&shared)
            return outcome
        }
        self.carryOut(outcome)
    }
}
