//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import LocalGround
package import Logging
import Secrets

/// An endpoint's compute: a PostgreSQL server that starts with the first login and stops when it is idle.
///
/// ``ComputeLifecycle`` decides; this carries it out.
package actor Compute {
    /// A login's access to the running server.
    package struct Lease: Sendable {
        /// The server's Unix socket.
        package var socketPath: String
        /// The connection for looking up roles; `nil` once the server is stopping.
        package var administration: ComputeAdministration?
    }

    /// The properties and settings of a compute.
    package struct Settings: Sendable {
        package var endpoint: String
        package var launch: PostgresServer.Launch
        /// The idle time after which it is suspended; `nil` for never.
        package var suspendAfter: Duration?
        package var wakeDelay: Duration

        package init(
            endpoint: String, launch: PostgresServer.Launch, suspendAfter: Duration? = nil, wakeDelay: Duration
        ) {
            self.endpoint = endpoint
            self.launch = launch
            self.suspendAfter = suspendAfter
            self.wakeDelay = wakeDelay
        }
    }

    /// Callbacks around the server's run.
    package struct Hooks: Sendable {
        /// When the server is about to be started, also where the start fails later.
        package var willStart: (@Sendable () -> Void)?
        /// Called before the server starts; it does not start if this throws.
        package var beforeStart: (@Sendable () async throws -> Void)?
        /// Called with the server that is about to be stopped, while it still works.
        package var beforeSleep: (@Sendable (ComputeAdministration) async -> Void)?

        package init(
            willStart: (@Sendable () -> Void)? = nil, beforeStart: (@Sendable () async throws -> Void)? = nil,
            beforeSleep: (@Sendable (ComputeAdministration) async -> Void)? = nil
        ) {
            self.willStart = willStart
            self.beforeStart = beforeStart
            self.beforeSleep = beforeSleep
        }
    }

    package nonisolated let activity = ActivityClock()
    /// The folder of the server's socket.
    nonisolated let socketFolder: String
    /// The password of the server's superuser.
    private nonisolated let administratorPassword: Secret
    private var settings: Settings
    private let logger: Logger
    private let hooks: Hooks
    private let items: AsyncStream<Work>
    private let workContinuation: AsyncStream<Work>.Continuation

    private var lifecycle: ComputeLifecycle
    private var server: PostgresServer?
    private var administration: ComputeAdministration?
    private var waiters: [ComputeLifecycle.Waiter: CheckedContinuation<Lease, any Error>] = [:]
    private var nextWaiter = 0
    private var observers:
        [Int: (wanted: Set<ComputeLifecycle.Phase>, continuation: CheckedContinuation<Void, Never>)] =
            [:]
    private var nextObserver = 0

    private enum Work {
        case start
        case timer(ContinuousClock.Instant)
        case countBackends
        case stop
    }

    /// Creates a suspended compute.
    package init(settings: Settings, logger: Logger, hooks: Hooks = Hooks()) {
        self.hooks = hooks
        self.settings = settings
        self.socketFolder = settings.launch.socketFolder
        self.administratorPassword = settings.launch.cluster.administratorPassword
        var logger = logger
        logger[metadataKey: "lakebase.endpoint"] = "\(settings.endpoint)"
        self.logger = logger
        self.lifecycle = ComputeLifecycle(suspendAfter: settings.suspendAfter)
        (self.items, self.workContinuation) = AsyncStream.makeStream(of: Work.self)
    }

    /// The phase of the compute.
    package var phase: ComputeLifecycle.Phase { self.lifecycle.phase }

    /// The error of the server's last unexpected end.
    var lastError: String? { self.lifecycle.lastError }

    /// The running server's process id, for tests that kill it.
    package var serverProcessID: Int32? {
        self.server == nil ? nil : PostmasterFile.read(dataFolder: self.settings.launch.cluster.dataFolder)?.processID
    }

    /// The connection to the server, while it runs.
    package var openAdministration: ComputeAdministration? { self.administration }

    /// Performs the lifecycle's actions, until ``shutdown()`` has stopped the server.
    ///
    /// Cancelling the task is a shutdown: the server gets its time to stop either way.
    func run() async {
        // A task of its own, because stopping a server takes steps that must not be cancelled themselves.
        let working = Task { await self.work() }
        await withTaskCancellationHandler {
            await working.value
        } onCancel: {
            Task { await self.shutdown() }
        }
    }

    private func work() async {
        await withDiscardingTaskGroup { group in
            for await item in self.items {
                group.addTask { await self.carryOut(item) }
            }
            // Nothing is left but timers.
            group.cancelAll()
        }
    }

    /// Connects to the running server as its superuser.
    package nonisolated func administrate(logger: Logger) async throws -> ComputeAdministration {
        try await ComputeAdministration.connect(
            socketFolder: self.socketFolder, password: self.administratorPassword, logger: logger
        )
    }

    /// Wakes the compute if it is suspended, and waits until it accepts a session.
    package func login() async throws -> Lease {
        let waiter = self.nextWaiter
        self.nextWaiter += 1
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                    return
                }
                self.waiters[waiter] = continuation
                self.handle(.login(waiter))
            }
        } onCancel: {
            Task { await self.cancel(waiter) }
        }
    }

    /// Suspends the compute now; its sessions end.
    package func suspend() { self.handle(.suspendRequested) }

    /// Suspends the compute, also while it is starting; returns when no server runs.
    package func quiesce() async {
        while !Task.isCancelled {
            switch self.lifecycle.phase {
            case .idle, .stopped: return
            case .active: self.handle(.suspendRequested)
            case .starting, .suspending: await self.wait(for: [.idle, .active, .stopped])
            }
        }
    }

    /// Prevents an idle compute from starting; false if it is not idle.
    func hold() -> Bool {
        self.handle(.hold)
        return self.lifecycle.isHeld
    }

    /// Ends a hold.
    func release() { self.handle(.release(.now)) }

    /// Applies other settings: the suspend delay at once, PostgreSQL's own settings at its next start.
    package func reconfigure(suspendAfter: Duration?, parameters: [(name: String, value: String)]) {
        self.settings.suspendAfter = suspendAfter
        self.settings.launch.settings = parameters
        self.handle(.suspendAfter(suspendAfter, .now))
    }

    /// Shuts the compute down; ``run()`` returns when the server has ended.
    func shutdown() { self.handle(.shutdown) }

    /// Waits until the compute is in that phase.
    package func wait(for phase: ComputeLifecycle.Phase) async { await self.wait(for: [phase]) }

    /// Waits until the compute is in one of those phases.
    func wait(for phases: Set<ComputeLifecycle.Phase>) async {
        if phases.contains(self.lifecycle.phase) { return }
        let observer = self.nextObserver
        self.nextObserver += 1
        await withTaskCancellationHandler {
            await withCheckedContinuation { self.observers[observer] = (phases, $0) }
        } onCancel: {
            Task { await self.stopObserving(observer) }
        }
    }

    private func stopObserving(_ observer: Int) {
        self.observers.removeValue(forKey: observer)?.continuation.resume()
    }

    private func cancel(_ waiter: ComputeLifecycle.Waiter) {
        guard let continuation = self.waiters.removeValue(forKey: waiter) else { return }
        self.handle(.cancelled(waiter))
        continuation.resume(throwing: CancellationError())
    }

    private func handle(_ event: ComputeLifecycle.Event) {
        let before = self.lifecycle.phase
        let actions = self.lifecycle.handle(event)
        let phase = self.lifecycle.phase
        if before != phase {
            self.logger.debug("Compute changed state", metadata: ["lakebase.compute.state": "\(phase)"])
        }
        for action in actions { self.perform(action) }
        for (observer, (wanted, continuation)) in self.observers where wanted.contains(phase) {
            self.observers[observer] = nil
            continuation.resume()
        }
    }

    private func perform(_ action: ComputeLifecycle.Action) {
        switch action {
        case .start: self.workContinuation.yield(.start)
        case .setTimer(let instant): self.workContinuation.yield(.timer(instant))
        case .countBackends: self.workContinuation.yield(.countBackends)
        case .stop: self.workContinuation.yield(.stop)
        case .finished: self.workContinuation.finish()
        case .resume(let waiter):
            self.activity.touch()
            let lease = Lease(
                socketPath: "\(self.settings.launch.socketFolder)/.s.PGSQL.\(PostgresServer.port)",
                administration: self.administration
            )
            self.waiters.removeValue(forKey: waiter)?.resume(returning: lease)
        case .fail(let waiter, let failure):
            self.waiters.removeValue(forKey: waiter)?.resume(throwing: failure)
        }
    }

    private func carryOut(_ work: Work) async {
        switch work {
        case .start: await self.start()
        case .timer(let instant):
            // At the end of the run nothing waits for a timer any more.
            if (try? await Task.sleep(until: instant, clock: .continuous)) != nil {
                self.handle(.timer(.now, lastActivity: self.activity.last))
            }
        case .countBackends: await self.countBackends()
        case .stop: await self.stop()
        }
    }

    private func start() async {
        if self.settings.wakeDelay > .zero { try? await Task.sleep(for: self.settings.wakeDelay) }
        self.hooks.willStart?()
        do {
            try await self.hooks.beforeStart?()
            let server = try await PostgresServer.start(self.settings.launch, logger: self.logger)
            do {
                self.administration = try await self.administrate(logger: self.logger)
            } catch {
                await server.stop()
                throw ComputeLifecycle.Failure(description: "PostgreSQL started and refused its superuser: \(error)")
            }
            self.server = server
            self.handle(.started(.now))
            // Until the server's end, in this child task: whatever ends it, this is where it is noticed.
            let exit = await server.exit()
            self.server = nil
            await self.administration?.close()
            self.administration = nil
            self.handle(.exited("PostgreSQL ended with \(exit)"))
        } catch let failure as ComputeLifecycle.Failure {
            self.logger.debug(
                "Compute did not start", metadata: ["lakebase.error": "\("\(failure)".escapedForLog(limit: 2_000))"])
            self.handle(.startFailed(failure))
        } catch {
            self.handle(.startFailed(.init(description: "\(error)")))
        }
    }

    private func countBackends() async {
        // A server that does not answer is kept: better awake for nothing than asleep in the middle of something.
        let busy = self.activity.pins > 0 ? 1 : (try? await self.administration?.busySessions()) ?? 1
        self.handle(.backendsCounted(busy, .now, lastActivity: self.activity.last))
    }

    private func stop() async {
        let last = self.administration
        self.administration = nil
        // A server that answers nothing any more is stopped all the same; then the look at it ends, too.
        let look = Task { [hooks] in if let last { await hooks.beforeSleep?(last) } }
        let isOver = await Self.finishes(look, within: .seconds(2))
        if isOver { await last?.close() }
        await self.server?.stop()
        if !isOver {
            await look.value
            await last?.close()
        }
    }

    /// Waits for a task, with a limit; returns whether it has ended.
    private static func finishes(_ task: Task<Void, Never>, within limit: Duration) async -> Bool {
        let end = AsyncPromise<Bool>()
        let timer = Task {
            await Uncancelled.sleep(for: limit)
            end.succeed(false)
        }
        let waiting = Task {
            await task.value
            end.succeed(true)
        }
        defer {
            timer.cancel()
            waiting.cancel()
        }
        return (try? await end.value()) ?? false
    }
}
