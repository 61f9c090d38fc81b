//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization

extension ConnectionPool {
    /// Lends a connection, waiting in line if all are taken.
    ///
    /// A connection that idled for a while has to give a sign of life first; a dead one is replaced without the caller
    /// noticing, since nothing was sent on it yet.
    ///
    /// - Throws: ``LakebaseError``; what opening a connection threw; `CancellationError`.
    func acquire() async throws -> Lease {
        let now = ContinuousClock.now
        let fast = self.shared.withLock { shared in
            let lease = shared.machine.leaseIdle(now: now)
            if lease != nil { shared.totals.acquired += 1 }
            return lease
        }
        if let fast, !fast.check { return Lease(id: fast.id, connection: fast.connection) }
        let deadline = now + self.configuration.acquireTimeout
        var candidate: (Lease, check: Bool)
        if let fast {
            candidate = (Lease(id: fast.id, connection: fast.connection), true)
        } else {
            candidate = try await self.wait(until: deadline, again: false)
        }
        while candidate.check {
            if await self.isAlive(candidate.0) { break }
            candidate = try await self.wait(until: deadline, again: true)
        }
        return candidate.0
    }

    /// Takes a connection back.
    ///
    /// - Parameter reusable: False when it must not be lent again.
    func release(_ lease: Lease, reusable: Bool) {
        let now = ContinuousClock.now
        let (outcome, needsTick) = self.shared.withLock { shared in
            let action = shared.machine.release(lease.id, reusable: reusable, now: now)
            let outcome = self.settle(lease.id, action, &shared)
            let due = now + self.configuration.idleTimeout
            return (outcome, outcome.parked && shared.scheduledTick.map { $0 > due } ?? true)
        }
        self.carryOut(outcome)
        if needsTick { self.schedule(at: now + self.configuration.idleTimeout) }
    }

    private func wait(
        until deadline: ContinuousClock.Instant, again: Bool
    ) async throws -> (Lease, check: Bool) {
        let id = self.shared.withLock { shared in
            shared.nextWaiter += 1
            return Machine.WaiterID(number: shared.nextWaiter)
        }
        return try await withTaskCancellationHandler {
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
        case .wait(let connect):
            if let connect { self.startConnecting(connect) }
            self.schedule(at: deadline)
        case .reject(.queueFull):
            continuation.resume(throwing: LakebaseError.queueFull(self.statistics))
        case .reject(.shutDown):
            continuation.resume(throwing: LakebaseError.poolShutDown())
        case nil:
            continuation.resume(throwing: CancellationError())
        }
    }

    /// Asks for a sign of life; a connection that gives none is gone for the pool.
    private func isAlive(_ lease: Lease) async -> Bool {
        do {
            try await lease.connection.ping(timeout: self.configuration.livenessCheckTimeout)
            return true
        } catch {
            // Closing tells the pool, through the connection's handler.
            await lease.connection.close()
            return false
        }
    }
}
