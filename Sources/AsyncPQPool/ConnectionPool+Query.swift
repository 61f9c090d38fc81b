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
        let idle = self.configuration.acquireTimeout > .zero ? self.acquireIdle(now: now) : nil
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
        guard idle == nil, self.configuration.sharingDepth > 1 else {
            let lease = try await self.acquire(after: idle, askedAt: begin, deadline: deadline, site)
            return try await self.run(query, on: lease)
        }
        var observation: PQConnection.Observation?
        do {
            let rows = try await self.queryWhenBusy(query, askedAt: begin, deadline: deadline, site, &observation)
            observation?.ended(.success(rows))
            return rows
        } catch {
            observation?.ended(.failure(error))
            throw error
        }
    }

    /// Runs a statement when no connection is idle: beside others if it is short, else on a connection of its own.
    private nonisolated(nonsending) func queryWhenBusy(
        _ query: PQQuery, askedAt begin: ContinuousClock.Instant, deadline: ContinuousClock.Instant, _ site: CallSite?,
        _ observation: inout PQConnection.Observation?
    ) async throws -> PQRows {
        var mayShare = query.mayShare
        var failures = 0
        while mayShare {
            let (verdict, request) = self.request(for: query, askedAt: begin, deadline: deadline)
            guard case .short = verdict, let request else {
                let slot: StatementTimes.Slot? = if case .measure(let slot) = verdict { slot } else { nil }
                let lease = try await self.acquire(after: nil, askedAt: begin, deadline: deadline, site)
                return try await self.runAlone(query, on: lease, slot, &observation)
            }
            var answer = await self.answer(to: request, on: nil)
            if case .place(let connection, let number) = answer {
                if observation == nil { observation = connection.observe(query) }
                answer = await self.answer(
                    to: request, on: Lease(id: Machine.ConnectionID(number: number), connection: connection))
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
                return try await self.runAlone(query, on: own, request.slot, &observation)
            case .alone: mayShare = false
            case .elsewhere, .place:
                failures += 1
                if failures > 3 { mayShare = false }
                // The pool may not know yet that the connection is closed.
                await Task.yield()
            }
        }
        let lease = try await self.acquire(after: nil, askedAt: begin, deadline: deadline, site)
        return try await self.runAlone(query, on: lease, nil, &observation)
    }

    /// A short statement that is to be run.
    private struct Request {
        var id: Machine.WaiterID
        var query: PQQuery
        var slot: StatementTimes.Slot
        var askedAt: ContinuousClock.Instant
        var deadline: ContinuousClock.Instant
        /// Whether the caller wants to know of its place on a connection before the statement is sent.
        var wantsPlace: Bool

        func statement(_ caller: SharedStatement.Caller, begin: ContinuousClock.Instant) -> SharedStatement {
            SharedStatement(
                id: self.id.number, query: self.query, caller: caller, slot: self.slot, askedAt: self.askedAt,
                begin: begin)
        }
    }

    /// What is known of a statement, and for one that may share a connection a request.
    private func request(
        for query: PQQuery, askedAt begin: ContinuousClock.Instant, deadline: ContinuousClock.Instant
    ) -> (StatementTimes.Verdict, Request?) {
        self.shared.withLock { shared in
            let verdict = shared.times.verdict(query)
            // Without `run()` only a caller's own task keeps its time.
            guard shared.hasRun, case .short(let slot) = verdict else { return (verdict, nil) }
            shared.nextWaiter += 1
            return (
                verdict,
                Request(
                    id: Machine.WaiterID(number: shared.nextWaiter), query: query, slot: slot, askedAt: begin,
                    deadline: deadline, wantsPlace: shared.isObserved)
            )
        }
    }

    /// Has a statement run on a shared connection, now or when it is its turn.
    ///
    /// - Parameter place: The connection where it has its place already.
    private nonisolated(nonsending) func answer(to request: Request, on place: Lease?) async -> SharedAnswer {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { (caller: SharedStatement.Caller) in
                if let place { self.submit(request, caller, on: place) } else { self.seat(request, caller) }
            }
        } onCancel: {
            self.abandon(request.id)
        }
    }

    private enum Seat {
        case taken
        case place(Lease)
        case asked(Machine.AcquireAction)
    }

    /// Gives a statement a place on a shared connection, or in the line.
    private func seat(_ request: Request, _ caller: SharedStatement.Caller) {
        let seat = self.shared.withLock { shared -> Seat? in
            // Cancelled before it could be found.
            if Task.isCancelled { return nil }
            let now = ContinuousClock.now
            shared.totals.acquired += 1
            if let place = shared.machine.join(now: now) {
                if request.wantsPlace { return .place(Lease(id: place.id, connection: place.connection)) }
                place.connection.submitShared(request.statement(caller, begin: now))
                return .taken
            }
            let action = shared.machine.acquire(request.id, deadline: request.deadline, mayShare: true, now: now)
            if case .wait = action {
                shared.callers.add(request.statement(caller, begin: now), wantsPlace: request.wantsPlace, request.id)
            }
            return .asked(action)
        }
        switch seat {
        case .taken: self.reportChange()
        case .place(let lease):
            self.reportChange()
            caller.resume(returning: .place(lease.connection, number: lease.id.number))
        case .asked(let action): self.answer(.statement(caller), action)
        case nil: caller.resume(returning: .failed(CancellationError()))
        }
    }

    /// Has a statement run that has its place.
    private func submit(_ request: Request, _ caller: SharedStatement.Caller, on place: Lease) {
        let begin = ContinuousClock.now
        let isCancelled = self.shared.withLock { _ in
            if Task.isCancelled { return true }
            place.connection.submitShared(request.statement(caller, begin: begin))
            return false
        }
        guard isCancelled else { return }
        self.sharedEnded(
            place.id,
            SharedEnds([.init(slot: request.slot, askedAt: request.askedAt, begin: begin)], .unanswered))
        caller.resume(returning: .failed(CancellationError()))
    }

    /// Gives up on a statement whose caller was cancelled.
    private func abandon(_ id: Machine.WaiterID) {
        let (caller, connections) = self.shared.withLock { shared in
            shared.machine.cancel(id)
                ? (shared.callers.remove(id), []) : (nil, shared.machine.sharedConnections)
        }
        self.reportChange()
        caller?.resume(throwing: CancellationError())
        for connection in connections { connection.abandonShared(id.number) }
        self.finishIfDrained()
    }

    /// Runs a statement that has a connection to itself, and measures it where its time is wanted.
    private nonisolated(nonsending) func runAlone(
        _ query: PQQuery, on lease: Lease, _ slot: StatementTimes.Slot?, _ observation: inout PQConnection.Observation?
    ) async throws -> PQRows {
        if observation == nil { observation = lease.connection.observe(query) }
        let begin = ContinuousClock.now
        do {
            let rows = try await lease.connection.unobservedQuery(query)
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
