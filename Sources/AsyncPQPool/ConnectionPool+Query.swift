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

    /// Where a statement is to run when no connection is idle.
    private enum Seat {
        case shared(Lease, StatementTimes.Slot)
        case line(mayShare: Bool, StatementTimes.Slot?)
    }

    private nonisolated(nonsending) func queryWhenBusy(
        _ query: PQQuery, askedAt begin: ContinuousClock.Instant, deadline: ContinuousClock.Instant, _ site: CallSite?,
        _ observation: inout PQConnection.Observation?
    ) async throws -> PQRows {
        var mayShare = true
        var failures = 0
        while true {
            let lease: Lease
            let slot: StatementTimes.Slot?
            switch self.seat(for: query, mayShare: mayShare) {
            case .shared(let shared, let itsSlot): (lease, slot) = (shared, itsSlot)
            case .line(let mayShare, let itsSlot):
                slot = itsSlot
                lease = try await self.acquire(
                    after: nil, askedAt: begin, deadline: deadline, site, mayShare: mayShare)
            }
            if observation == nil { observation = lease.connection.observe(query) }
            guard lease.isShared else { return try await self.runAlone(query, on: lease, slot) }
            switch await lease.connection.queryShared(query) {
            case .rows(let rows, let took):
                self.leave(lease, isAlive: true, slot, took)
                return rows
            case .failed(let error, let took):
                self.leave(lease, isAlive: took != nil, slot, took)
                throw error
            case .alone:
                self.leave(lease, isAlive: false, slot, nil)
                mayShare = false
            case .elsewhere:
                failures += 1
                if failures > 3 { mayShare = false }
                self.leave(lease, isAlive: false, slot, nil)
                // The pool may not know yet that the connection is closed.
                await Task.yield()
            case .cancelled(let isOnServer):
                if !isOnServer { self.leave(lease, isAlive: false, slot, nil) }
                throw CancellationError()
            }
        }
    }

    private func seat(for query: PQQuery, mayShare: Bool) -> Seat {
        let now = ContinuousClock.now
        return self.shared.withLock { shared in
            guard mayShare else { return .line(mayShare: false, nil) }
            switch shared.times.verdict(query) {
            case .alone: return .line(mayShare: false, nil)
            case .measure(let slot): return .line(mayShare: false, slot)
            case .short(let slot):
                guard let place = shared.machine.join(now: now) else { return .line(mayShare: true, slot) }
                shared.totals.acquired += 1
                var lease = Lease(id: place.id, connection: place.connection)
                lease.isShared = true
                return .shared(lease, slot)
            }
        }
    }

    /// Runs a statement that has a connection to itself, and measures it where its time is wanted.
    private nonisolated(nonsending) func runAlone(
        _ query: PQQuery, on lease: Lease, _ slot: StatementTimes.Slot?
    ) async throws -> PQRows {
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

    /// Ends the use of a shared connection by one statement.
    private func leave(_ lease: Lease, isAlive: Bool, _ slot: StatementTimes.Slot?, _ took: Duration?) {
        let now = ContinuousClock.now
        if let since = lease.since {
            self.delegate?.connectionReleased(lease.id.number, after: since.duration(to: now))
        }
        let outcome = self.shared.withLock { shared in
            if let slot, let took { shared.times.record(slot, took: took) }
            if isAlive { shared.totals.multiplexed += 1 }
            return self.leave(lease.id, isAlive: isAlive, now: now, &shared)
        }
        self.carryOut(outcome)
    }

    /// Ends the use of a shared connection by a statement whose caller was cancelled before it was done.
    func abandonedEnded(_ id: Machine.ConnectionID) {
        let now = ContinuousClock.now
        self.carryOut(self.shared.withLock { self.leave(id, isAlive: true, now: now, &$0) })
    }

    private func leave(
        _ id: Machine.ConnectionID, isAlive: Bool, now: ContinuousClock.Instant, _ shared: inout Shared
    ) -> Outcome {
        let action = shared.machine.leave(id, isAlive: isAlive, now: now)
        var outcome = self.settle(id, action, &shared)
        outcome.expired = self.takeExpired(&shared)
        return outcome
    }
}
