//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import Synchronization

extension ConnectionPool {
    /// Lends a connection, waiting in line if all are taken.
    ///
    /// A connection that idled for a while has to give a sign of life first; a dead one is replaced without the caller
    /// noticing, since nothing was sent on it yet.
    ///
    /// - Parameter deadline: Until when to wait; the configured time from now when nil.
    /// - Parameter site: Who borrows it, for the report of those who keep it for too long.
    /// - Throws: ``LakebaseError``; what opening a connection threw; `CancellationError`.
    func acquire(deadline: ContinuousClock.Instant? = nil, from site: CallSite? = nil) async throws -> Lease {
        let now = ContinuousClock.now
        let deadline = deadline ?? now + self.configuration.acquireTimeout
        let fast = self.shared.withLock { shared in
            let lease = deadline > now ? shared.machine.leaseIdle(now: now) : nil
            if lease != nil { shared.totals.acquired += 1 }
            return lease
        }
        if let fast, !fast.check { return self.watched(Lease(id: fast.id, connection: fast.connection), site) }
        do {
            var candidate: (Lease, check: Bool)
            if let fast {
                candidate = (Lease(id: fast.id, connection: fast.connection), true)
            } else {
                candidate = try await self.wait(until: deadline, again: false)
            }
            while candidate.check {
                if try await self.isAlive(candidate.0, deadline: deadline) { break }
                candidate = try await self.wait(until: deadline, again: true)
            }
            return self.watched(candidate.0, site)
        } catch let error as TimedOut {
            throw LakebaseError.acquireTimedOut(
                after: max(.zero, now.duration(to: deadline)), error.statistics, isRunning: error.isRunning,
                lastError: error.lastError)
        }
    }

    /// What is known when a caller's time is over.
    struct TimedOut: Error {
        var statistics: PoolStatistics
        var isRunning: Bool
        var lastError: (any Error)?
    }

    /// Takes a connection back.
    ///
    /// - Parameter reusable: False when it must not be lent again.
    func release(_ lease: Lease, reusable: Bool) {
        let now = ContinuousClock.now
        let (outcome, late) = self.shared.withLock { shared in
            let action = shared.machine.release(lease.id, reusable: reusable, now: now)
            var outcome = self.settle(lease.id, action, &shared)
            outcome.expired = self.takeExpired(&shared)
            return (outcome, shared.watch?.returned(lease.id, now: now))
        }
        self.carryOut(outcome)
        if let late { self.reportReturn(late) }
    }

    private func wait(
        until deadline: ContinuousClock.Instant, again: Bool
    ) async throws -> (Lease, check: Bool) {
        let (id, hasRun) = self.shared.withLock { shared in
            shared.nextWaiter += 1
            return (Machine.WaiterID(number: shared.nextWaiter), shared.hasRun)
        }
        if hasRun { return try await self.standInLine(id, until: deadline, again: again) }
        // Nobody keeps the time yet, and perhaps nobody ever will.
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // The services of a group start side by side: being asked a moment too early is no mistake.
                try await Task.sleep(until: min(deadline, .now + .seconds(1)))
                self.warnUnlessRunning()
                try await Task.sleep(until: deadline)
                self.giveUp(id)
            }
            defer { group.cancelAll() }
            return try await self.standInLine(id, until: deadline, again: again)
        }
    }

    private func warnUnlessRunning() {
        let isFirst = self.shared.withLock { shared in
            defer { shared.hasWarned = true }
            return !shared.hasRun && !shared.hasWarned
        }
        if isFirst { self.logger.warning("LakebaseClient is used before run() was called; queries wait until it is") }
    }

    private func giveUp(_ id: Machine.WaiterID) {
        let (waiter, error) = self.shared.withLock { shared in
            let waiter = shared.machine.cancel(id) ? shared.continuations.removeValue(forKey: id) : nil
            if waiter != nil { shared.totals.timedOut += 1 }
            return (waiter, self.timedOut(shared))
        }
        waiter?.resume(throwing: error)
        self.finishIfDrained()
    }

    private func standInLine(
        _ id: Machine.WaiterID, until deadline: ContinuousClock.Instant, again: Bool
    ) async throws -> (Lease, check: Bool) {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.enqueue(continuation, id, until: deadline, again: again)
            }
        } onCancel: {
            let waiter = self.shared.withLock { shared in
                shared.machine.cancel(id) ? shared.continuations.removeValue(forKey: id) : nil
            }
            waiter?.resume(throwing: CancellationError())
            self.finishIfDrained()
        }
    }

    private func enqueue(
        _ continuation: CheckedContinuation<(Lease, check: Bool), any Error>, _ id: Machine.WaiterID,
        until deadline: ContinuousClock.Instant, again: Bool
    ) {
        let action: Machine.AcquireAction? = self.shared.withLock { shared in
            // Cancelled before it could be found in the line.
            if Task.isCancelled { return nil }
            let now = ContinuousClock.now
            let action =
                again
                ? shared.machine.acquireAgain(id, deadline: deadline, now: now)
                : shared.machine.acquire(id, deadline: deadline, now: now)
            if case .wait = action { shared.continuations[id] = continuation }
            if !again { shared.totals.acquired += 1 }
            return action
        }
        switch action {
        case .lease(let id, let connection, let check):
            continuation.resume(returning: (Lease(id: id, connection: connection), check: check))
        case .wait(let connect, let until):
            if let connect { self.startConnecting(connect) }
            self.schedule(at: until)
        case .reject(.queueFull):
            continuation.resume(throwing: LakebaseError.queueFull(self.statistics))
        case .reject(.shutDown):
            continuation.resume(throwing: LakebaseError.poolShutDown())
        case .reject(.tooLate):
            let error = self.shared.withLock { shared in
                shared.totals.timedOut += 1
                return self.timedOut(shared)
            }
            continuation.resume(throwing: error)
        case nil:
            continuation.resume(throwing: CancellationError())
        }
    }

    /// Asks for a sign of life; a connection that gives none is gone for the pool.
    ///
    /// A caller whose own time ends sooner does not wait for the whole time of the check. The silence of that moment is
    /// then no evidence against the other connections.
    private func isAlive(
        _ lease: Lease, deadline: ContinuousClock.Instant
    ) async throws(CancellationError) -> Bool {
        let patience = ContinuousClock.now.duration(to: deadline)
        let isHurried = patience < self.configuration.livenessCheckTimeout
        if isHurried { self.shared.withLock { _ = $0.hurried.insert(lease.id) } }
        defer { if isHurried { self.shared.withLock { _ = $0.hurried.remove(lease.id) } } }
        do {
            try await lease.connection.ping(
                timeout: max(.milliseconds(1), min(patience, self.configuration.livenessCheckTimeout)))
            return true
        } catch let error as CancellationError {
            // Says nothing about the connection, and still less about the others.
            self.release(lease, reusable: false)
            throw error
        } catch {
            // Closing tells the pool, through the connection's handler.
            await lease.connection.close()
            return false
        }
    }
}
