//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
package import Logging
import Synchronization

/// Leases connections: the thin shell around ``PoolStateMachine``.
///
/// Everything it starts runs inside of ``run()``: opening, closing and the clock are children of one task group, fed by
/// a stream of work.
package final class ConnectionPool: Sendable {
    typealias Machine = PoolStateMachine<PQConnection>

    /// A leased connection.
    ///
    /// Returned by ``ConnectionPool/release(_:reusable:)``.
    package struct Lease: Sendable {
        let id: Machine.ConnectionID
        package let connection: PQConnection
        /// When it was leased, if that is measured.
        var since: ContinuousClock.Instant?
    }

    enum Work: Sendable {
        case connect(Machine.ConnectionID)
        case close([PQConnection])
        case tick(at: ContinuousClock.Instant)
    }

    /// A liveness check that is running.
    enum LivenessCheck {
        case patient
        /// The caller's own deadline ends it early, so that a timeout says little about the other connections.
        case hurried
    }

    struct Shared {
        var machine: Machine
        /// The callers in line: each comes and goes with its place there, under one lock.
        var callers = WaitingCallers()
        var nextWaiter = 0
        /// The times of the ticks that are scheduled, each earlier than the one before it.
        var ticks: [ContinuousClock.Instant] = []
        /// Whether ``ConnectionPool/run()`` was called.
        var hasRun = false
        /// Whether ``ConnectionPool/run()`` is over.
        var hasEnded = false
        /// Whether the warning that `run()` was not called has been logged.
        var hasWarned = false
        /// Who holds which connection, if that is watched.
        var watch: LeaseWatch<Machine.ConnectionID>?
        /// The liveness checks that are running.
        var checks: [Machine.ConnectionID: LivenessCheck] = [:]
        /// Callers that wait until certain connections are closed.
        var drains: [Int: Drain] = [:]
        var nextDrain = 0
        /// Connections to close for which no task is left.
        var orphans: [PQConnection] = []
        var drainDeadline: ContinuousClock.Instant?
        var lastConnectError: (any Error)?
        var totals = PQPoolStatistics.Totals()
        /// How long one-shot statements take.
        var times: StatementTimes
        /// Whether the connections have an observer, which is to receive a statement in its caller's task once it has a
        /// connection.
        var isObserved = false
    }

    package let configuration: PQPoolConfiguration
    let logger: Logger
    let delegate: (any PQPoolDelegate)?
    /// The loops of the connections, where there are several.
    let eventLoops: PQEventLoopGroup?
    let shared: Mutex<Shared>
    private let work: AsyncStream<Work>
    private let workContinuation: AsyncStream<Work>.Continuation
    /// Opens one connection, with all its retries.
    private let open: @Sendable () async throws -> PQConnection
    /// The last error of an attempt to connect that is still being repeated.
    private let lastConnectError: @Sendable () -> (any Error)?
    /// Receives notifications over a connection that is none of the pool's.
    package let notifications: NotificationHub
    /// Converts a ``PQPoolError`` to the error that callers catch.
    let explain: @Sendable (PQPoolError) -> any Error

    /// Creates a pool.
    ///
    /// - Parameter configuration: Its limits.
    /// - Parameter delegate: Receives the pool's events.
    /// - Parameter logger: Gets warnings, and events at debug.
    /// - Parameter eventLoops: The loops of the connections: a caller on one of them gets an idle connection of that loop
    ///   first.
    /// - Parameter lastConnectError: The last error of an attempt to connect that is still being repeated.
    /// - Parameter explain: Converts the pool's own errors to those that callers catch.
    /// - Parameter open: Opens one connection, with all its retries.
    package init(
        configuration: PQPoolConfiguration, delegate: (any PQPoolDelegate)? = nil, logger: Logger,
        eventLoops: PQEventLoopGroup? = nil,
        lastConnectError: @escaping @Sendable () -> (any Error)? = { nil },
        explain: @escaping @Sendable (PQPoolError) -> any Error = { $0 },
        open: @escaping @Sendable () async throws -> PQConnection
    ) {
        self.delegate = delegate
        self.eventLoops = eventLoops.flatMap { $0.loops.count > 1 ? $0 : nil }
        self.explain = explain
        let configuration = configuration.bounded
        self.configuration = configuration
        self.logger = logger
        self.open = open
        self.lastConnectError = lastConnectError
        self.notifications = NotificationHub(logger: logger, open: open)
        var shared = Shared(
            machine: Machine(configuration: configuration),
            times: StatementTimes(limit: configuration.sharing.longestAverage))
        shared.watch = configuration.leakWarningAfter.map { LeaseWatch(limit: $0) }
        self.shared = Mutex(shared)
        (self.work, self.workContinuation) = AsyncStream.makeStream()
    }

    // MARK: Running

    /// Opens, closes and keeps time until the pool is shut down and empty, or the task is cancelled.
    ///
    /// When it returns every connection is closed, also those still leased.
    package func run() async {
        self.shared.withLock { $0.hasRun = true }
        self.schedule(at: .now)
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for await item in self.work {
                    group.addTask { await self.perform(item) }
                }
                group.cancelAll()
            }
        } onCancel: {
            self.abandon()
        }
        // The stream ends before the handler above when the task is cancelled, so its work was not taken any more.
        self.abandon()
        let orphans = self.shared.withLock { shared in
            defer { shared.orphans.removeAll() }
            return shared.orphans
        }
        for connection in orphans { await connection.close() }
        self.shared.withLock { $0.hasEnded = true }
    }

    /// Stops leasing, and ends ``run()`` once every leased connection is released, at the latest after the drain
    /// timeout.
    package func drain() {
        let deadline = ContinuousClock.now + self.configuration.drainTimeout
        // Callers that wait for the end of a pause were accepted and are served.
        let resumed = self.rearrange { $0.isPaused ? $0.resume(now: .now) : Machine.Rearrangement() }
        let (idle, drained) = self.shared.withLock { shared in
            shared.drainDeadline = deadline
            return (shared.machine.drain(), shared.machine.hasOnlyUnwantedAttempts)
        }
        self.reportChange()
        self.carryOut(resumed)
        self.close(idle)
        if drained { self.workContinuation.finish() } else { self.schedule(at: deadline) }
    }

    private func abandon() {
        let (connections, waiters) = self.shared.withLock { shared in
            let abandoned = shared.machine.abandon()
            return (abandoned.close, abandoned.waiters.compactMap { shared.callers.remove($0) })
        }
        self.reportChange()
        for waiter in waiters { waiter.resume(throwing: self.explain(PQPoolError(.shutDown, self.statistics))) }
        self.settleDrains()
        self.close(connections)
        self.workContinuation.finish()
    }

    /// Reports the counts, where there is a listener.
    func reportChange() {
        self.delegate?.statisticsChanged { self.statistics }
    }

    /// Closes connections in a task of ``run()``, or at its end when it accepts no more work.
    func close(_ connections: [PQConnection]) {
        guard !connections.isEmpty else { return }
        if case .terminated = self.workContinuation.yield(.close(connections)) {
            self.shared.withLock { $0.orphans += connections }
        }
    }

    private func perform(_ item: Work) async {
        switch item {
        case .connect(let id): await self.connect(id)
        case .close(let connections): for connection in connections { await connection.close() }
        case .tick(let instant):
            do { try await Task.sleep(until: instant) } catch { return }
            self.tick(scheduledFor: instant)
        }
    }

    // MARK: Opening and closing

    private func connect(_ id: Machine.ConnectionID) async {
        let begin = ContinuousClock.now
        do {
            let connection = try await self.open()
            self.delegate?.connectionOpened(id.number, after: begin.duration(to: .now))
            await connection.onClose { [weak self] in self?.closed(id, $0) }
            if self.configuration.sharingDepth > 1 {
                await connection.allowSharing { [weak self] in self?.sharedEnded(id, $0) }
            }
            self.connected(id, connection)
        } catch {
            self.delegate?.connectionFailed(error, after: begin.duration(to: .now))
            self.connectFailed(id, error)
        }
    }

    private func connected(_ id: Machine.ConnectionID, _ connection: PQConnection) {
        let now = ContinuousClock.now
        let age = self.configuration.maximumAge
        let retiresAt = now + age - age * Double.random(in: 0...0.1)
        let outcome = self.shared.withLock { shared in
            shared.totals.opened += 1
            shared.lastConnectError = nil
            if connection.configuration.queryObserver != nil { shared.isObserved = true }
            let action = shared.machine.connected(id, connection, retiresAt: retiresAt, now: now)
            var outcome = self.settle(id, action, &shared)
            outcome.expired = self.takeExpired(&shared)
            return outcome
        }
        self.carryOut(outcome)
        self.schedule(at: self.shared.withLock { $0.machine.dueAfterConnecting(retiresAt: retiresAt) })
    }

    private func connectFailed(_ id: Machine.ConnectionID, _ error: any Error) {
        let waiters = self.shared.withLock { shared in
            shared.totals.failedToOpen += 1
            shared.lastConnectError = error
            let waiters = shared.machine.connectFailed(id, isForLackOfRoom: Self.isForLackOfRoom(error), now: .now)
            return waiters.compactMap { shared.callers.remove($0) }
        }
        self.reportChange()
        self.logger.debug("A connection could not be opened", metadata: ["error": "\(error)"])
        for waiter in waiters { waiter.resume(throwing: error) }
        self.schedule(at: .now)
        self.finishIfDrained()
    }

    /// Whether the server has reached its connection limit, so that waiting for other sessions to close helps.
    private static func isForLackOfRoom(_ error: any Error) -> Bool {
        (error as? any SQLStateError)?.sqlState == .tooManyConnections
    }

    /// Handles the end of a connection: one that the pool closed, or one that it loses by this.
    private func closed(_ id: Machine.ConnectionID, _ error: PQError) {
        let (action, reason) = self.shared.withLock { shared in
            guard shared.machine.entries[id] != nil else {
                return (Machine.LossAction?.none, shared.machine.closing.removeValue(forKey: id) ?? .shutDown)
            }
            shared.totals.lost += 1
            switch shared.checks[id] {
            case .hurried:
                let action = shared.machine.release(id, reusable: false, now: .now)
                shared.machine.closing[id] = nil
                guard case .close(_, let connect) = action else {
                    return (shared.machine.lost(id, now: .now), .checkFailed)
                }
                return (Machine.LossAction(connect: connect), .checkFailed)
            case .patient: return (shared.machine.lost(id, now: .now), .checkFailed)
            case nil: return (shared.machine.lost(id, now: .now), PQPoolCloseReason.lost)
            }
        }
        self.delegate?.connectionClosed(id.number, reason, error: action == nil ? nil : error)
        guard let action else { return }
        self.reportChange()
        self.logger.debug(
            "A connection was lost", metadata: ["pool.drained": "\(action.close.count)"])
        self.close(action.close)
        if let connect = action.connect { self.workContinuation.yield(.connect(connect)) }
        self.schedule(at: .now)
        self.settleDrains()
        self.finishIfDrained()
    }

    // MARK: Time

    func schedule(at instant: ContinuousClock.Instant) {
        let isNew = self.shared.withLock { shared in
            if let earliest = shared.ticks.last, earliest <= instant { return false }
            shared.ticks.append(instant)
            return true
        }
        if isNew { self.workContinuation.yield(.tick(at: instant)) }
    }

    private func tick(scheduledFor instant: ContinuousClock.Instant) {
        let now = ContinuousClock.now
        let (action, timedOut, error, drainDeadline, late) = self.shared.withLock { shared in
            if let index = shared.ticks.lastIndex(of: instant) { shared.ticks.remove(at: index) }
            let action = shared.machine.tick(now: now)
            let waiters = action.timedOut.compactMap { shared.callers.remove($0) }
            shared.totals.timedOut += waiters.count
            let late = shared.watch?.late(now: now)
            return (action, waiters, self.timedOut(shared), shared.drainDeadline, late)
        }
        self.reportChange()
        if let late { self.report(late) }
        self.close(action.close)
        for id in action.connect { self.workContinuation.yield(.connect(id)) }
        for waiter in timedOut { waiter.resume(throwing: error) }
        if let next = action.next { self.schedule(at: max(next, now + .milliseconds(1))) }
        if let drainDeadline {
            if drainDeadline <= now { self.abandon() } else { self.schedule(at: drainDeadline) }
        }
        self.finishIfDrained()
    }

    func timedOut(_ shared: borrowing Shared) -> TimedOut {
        TimedOut(
            statistics: self.snapshot(shared), isRunning: shared.hasRun,
            lastError: shared.lastConnectError ?? self.lastConnectError())
    }

    /// Removes and returns the waiters that were passed over because their time was over.
    func takeExpired(_ shared: inout Shared) -> [WaitingCallers.Caller] {
        let expired = shared.machine.takeExpired()
        guard !expired.isEmpty else { return [] }
        shared.totals.timedOut += expired.count
        return expired.compactMap { shared.callers.remove($0) }
    }

    /// Ends ``run()`` when a shutdown has nothing left to wait for; attempts to connect, which can take long, are cancelled.
    func finishIfDrained() {
        if self.shared.withLock({ $0.machine.hasOnlyUnwantedAttempts }) { self.workContinuation.finish() }
    }

    // MARK: Carrying out what the machine decided

    /// The actions that remain after the lock is released.
    struct Outcome {
        var resume: (caller: WaitingCallers.Caller, lease: Lease, check: Bool)?
        /// Callers who are to send their statements on a shared connection themselves.
        var places: [SharedStatement] = []
        /// The connection of ``places``.
        var place: Lease?
        var close: PQConnection?
        var connect: Machine.ConnectionID?
        /// When the machine wants to be asked again at the latest.
        var tick: ContinuousClock.Instant?
        /// The waiters that were passed over because their time was over.
        var expired: [WaitingCallers.Caller] = []
    }

    func settle(_ id: Machine.ConnectionID, _ action: Machine.ReturnAction, _ shared: inout Shared) -> Outcome {
        switch action {
        case .handOff(let waiter, let connection, let check, let connect):
            // Waiters and callers come and go under one lock, so there is one.
            let caller = shared.callers.remove(waiter)
            return Outcome(
                resume: caller.map { ($0, Lease(id: id, connection: connection), check) }, connect: connect)
        case .share(let waiters, let connection, let connect):
            let sharers = shared.callers.removeSharers(waiters, at: .now)
            guard !shared.isObserved else {
                return Outcome(places: sharers, place: Lease(id: id, connection: connection), connect: connect)
            }
            // Under the lock, so that a caller who is cancelled is either in line, or on the connection before it is
            // looked for there.
            if !sharers.isEmpty { connection.submitShared(sharers) }
            return Outcome(connect: connect)
        case .park(let until):
            // This runs at each return of a connection: the timer is set only when it must be earlier.
            return Outcome(tick: shared.ticks.last.map { $0 <= until } ?? false ? nil : until)
        case .parkInstead(let old, let until):
            return Outcome(close: old, tick: until)
        case .close(let connection, let connect):
            // The minimum may have to be filled up.
            return Outcome(
                close: connection, connect: connect,
                tick: shared.machine.configuration.minimumConnections > 0 ? .now : nil)
        case .ignore:
            return Outcome()
        }
    }

    func carryOut(_ outcome: Outcome) {
        self.reportChange()
        if let resume = outcome.resume { resume.caller.resume(returning: resume.lease, check: resume.check) }
        if let place = outcome.place {
            for statement in outcome.places {
                statement.answer(.place(place.connection, number: place.id.number))
            }
        }
        if let connection = outcome.close {
            self.close([connection])
            self.settleDrains()
            self.finishIfDrained()
        }
        if !outcome.expired.isEmpty {
            let error = self.shared.withLock { self.timedOut($0) }
            for waiter in outcome.expired { waiter.resume(throwing: error) }
        }
        if let id = outcome.connect { self.startConnecting(id) }
        if let tick = outcome.tick { self.schedule(at: tick) }
    }

    func startConnecting(_ id: Machine.ConnectionID) { self.workContinuation.yield(.connect(id)) }
}
