//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import LocalGround

/// Decides when an endpoint's compute starts and stops: events in, actions out, no clock and no processes.
///
/// ```
/// idle ──login──▶ starting ──▶ active ──quiet──▶ suspending ──▶ idle
///   ▲                 │           │                   └─ with waiters ─▶ starting
///   └──── failed ─────┴── crash ──┘
/// ```
///
/// An idle compute can be held, so that its files stay as they are while they are copied; logins wait meanwhile.
package struct ComputeLifecycle: Sendable {
    typealias Instant = ContinuousClock.Instant
    typealias Waiter = Int

    /// The reason why a login cannot use the compute.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package var description: String

        package init(description: String) {
            self.description = description
        }
    }

    /// An event in the life of the compute.
    enum Event: Equatable {
        /// A login needs the compute.
        case login(Waiter)
        /// A waiting login was cancelled.
        case cancelled(Waiter)
        /// The server accepts sessions.
        case started(Instant)
        /// The server did not start.
        case startFailed(Failure)
        /// The requested timer has fired; `lastActivity` is the last time at which a session moved bytes.
        case timer(Instant, lastActivity: Instant)
        /// The server has reported how many of its sessions are busy.
        case backendsCounted(Int, Instant, lastActivity: Instant)
        /// The server has ended, for any reason.
        case exited(String)
        /// The compute is to be suspended now, whatever its sessions do.
        case suspendRequested
        /// The compute must not start, if it does not run.
        case hold
        /// One hold has ended.
        case release(Instant)
        /// Another suspend delay, or none.
        case suspendAfter(Duration?, Instant)
        /// No more logins are accepted; the server has to stop.
        case shutdown
    }

    /// An action for the shell.
    enum Action: Equatable {
        case start
        case resume(Waiter)
        case fail(Waiter, Failure)
        case setTimer(Instant)
        case countBackends
        case stop
        case finished
    }

    package typealias Phase = ComputePhase

    private enum State {
        case idle
        /// No server runs, and none may start before this many holds have ended.
        case held(count: Int, waiters: [Waiter])
        case starting(waiters: [Waiter])
        case active(since: Instant)
        case suspending(waiters: [Waiter])
        /// The compute is shutting down while the server still starts or stops.
        case ending
        case stopped
    }

    /// The idle time after which the server stops; `nil` for never.
    private var suspendAfter: Duration?
    private var state = State.idle
    /// The error of the server's last unexpected end.
    private(set) var lastError: String?

    init(suspendAfter: Duration?) { self.suspendAfter = suspendAfter }

    /// Whether the files do not change.
    var isHeld: Bool {
        if case .held = self.state { true } else { false }
    }

    var phase: Phase {
        switch self.state {
        case .idle, .held: .idle
        case .starting: .starting
        case .active: .active
        case .suspending, .ending: .suspending
        case .stopped: .stopped
        }
    }

    mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .login(let waiter): self.login(waiter)
        case .cancelled(let waiter): self.cancelled(waiter)
        case .started(let now): self.started(now)
        case .startFailed(let failure): self.startFailed(failure)
        case .timer(let now, let lastActivity): self.timer(now, lastActivity)
        case .backendsCounted(let busy, let now, let last): self.backendsCounted(busy, now, last)
        case .exited(let how): self.exited(how)
        case .suspendRequested: self.suspendRequested()
        case .hold: self.hold()
        case .release(let now): self.release(now)
        case .suspendAfter(let delay, let now): self.changeDelay(delay, now)
        case .shutdown: self.shutdown()
        }
    }

    private mutating func login(_ waiter: Waiter) -> [Action] {
        switch self.state {
        case .idle:
            self.state = .starting(waiters: [waiter])
            return [.start]
        case .held(let count, let waiters):
            self.state = .held(count: count, waiters: waiters + [waiter])
            return []
        case .starting(let waiters):
            self.state = .starting(waiters: waiters + [waiter])
            return []
        case .active:
            return [.resume(waiter)]
        case .suspending(let waiters):
            self.state = .suspending(waiters: waiters + [waiter])
            return []
        case .ending, .stopped:
            return [.fail(waiter, Self.shuttingDown)]
        }
    }

    private mutating func cancelled(_ waiter: Waiter) -> [Action] {
        switch self.state {
        case .starting(let waiters):
            // The start continues: the client that gave up is likely to retry.
            self.state = .starting(waiters: waiters.filter { $0 != waiter })
        case .suspending(let waiters):
            self.state = .suspending(waiters: waiters.filter { $0 != waiter })
        case .held(let count, let waiters):
            self.state = .held(count: count, waiters: waiters.filter { $0 != waiter })
        case .idle, .active, .ending, .stopped:
            break
        }
        return []
    }

    private mutating func started(_ now: Instant) -> [Action] {
        switch self.state {
        case .starting(let waiters):
            self.lastError = nil
            self.state = .active(since: now)
            return waiters.map { .resume($0) } + self.timer(from: now)
        case .ending:
            return [.stop]
        case .idle, .held, .active, .suspending, .stopped:
            return []
        }
    }

    private mutating func startFailed(_ failure: Failure) -> [Action] {
        self.lastError = failure.description
        switch self.state {
        case .starting(let waiters):
            self.state = .idle
            return waiters.map { .fail($0, failure) }
        case .ending:
            self.state = .stopped
            return [.finished]
        case .idle, .held, .active, .suspending, .stopped:
            return []
        }
    }

    /// The time until which the compute has to be idle; `nil` if it is never suspended.
    private func quietUntil(_ since: Instant, _ lastActivity: Instant) -> Instant? {
        self.suspendAfter.map { max(since, lastActivity) + $0 }
    }

    private func timer(from now: Instant) -> [Action] {
        self.suspendAfter.map { [.setTimer(now + $0)] } ?? []
    }

    private mutating func timer(_ now: Instant, _ lastActivity: Instant) -> [Action] {
        guard case .active(let since) = self.state else { return [] }
        guard let deadline = self.quietUntil(since, lastActivity) else { return [] }
        return deadline <= now ? [.countBackends] : [.setTimer(deadline)]
    }

    private mutating func backendsCounted(_ busy: Int, _ now: Instant, _ lastActivity: Instant) -> [Action] {
        guard case .active(let since) = self.state else { return [] }
        if busy > 0 {
            // A statement at work or an open transaction counts as activity at this moment.
            self.state = .active(since: now)
            return self.timer(from: now)
        }
        guard let deadline = self.quietUntil(since, lastActivity) else { return [] }
        if deadline > now { return [.setTimer(deadline)] }
        self.state = .suspending(waiters: [])
        return [.stop]
    }

    private mutating func exited(_ how: String) -> [Action] {
        switch self.state {
        case .active:
            self.lastError = how
            self.state = .idle
            return []
        case .suspending(let waiters):
            self.state = waiters.isEmpty ? .idle : .starting(waiters: waiters)
            return waiters.isEmpty ? [] : [.start]
        case .ending:
            self.state = .stopped
            return [.finished]
        case .idle, .held, .starting, .stopped:
            return []
        }
    }

    private mutating func suspendRequested() -> [Action] {
        guard case .active = self.state else { return [] }
        self.state = .suspending(waiters: [])
        return [.stop]
    }

    private mutating func hold() -> [Action] {
        switch self.state {
        case .idle: self.state = .held(count: 1, waiters: [])
        case .held(let count, let waiters): self.state = .held(count: count + 1, waiters: waiters)
        case .starting, .active, .suspending, .ending, .stopped: break
        }
        return []
    }

    private mutating func release(_ now: Instant) -> [Action] {
        guard case .held(let count, let waiters) = self.state else { return [] }
        if count > 1 {
            self.state = .held(count: count - 1, waiters: waiters)
            return []
        }
        self.state = waiters.isEmpty ? .idle : .starting(waiters: waiters)
        return waiters.isEmpty ? [] : [.start]
    }

    private mutating func changeDelay(_ delay: Duration?, _ now: Instant) -> [Action] {
        guard delay != self.suspendAfter else { return [] }
        self.suspendAfter = delay
        guard case .active = self.state else { return [] }
        return self.timer(from: now)
    }

    private mutating func shutdown() -> [Action] {
        switch self.state {
        case .idle:
            self.state = .stopped
            return [.finished]
        case .held(_, let waiters):
            self.state = .stopped
            return waiters.map { .fail($0, Self.shuttingDown) } + [.finished]
        case .starting(let waiters), .suspending(let waiters):
            self.state = .ending
            return waiters.map { .fail($0, Self.shuttingDown) }
        case .active:
            self.state = .ending
            return [.stop]
        case .ending, .stopped:
            return []
        }
    }

    private static let shuttingDown = Failure(description: "the local Lakebase is shutting down")
}
