//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalGround
import LocalPostgres
import LocalWorkspace
import Logging
import Secrets

/// The resources of the workspace with everything behind them: records, folders, servers and addresses.
///
/// ``WorkspaceState`` decides; this type stores its decision, carries out the remaining work, and stores the result. A
/// request is answered when its decision is on disk.
actor ResourceService {
    /// The parts that the service uses.
    struct Parts: Sendable {
        var store: ResourceStore
        var fleet: ComputeFleet
        var listeners: EndpointListeners
        var workshop: DataDirectoryManager
        var suspendAfter: Duration
        var wakeDelay: Duration
        /// The minimum duration of an operation.
        var operationDelay: Duration
        var counters: LocalCounters
        var logger: Logger
    }

    private enum Job: Sendable {
        case operation(OperationRecord, isResumed: Bool)
        /// Checks for resources that have expired at that time.
        case tick(Date)
        case measure(uid: String, folder: String)
    }

    let parts: Parts
    private let system: LocalIdentity
    private var inventory: WorkspaceState
    private var sizes: [String: Int64] = [:]
    /// The operations that are not done, for callers that wait for them.
    private var pending: [String: AsyncPromise<OperationRecord>] = [:]
    private var nextTick = Date.distantFuture
    /// The requested versions of PostgreSQL that are not installed.
    private var missingVersions: Set<Int64> = []
    /// The number of operations that have ended since old ones were removed.
    private var ended = 0
    private let jobs: AsyncStream<Job>
    private let continuation: AsyncStream<Job>.Continuation

    /// Creates the service with the resources that were read from the store.
    ///
    /// - Parameter system: In whose name the workspace itself removes what has ended.
    init(parts: Parts, inventory: WorkspaceState, system: LocalIdentity) {
        self.parts = parts
        self.inventory = inventory
        self.system = system
        (self.jobs, self.continuation) = AsyncStream.makeStream(of: Job.self)
    }

    /// The current resources, in the terms of the APIs.
    var view: ResourceView {
        ResourceView(inventory: self.inventory, suspendAfter: self.parts.suspendAfter, sizes: self.sizes)
    }

    // MARK: Requests

    /// Decides about a request and begins to carry it out.
    ///
    /// - Throws: `APIFailure` for a refusal.
    func apply(_ event: ResourceEvent, by caller: LocalIdentity) throws -> OperationRecord {
        var next = self.inventory
        var context = WorkspaceState.Context(
            now: Self.now, caller: caller, postgresMajors: self.parts.workshop.servers.majors,
            names: NameSource(seed: .random(in: 0 ... .max))
        )
        let operation = try next.handle(event, &context)
        // A few rows and one write to disk, on the actor: decisions are written in the order they are made.
        try self.parts.store.save(from: self.inventory, to: next)
        // What it replaces is removed by an operation of its own.
        let others = next.operations.filter { self.inventory.operations[$0.key] == nil && $0.key != operation.name }
        self.inventory = next
        if case .createProject(_, let body) = event { self.tellOfOtherVersion(body.spec?.pgVersion) }
        for other in others.values { self.begin(other, isResumed: false) }
        self.begin(operation, isResumed: false)
        self.scheduleTick()
        return operation
    }

    /// Logs once for each requested version that is not installed which version is used instead.
    private func tellOfOtherVersion(_ wanted: Int64?) {
        let servers = self.parts.workshop.servers
        guard let wanted, !servers.majors.contains(where: { Int64($0) == wanted }),
            self.missingVersions.insert(wanted).inserted
        else { return }
        self.parts.logger.warning(
            "PostgreSQL \(wanted) is not installed; projects that ask for it run on \(servers.newest.version)",
            metadata: ["lakebase.remedy": "install it, or name its folder: lakebase dev --postgres DIR"])
    }

    /// An operation by its name; an operation in progress gets a moment to finish.
    func operation(named name: String, patience: Duration) async throws -> OperationRecord {
        guard self.pending[name] != nil else {
            guard let operation = try self.parts.store.operation(named: name) else {
                throw APIFailure.notFound("operation not found")
            }
            return operation
        }
        if let done = await self.end(of: name, within: patience) { return done }
        guard let operation = try self.inventory.operations[name] ?? self.parts.store.operation(named: name) else {
            throw APIFailure.notFound("operation not found")
        }
        return operation
    }

    /// Waits for the end of an operation; `nil` if it takes longer.
    func end(of name: String, within limit: Duration) async -> OperationRecord? {
        guard let pending = self.pending[name] else { return try? self.parts.store.operation(named: name) }
        return await withTaskGroup(of: OperationRecord?.self) { group in
            group.addTask { try? await pending.value() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    /// The password that was created for a role.
    func password(ofRole name: String) throws -> Secret {
        let role = try self.inventory.role(name)
        guard role.login == .password else {
            throw APIFailure(400, "BAD_REQUEST", "role does not log in with a password")
        }
        guard !self.inventory.isChanging(name) else {
            throw APIFailure(409, "ABORTED", "\(name) is under reconciliation; wait for it and try again.")
        }
        guard let password = try self.parts.store.password(ofRole: name) else {
            throw APIFailure(400, "BAD_REQUEST", "the role was made by SQL; its password is known to who made it")
        }
        return password
    }

    // MARK: Running

    /// Opens the endpoints of all branches, and continues operations that an earlier run has not finished.
    func open() async throws {
        try self.parts.workshop.sweep(keeping: self.inventory)
        self.pruneOperations()
        let ready = self.inventory.branches.values.filter { $0.state == .ready }.sorted { $0.name < $1.name }
        for branch in ready {
            guard !branch.isDeleted, self.inventory.projects[branch.project]?.deleteTime == nil else { continue }
            try await self.openBranch(branch.name)
        }
        for operation in self.inventory.operations.values.sorted(by: { $0.createTime < $1.createTime }) {
            self.begin(operation, isResumed: true)
        }
        for branch in ready { self.continuation.yield(.measure(uid: branch.uid, folder: branch.folder)) }
        self.scheduleTick()
    }

    /// Carries out operations until the task is cancelled.
    ///
    /// Interrupted operations are resumed at the next start.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in self.jobs {
                group.addTask { await self.carryOut(job) }
            }
            group.cancelAll()
        }
    }

    private func begin(_ operation: OperationRecord, isResumed: Bool) {
        self.pending[operation.name] = AsyncPromise()
        self.parts.listeners.directory.update(from: self.inventory)
        self.continuation.yield(.operation(operation, isResumed: isResumed))
    }

    private func carryOut(_ job: Job) async {
        switch job {
        case .operation(let operation, let isResumed): await self.carryOut(operation, isResumed: isResumed)
        case .tick(let date):
            // At most a minute at a time: a machine that slept has a clock that jumped.
            let delay = min(max(0, date.timeIntervalSinceNow), 60)
            // A timer that was replaced by an earlier one is dropped.
            guard (try? await Task.sleep(for: .seconds(delay))) != nil, date == self.nextTick else { return }
            self.tick()
        case .measure(let uid, let folder):
            self.note(size: await ClusterCopy.size(of: self.parts.workshop.folder(folder) + "/data"), of: uid)
        }
    }

    private func carryOut(_ operation: OperationRecord, isResumed: Bool) async {
        let started = ContinuousClock.now
        var failure: OperationRecord.Failure?
        do {
            try await self.perform(operation.work, isResumed: isResumed)
        } catch {
            // Work that was interrupted by the end of this run is not a failure.
            if Task.isCancelled { return }
            failure = .init(error)
            self.parts.logger.debug(
                "Operation failed",
                metadata: [
                    "lakebase.operation": "\(operation.name)",
                    "lakebase.error": "\("\(error)".escapedForLog(limit: 2_000))",
                ]
            )
            await self.discard(operation.work)
        }
        let rest = self.parts.operationDelay - (ContinuousClock.now - started)
        if rest > .zero, (try? await Task.sleep(for: rest)) == nil { return }
        await self.finish(operation, failure)
    }

    private func finish(_ operation: OperationRecord, _ failure: OperationRecord.Failure?) async {
        let phase = await self.phase(ofEndpoint: operation.target)
        var next = self.inventory
        guard var done = next.complete(operation.name, failure: failure, at: Self.now) else { return }
        let view = ResourceView(inventory: next, suspendAfter: self.parts.suspendAfter, sizes: self.sizes)
        done.response = operation.work.isDeletion ? OperationRecord.empty : view.json(of: done.target, phase: phase)
        do {
            try self.parts.store.save(from: self.inventory, to: next, finished: done)
        } catch {
            // Callers see it in progress; it is resumed at the next start.
            self.parts.logger.error(
                "The end of an operation cannot be written", metadata: ["lakebase.operation": "\(operation.name)"]
            )
            return
        }
        self.inventory = next
        self.parts.listeners.directory.update(from: next)
        self.pending.removeValue(forKey: operation.name)?.succeed(done)
        self.ended += 1
        if self.ended >= 50 { self.pruneOperations() }
    }

    private func pruneOperations() {
        self.ended = 0
        do {
            try self.parts.store.pruneOperations(now: Self.now)
        } catch {
            self.parts.logger.debug(
                "Old operations are kept", metadata: ["lakebase.error": "\("\(error)".escapedForLog(limit: 2_000))"])
        }
    }

    // MARK: Ends

    private func scheduleTick() {
        guard let first = self.inventory.deadlines.first?.time, first < self.nextTick else { return }
        self.nextTick = first
        self.continuation.yield(.tick(first))
    }

    private func tick() {
        self.nextTick = .distantFuture
        let now = Self.now
        for deadline in self.inventory.deadlines where deadline.time <= now {
            // A directory in use is tried again.
            if (try? self.apply(.expire(deadline.name), by: self.system)) == nil {
                self.nextTick = now.addingTimeInterval(1)
            }
        }
        if self.nextTick != .distantFuture { self.continuation.yield(.tick(self.nextTick)) }
        self.scheduleTick()
    }

    // MARK: For the work

    /// Changes records in the middle of an operation.
    func change(_ body: (inout WorkspaceState) -> Void) throws {
        var next = self.inventory
        body(&next)
        guard next != self.inventory else { return }
        try self.parts.store.save(from: self.inventory, to: next)
        self.inventory = next
        self.parts.listeners.directory.update(from: next)
    }

    func note(size: Int64, of uid: String) { self.sizes[uid] = size }

    /// The time in whole milliseconds, which the store keeps.
    static var now: Date {
        Date(timeIntervalSince1970: (Date().timeIntervalSince1970 * 1000).rounded(.down) / 1000)
    }
}

extension ResourceView {
    /// A resource as JSON, by its name.
    func json(of name: String, phase: ComputePhase) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        let data: Data?
        if let record = self.inventory.endpoints[name] {
            data = try? encoder.encode(self.endpoint(record, phase: phase, lastActive: nil))
        } else if let record = self.inventory.branches[name] {
            data = try? encoder.encode(self.branch(record))
        } else if let record = self.inventory.roles[name] {
            data = try? encoder.encode(self.role(record))
        } else if let record = self.inventory.databases[name] {
            data = try? encoder.encode(self.database(record))
        } else if let record = self.inventory.projects[ResourceName.projectID(of: name)] {
            data = try? encoder.encode(self.project(record))
        } else {
            data = nil
        }
        return data.map { String(decoding: $0, as: UTF8.self) } ?? OperationRecord.empty
    }
}
