//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import Secrets
import ServiceLifecycle
import Synchronization

extension LakebaseClientPool {
    /// Runs the clients until the task is cancelled or a graceful shutdown has drained them.
    ///
    /// A graceful shutdown leases no more clients and lets those that are leased release their connections. Call it once.
    public func run() async {
        let isFirst = self.shared.withLock { shared in
            defer { shared.hasRun = true }
            return !shared.hasRun
        }
        guard isFirst else {
            self.logger.error("LakebaseClientPool.run() was called twice; the second call does nothing")
            return
        }
        await withTaskCancellationOrGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                if let telemetry = self.telemetry { group.addTask { await telemetry.run { self.statistics } } }
                await self.performWork()
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            self.drain()
        }
        self.verifier.shutDown()
        // If the task was cancelled, the last work was not done. A client that never ran would keep its callers
        // waiting; in a cancelled task its `run()` rejects them and returns.
        let rest = self.shared.withLock { Array($0.entries.values) }
        await withTaskGroup(of: Void.self) { group in
            for entry in rest { group.addTask { await entry.client.run() } }
            group.cancelAll()
        }
    }

    /// Does the pool's work until a shutdown; the clients see the shutdown too, and drain.
    private func performWork() async {
        await withDiscardingTaskGroup { group in
            for await item in self.work { group.addTask { await self.perform(item) } }
        }
    }

    private func perform(_ item: Work) async {
        switch item {
        case .run(let id, let entry): await self.run(id, entry)
        case .tick(let instant):
            // In a shutdown no client waits for its idle timeout.
            try? await cancelWhenGracefulShutdown { try await Task.sleep(until: instant) }
            self.tick(scheduledFor: instant)
        }
    }

    private func run(_ id: Machine.SlotID, _ entry: Entry) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await entry.client.run() }
            group.addTask { for await _ in entry.life {} }
            await group.next()
            group.cancelAll()
        }
        self.closed(id)
    }

    private func drain() {
        let (waiters, idle) = self.shared.withLock { shared in
            (
                shared.machine.drain().compactMap { shared.waiters.removeValue(forKey: $0) },
                shared.machine.slots.compactMap { id, slot in
                    if case .idle = slot.state { shared.entries[id] } else { nil }
                }
            )
        }
        for waiter in waiters { waiter.continuation.resume(throwing: LakebaseError.usersShutDown()) }
        for entry in idle { entry.end.finish() }
        self.workContinuation.finish()
    }

    // MARK: Time

    func schedule(at instant: ContinuousClock.Instant) {
        let isNew = self.shared.withLock { shared in
            if let next = shared.nextTick, next <= instant { return false }
            shared.nextTick = instant
            return true
        }
        if isNew { self.workContinuation.yield(.tick(at: instant)) }
    }

    private func tick(scheduledFor instant: ContinuousClock.Instant) {
        let (entries, next) = self.shared.withLock { shared in
            if shared.nextTick == instant { shared.nextTick = nil }
            let action = shared.machine.tick(now: .now)
            shared.totals.idled += action.close.count
            return (action.close.compactMap { shared.entries[$0] }, action.next)
        }
        for entry in entries { entry.end.finish() }
        if let next { self.schedule(at: next) }
    }

    func snapshot(_ shared: borrowing Shared) -> LakebaseClientPool.Statistics {
        var statistics = LakebaseClientPool.Statistics(
            clients: shared.machine.slots.count, active: 0, idle: 0, closing: 0, waiting: shared.machine.waiting,
            connections: shared.entries.values.reduce(0) { $0 + $1.client.statistics.pool.size },
            totals: shared.totals)
        for slot in shared.machine.slots.values {
            switch slot.state {
            case .leased: statistics.active += 1
            case .idle: statistics.idle += 1
            case .closing: statistics.closing += 1
            }
        }
        return statistics
    }
}
