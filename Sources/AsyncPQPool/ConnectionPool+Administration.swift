//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import BoundedTime
import Logging
import Synchronization

extension ConnectionPool {
    /// A caller that waits until certain connections are closed.
    struct Drain: Sendable {
        var connections: Set<Machine.ConnectionID>
        var continuation: CheckedContinuation<Bool, Never>
    }

    /// The actions of a rearrangement that remain after the lock is released.
    struct Rearranged {
        var close: [PQConnection] = []
        var resume: [(waiter: WaitingCallers.Caller, lease: Lease, check: Bool)] = []
        var connect: [Machine.ConnectionID] = []
        var expired: [WaitingCallers.Caller] = []
    }

    /// Stops leasing and opening connections until ``resume()``.
    package func pause() { self.shared.withLock { $0.machine.pause() } }

    /// Leases and opens connections again after a pause.
    package func resume() {
        self.carryOut(self.rearrange { $0.resume(now: .now) })
        self.schedule(at: .now)
    }

    /// Changes the limits for the number of connections.
    package func resize(minimum: Int, maximum: Int) {
        self.carryOut(self.rearrange { $0.resize(minimum: minimum, maximum: maximum, now: .now) })
        self.schedule(at: .now)
    }

    /// Closes idle connections now and leased ones when they are released, and waits for that.
    ///
    /// - Returns: Whether all were released within `limit`.
    package func replaceAll(within limit: Duration) async -> Bool {
        let leased = Mutex<Set<Machine.ConnectionID>>([])
        self.carryOut(
            self.rearrange { machine in
                let (action, onLoan) = machine.retireAll(now: .now)
                leased.withLock { $0 = onLoan }
                return action
            })
        self.schedule(at: .now)
        let onLoan = leased.withLock { $0 }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.untilGone(onLoan) }
            group.addTask {
                try? await Task.sleep(for: limit.bounded)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    func rearrange(_ change: (inout Machine) -> Machine.Rearrangement) -> Rearranged {
        self.shared.withLock { shared in
            let action = change(&shared.machine)
            var rearranged = Rearranged(close: action.close, connect: action.connect)
            for (waiter, id, connection, check) in action.handOff {
                guard let caller = shared.callers.remove(waiter) else { continue }
                rearranged.resume.append((caller, Lease(id: id, connection: connection), check))
            }
            rearranged.expired = self.takeExpired(&shared)
            return rearranged
        }
    }

    func carryOut(_ rearranged: Rearranged) {
        for (waiter, lease, check) in rearranged.resume { waiter.resume(returning: lease, check: check) }
        self.carryOut(Outcome(expired: rearranged.expired))
        for id in rearranged.connect { self.startConnecting(id) }
        self.close(rearranged.close)
    }

    // MARK: Waiting for connections to go

    private func untilGone(_ connections: Set<Machine.ConnectionID>) async -> Bool {
        let number = self.shared.withLock { shared in
            shared.nextDrain += 1
            return shared.nextDrain
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.shared.withLock { shared in
                    shared.drains[number] = Drain(connections: connections, continuation: continuation)
                }
                if Task.isCancelled { self.abandonDrain(number) } else { self.settleDrains() }
            }
        } onCancel: {
            self.abandonDrain(number)
        }
    }

    private func abandonDrain(_ number: Int) {
        self.shared.withLock { $0.drains.removeValue(forKey: number) }?.continuation.resume(returning: false)
    }

    /// Resumes the callers whose connections are all closed.
    func settleDrains() {
        let done = self.shared.withLock { shared -> [Drain] in
            guard !shared.drains.isEmpty else { return [] }
            let done = shared.drains.filter { _, drain in
                drain.connections.allSatisfy { shared.machine.entries[$0] == nil }
            }
            for number in done.keys { shared.drains[number] = nil }
            return Array(done.values)
        }
        for drain in done { drain.continuation.resume(returning: true) }
    }

    // MARK: Leases that last too long

    /// Records the call site of a lease, if leases are watched.
    func watched(_ lease: Lease, _ site: CallSite?) -> Lease {
        guard self.configuration.leakWarningAfter != nil, let site else { return lease }
        let due = self.shared.withLock { $0.watch?.leased(lease.id, to: site, now: .now) }
        if let due { self.schedule(at: due) }
        return lease
    }

    func report(_ late: (reports: [LeaseWatch<Machine.ConnectionID>.Report], next: ContinuousClock.Instant?)) {
        for report in late.reports {
            self.logger.warning(
                "A connection is leased for longer than leakWarningAfter",
                metadata: [
                    "code.location": "\(report.site)", "pool.connection": "\(report.id.number)",
                    "pool.held_for": "\(report.heldFor)",
                ])
        }
        if let next = late.next { self.schedule(at: next) }
    }

    func reportReturn(_ report: LeaseWatch<Machine.ConnectionID>.Report) {
        self.logger.info(
            "A connection that was leased for long was released",
            metadata: [
                "code.location": "\(report.site)", "pool.connection": "\(report.id.number)",
                "pool.held_for": "\(report.heldFor)",
            ])
    }
}
