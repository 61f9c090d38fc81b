//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime
import Databricks
import Secrets
import Synchronization

extension LakebaseClientPool {
    /// Leases a user's client, waiting in line if all places are taken.
    func acquire(_ request: ClientRequest) async throws -> Lease {
        let answer = self.shared.withLock { shared -> Result<(Lease, isNew: Bool), any Error>? in
            guard let answer = shared.machine.acquireNow(user: request.user.userName) else { return nil }
            return self.settle(answer, request, &shared).result
        }
        if let answer { return self.start(try answer.get()) }
        return try await self.waitInLine(request)
    }

    func release(_ lease: Lease) {
        let (entry, tick) = self.shared.withLock { shared -> (Entry?, ContinuousClock.Instant?) in
            switch shared.machine.release(lease.id, now: .now) {
            case .nothing: return (nil, nil)
            case .parked(let until): return (nil, until)
            case .close(let id):
                shared.totals.evicted += 1
                return (shared.entries[id], nil)
            }
        }
        entry?.end.finish()
        if let tick { self.schedule(at: tick) }
    }

    /// Handles the end of a client: its slot goes to the first waiter.
    func closed(_ id: Machine.SlotID) {
        var id = id
        while true {
            let (opening, result, waiters) = self.shared.withLock {
                shared -> (Machine.Opening?, Result<Entry, any Error>?, [Waiter]) in
                shared.entries[id] = nil
                guard let opening = shared.machine.closed(id) else { return (nil, nil, []) }
                let waiters = opening.waiters.compactMap { shared.waiters.removeValue(forKey: $0) }
                guard let first = waiters.first else { return (opening, nil, []) }
                let result = Result { try self.open(opening.slot, first.request, &shared) }
                if case .success = result { shared.totals.acquired += waiters.count }
                return (opening, result, waiters)
            }
            guard let opening, let result else { return }
            switch result {
            case .success(let entry):
                let lease = Lease(id: opening.slot, entry: entry)
                self.workContinuation.yield(.run(opening.slot, entry))
                for waiter in waiters {
                    entry.credentials.add(waiter.request.token)
                    waiter.continuation.resume(returning: lease)
                }
                return
            case .failure(let error):
                for waiter in waiters { waiter.continuation.resume(throwing: error) }
                id = opening.slot
            }
        }
    }

    // MARK: Waiting

    private func waitInLine(_ request: ClientRequest) async throws -> Lease {
        let id = self.shared.withLock { shared in
            shared.lastWaiter += 1
            return Machine.WaiterID(number: shared.lastWaiter)
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Task.sleep(for: self.configuration.acquireTimeout.bounded)
                self.timeOut(id, request.user.userName)
            }
            defer { group.cancelAll() }
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    self.enqueue(id, Waiter(continuation: continuation, request: request))
                }
            } onCancel: {
                self.remove(id, request.user.userName)?.continuation.resume(throwing: CancellationError())
            }
        }
    }

    /// Runs inside of the caller's task, so that a cancellation which came before is seen here and a later one finds the waiter.
    private func enqueue(_ id: Machine.WaiterID, _ waiter: Waiter) {
        let isCancelled = Task.isCancelled
        let settled = self.shared.withLock { shared -> Settled in
            if isCancelled { return Settled(result: .failure(CancellationError())) }
            let answer = shared.machine.acquire(id, user: waiter.request.user.userName)
            let settled = self.settle(answer, waiter.request, &shared)
            if settled.result == nil { shared.waiters[id] = waiter }
            return settled
        }
        settled.close?.end.finish()
        switch settled.result {
        case .success(let lease): waiter.continuation.resume(returning: self.start(lease))
        case .failure(let error): waiter.continuation.resume(throwing: error)
        case nil: break
        }
    }

    private func timeOut(_ id: Machine.WaiterID, _ user: String) {
        guard let waiter = self.remove(id, user) else { return }
        let error = self.shared.withLock { shared in
            shared.totals.timedOut += 1
            return LakebaseError.usersTimedOut(
                after: self.configuration.acquireTimeout, self.snapshot(shared), isRunning: shared.hasRun)
        }
        waiter.continuation.resume(throwing: error)
    }

    private func remove(_ id: Machine.WaiterID, _ user: String) -> Waiter? {
        self.shared.withLock { shared in
            shared.machine.cancel(id, user: user) ? shared.waiters.removeValue(forKey: id) : nil
        }
    }

    // MARK: Carrying out what the machine decided

    /// The actions that remain after the lock is released; without a result the caller waits.
    private struct Settled {
        var result: Result<(Lease, isNew: Bool), any Error>?
        var close: Entry?
    }

    private func settle(_ answer: Machine.Answer, _ request: ClientRequest, _ shared: inout Shared) -> Settled {
        switch answer {
        case .lease(let id):
            // Slots and entries come and go under one lock, so there is one.
            guard let entry = shared.entries[id] else {
                return Settled(result: .failure(LakebaseError.usersShutDown()))
            }
            shared.totals.acquired += 1
            return Settled(result: .success((Lease(id: id, entry: entry), isNew: false)))
        case .open(let id):
            do {
                let entry = try self.open(id, request, &shared)
                shared.totals.acquired += 1
                return Settled(result: .success((Lease(id: id, entry: entry), isNew: true)))
            } catch {
                _ = shared.machine.closed(id)
                return Settled(result: .failure(error))
            }
        case .wait(let close):
            if close != nil { shared.totals.evicted += 1 }
            return Settled(close: close.flatMap { shared.entries[$0] })
        case .reject(.shutDown):
            return Settled(result: .failure(LakebaseError.usersShutDown()))
        case .reject(.queueFull):
            shared.totals.refused += 1
            return Settled(result: .failure(LakebaseError.usersQueueFull(self.snapshot(shared))))
        }
    }

    private func start(_ lease: (Lease, isNew: Bool)) -> Lease {
        if lease.isNew { self.workContinuation.yield(.run(lease.0.id, lease.0.entry)) }
        return lease.0
    }

    /// Makes a user's client; it connects when it is first used.
    private func open(_ id: Machine.SlotID, _ request: ClientRequest, _ shared: inout Shared) throws -> Entry {
        var configuration = self.clientConfiguration
        switch request.place.credentialScope {
        case .endpoint(let name): configuration.target = .autoscaling(endpoint: name, host: request.place.host)
        case .instance(let name): configuration.target = .provisioned(instance: name, host: request.place.host)
        }
        // The host was checked with the app's own rights.
        configuration.allowsOtherHosts = true
        configuration.username = request.user.userName
        configuration.pool = self.configuration.pool
        configuration.workspace = self.workspace
        configuration.notes = []
        // Many clients under one name would overwrite each other; their sum is reported instead.
        configuration.telemetry.measuresPool = false
        configuration.telemetry.measuresCredentials = false
        let credentials = ForwardedTokenCredentials(request.token)
        let workspace = WorkspaceClient(
            configuration: self.workspace, credentials: credentials, retryPolicy: .forLogins, logger: self.logger)
        let client = try LakebaseClient(
            configuration: configuration, workspace: workspace, eventLoops: self.eventLoops, logger: self.logger)
        let (life, end) = AsyncStream<Never>.makeStream()
        let entry = Entry(client: client, credentials: credentials, life: life, end: end)
        shared.entries[id] = entry
        shared.totals.opened += 1
        return entry
    }
}
