//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import BoundedTime
import Logging
import Synchronization

extension ConnectionPool {
    /// Leases a connection, waiting in line if all are taken.
    ///
    /// A connection that was idle for a while is checked for liveness first; a dead one is replaced without the caller
    /// noticing, since nothing was sent on it yet.
    ///
    /// - Parameter deadline: Until when to wait; the configured time from now when nil.
    /// - Parameter site: The call site, for the report of leases that last too long.
    /// - Throws: ``PQPoolError``, or the error to which the pool's owner converts it; the error of opening a
    ///   connection; `CancellationError`.
    @inline(__always)
    package nonisolated(nonsending) func acquire(
        deadline: ContinuousClock.Instant? = nil, from site: CallSite? = nil
    ) async throws -> Lease {
        let now = ContinuousClock.now
        let deadline = deadline?.bounded(from: now) ?? now + self.configuration.acquireTimeout
        let idle = deadline > now ? self.acquireIdle(now: now) : nil
        if let idle, !idle.check { return self.leased(idle.lease, askedAt: now, site) }
        return try await self.acquire(after: idle?.lease, askedAt: now, deadline: deadline, site)
    }

    /// Leases an idle connection, if there is one, without suspending.
    ///
    /// - Parameter mayShare: Whether the caller rather joins one that was shared until a moment ago.
    func acquireIdle(mayShare: Bool = false, now: ContinuousClock.Instant) -> (lease: Lease, check: Bool)? {
        let loop = self.eventLoops?.current
        return self.shared.withLock { shared in
            if let loop { shared.machine.favorIdle { $0.eventLoop === loop } }
            guard let idle = shared.machine.leaseIdle(mayShare: mayShare, now: now) else { return nil }
            shared.totals.acquired += 1
            return (Lease(id: idle.id, connection: idle.connection), idle.check)
        }
    }

    /// Leases a connection that was idle for long, if it is alive, or waits in line.
    func acquire(
        after idle: Lease?, askedAt begin: ContinuousClock.Instant, deadline: ContinuousClock.Instant,
        _ site: CallSite?
    ) async throws -> Lease {
        do {
            var candidate: (Lease, check: Bool)
            if let idle {
                candidate = (idle, true)
            } else {
                candidate = try await self.wait(until: deadline, again: false)
            }
            while candidate.check {
                if try await self.isAlive(candidate.0, deadline: deadline) { break }
                candidate = try await self.wait(until: deadline, again: true)
            }
            return self.leased(candidate.0, askedAt: begin, site)
        } catch let error as TimedOut {
            throw self.reported(error, askedAt: begin, deadline: deadline)
        }
    }

    /// Tells the delegate that a caller's time was over, and makes the error for the caller.
    func reported(
        _ error: TimedOut, askedAt begin: ContinuousClock.Instant, deadline: ContinuousClock.Instant
    ) -> any Error {
        self.delegate?.acquireTimedOut(after: begin.duration(to: .now))
        return self.explain(
            PQPoolError(
                .timedOut(after: max(.zero, begin.duration(to: deadline))), error.statistics,
                isRunning: error.isRunning, lastConnectError: error.lastError))
    }

    func leased(_ lease: Lease, askedAt begin: ContinuousClock.Instant, _ site: CallSite?) -> Lease {
        let lease = self.watched(lease, site)
        guard let delegate else { return lease }
        var told = lease
        let now = ContinuousClock.now
        told.since = now
        delegate.connectionAcquired(lease.id.number, after: begin.duration(to: now))
        self.reportChange()
        return told
    }

    /// The time of a caller is over; carries the facts for its error.
    struct TimedOut: Error {
        var statistics: PQPoolStatistics
        var isRunning: Bool
        var lastError: (any Error)?
    }

    /// Releases a connection.
    ///
    /// - Parameter reusable: False when it must not be leased again.
    package func release(_ lease: Lease, reusable: Bool) {
        let now = ContinuousClock.now
        if let since = lease.since {
            self.delegate?.connectionReleased(lease.id.number, after: since.duration(to: now))
        }
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
        if hasRun { return try await self.standInLine(id, until: deadline, again) }
        // `run()` has not begun to keep the time, and may never.
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // The services of a group start side by side: being asked a moment too early is no mistake.
                try await Task.sleep(until: min(deadline, .now + .seconds(1)))
                self.warnUnlessRunning()
                try await Task.sleep(until: deadline)
                self.giveUp(id)
            }
            defer { group.cancelAll() }
            return try await self.standInLine(id, until: deadline, again)
        }
    }

    private func warnUnlessRunning() {
        let isFirst = self.shared.withLock { shared in
            defer { shared.hasWarned = true }
            return !shared.hasRun && !shared.hasWarned
        }
        if isFirst { self.logger.warning("A pool is used before its run() was called; queries wait for that") }
    }

    private func giveUp(_ id: Machine.WaiterID) {
        let (waiter, error) = self.shared.withLock { shared in
            let waiter = shared.machine.cancel(id) ? shared.callers.remove(id) : nil
            if waiter != nil { shared.totals.timedOut += 1 }
            return (waiter, self.timedOut(shared))
        }
        self.reportChange()
        waiter?.resume(throwing: error)
        self.finishIfDrained()
    }

    private func standInLine(
        _ id: Machine.WaiterID, until deadline: ContinuousClock.Instant, _ again: Bool
    ) async throws -> (Lease, check: Bool) {
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                self.enqueue(continuation, id, until: deadline, again)
            }
        } onCancel: {
            let waiter = self.shared.withLock { shared in
                shared.machine.cancel(id) ? shared.callers.remove(id) : nil
            }
            self.reportChange()
            waiter?.resume(throwing: CancellationError())
            self.finishIfDrained()
        }
    }

    private func enqueue(
        _ continuation: WaitingCallers.Lease, _ id: Machine.WaiterID,
        until deadline: ContinuousClock.Instant, _ again: Bool
    ) {
        let action: Machine.AcquireAction? = self.shared.withLock { shared in
            // Cancelled before it could be found in the line.
            if Task.isCancelled { return nil }
            let now = ContinuousClock.now
            let action =
                again
                ? shared.machine.acquireAgain(id, deadline: deadline, now: now)
                : shared.machine.acquire(id, deadline: deadline, now: now)
            if case .wait = action { shared.callers.add(continuation, id) }
            if !again { shared.totals.acquired += 1 }
            return action
        }
        guard let action else { return continuation.resume(throwing: CancellationError()) }
        self.answer(.lease(continuation), action)
    }

    /// Carries out what the machine decided about a caller who asked for a connection.
    func answer(_ caller: WaitingCallers.Caller, _ action: Machine.AcquireAction) {
        self.reportChange()
        switch action {
        case .lease(let id, let connection, let check):
            caller.resume(returning: Lease(id: id, connection: connection), check: check)
        case .wait(let connect, let until):
            if let connect { self.startConnecting(connect) }
            self.schedule(at: until)
        case .reject(.queueFull):
            caller.resume(throwing: self.explain(PQPoolError(.queueFull, self.statistics)))
        case .reject(.shutDown):
            caller.resume(throwing: self.explain(PQPoolError(.shutDown, self.statistics)))
        case .reject(.tooLate):
            let error = self.shared.withLock { shared in
                shared.totals.timedOut += 1
                return self.timedOut(shared)
            }
            caller.resume(throwing: error)
        }
    }

    /// Checks that a connection is alive; a dead connection is removed from the pool.
    ///
    /// A caller whose own time ends sooner does not wait for the whole time of the check. A check that was cut short is
    /// no evidence against the other connections.
    private func isAlive(
        _ lease: Lease, deadline: ContinuousClock.Instant
    ) async throws(CancellationError) -> Bool {
        let patience = ContinuousClock.now.duration(to: deadline)
        let isHurried = patience < self.configuration.livenessCheckTimeout
        self.shared.withLock { $0.checks[lease.id] = isHurried ? .hurried : .patient }
        defer { self.shared.withLock { $0.checks[lease.id] = nil } }
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
