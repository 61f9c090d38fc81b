//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The life of an app's processes as a value: events go in, actions come out; no clock, no process.
///
/// There are at most two versions at once: the version that serves, and a newer one that is being started. The version
/// that serves keeps running until the newer one listens; if the newer one fails, nothing changes.
struct AppLifecycle: Equatable, Sendable {
    /// One process, or the attempt to start one.
    struct Run: Hashable, Sendable {
        /// The number of the run, which increases.
        var number: Int
        /// The id of the deployment it runs.
        var deployment: String
    }

    /// An event in the life of an app's processes.
    enum Event: Equatable, Sendable {
        /// A new version is to be started.
        case deploy(String)
        /// The version that served before the workspace was stopped is to serve again.
        case resume(String)
        /// A process accepts connections on its port.
        case listening(Run)
        /// A process has ended or could not be started; `uptime` counts from its launch.
        case ended(Run, AppExit, uptime: Duration)
        /// The wait before the next attempt is over.
        case waited(Run)
        /// All processes are to end.
        case stop
    }

    /// An action for the supervisor.
    enum Action: Equatable, Sendable {
        case launch(Run)
        /// Ask a process to end, and kill it if it does not.
        case end(Run)
        /// Send visitors to this process; to none if `nil`.
        case route(Run?)
        /// Wait, then send ``Event/waited(_:)``.
        case wait(Run, Duration)
        /// A deployment has succeeded.
        case succeeded(String)
        /// A deployment has failed.
        case failed(String, AppExit)
    }

    /// How often and how fast a process that ended is started again.
    struct RestartPolicy: Equatable, Sendable {
        /// After this many ends in a row, the process is not started again.
        var limit = 5
        /// The first wait; each next one is twice as long.
        var firstWait: Duration = .seconds(1)
        /// A process that ran for this long resets the count of ends.
        var steady: Duration = .seconds(60)

        func wait(after failures: Int) -> Duration { self.firstWait * (1 << max(0, min(failures - 1, 10))) }
    }

    /// The version that serves.
    private struct Serving: Equatable, Sendable {
        enum Phase: Equatable, Sendable {
            case starting
            case up
            case waiting(Duration)
            /// The process ended too often.
            case crashed
        }

        var deployment: String
        var run: Run
        var phase: Phase
        var failures = 0
        var lastEnd: AppExit?
    }

    private let policy: RestartPolicy
    private var serving: Serving?
    private var trial: Run?
    /// The result of the last attempt while no version served.
    private var lastFailure: AppExit?
    /// Processes that were told to end.
    private var ending: Set<Run> = []
    private var launched = 0

    init(policy: RestartPolicy = .init()) { self.policy = policy }

    /// Whether no process runs or is about to run.
    var isIdle: Bool {
        guard self.trial == nil, self.ending.isEmpty else { return false }
        switch self.serving?.phase {
        case .starting?, .up?: return false
        case .waiting?, .crashed?, nil: return true
        }
    }

    /// Handles an event.
    mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .deploy(let deployment):
            var actions: [Action] = []
            // The service refuses a second one before it gets here.
            if let trial = self.trial { actions.append(self.dismiss(trial)) }
            let run = self.next(deployment)
            self.trial = run
            self.lastFailure = nil
            return actions + [.launch(run)]
        case .resume(let deployment):
            guard self.serving == nil else { return [] }
            let run = self.next(deployment)
            self.serving = Serving(deployment: deployment, run: run, phase: .starting)
            return [.launch(run)]
        case .listening(let run): return self.listening(run)
        case .ended(let run, let end, let uptime): return self.ended(run, end, uptime)
        case .waited(let run):
            guard var serving = self.serving, serving.run == run, case .waiting = serving.phase else { return [] }
            serving.run = self.next(serving.deployment)
            serving.phase = .starting
            self.serving = serving
            return [.launch(serving.run)]
        case .stop: return self.stop()
        }
    }

    private mutating func listening(_ run: Run) -> [Action] {
        if run == self.trial {
            var actions: [Action] = [.route(run), .succeeded(run.deployment)]
            if let old = self.serving, old.phase == .starting || old.phase == .up {
                actions.append(self.dismiss(old.run))
            }
            self.trial = nil
            self.serving = Serving(deployment: run.deployment, run: run, phase: .up)
            return actions
        }
        guard self.serving?.run == run, self.serving?.phase == .starting else { return [] }
        self.serving?.phase = .up
        return [.route(run)]
    }

    private mutating func ended(_ run: Run, _ end: AppExit, _ uptime: Duration) -> [Action] {
        if self.ending.remove(run) != nil { return [] }
        if run == self.trial {
            self.trial = nil
            if self.serving == nil { self.lastFailure = end }
            return [.failed(run.deployment, end)]
        }
        guard var serving = self.serving, serving.run == run else { return [] }
        if uptime >= self.policy.steady { serving.failures = 0 }
        serving.failures += 1
        serving.lastEnd = end
        if serving.failures > self.policy.limit {
            serving.phase = .crashed
            self.serving = serving
            return [.route(nil)]
        }
        let wait = self.policy.wait(after: serving.failures)
        serving.phase = .waiting(wait)
        self.serving = serving
        return [.route(nil), .wait(run, wait)]
    }

    private mutating func stop() -> [Action] {
        var actions: [Action] = [.route(nil)]
        if let trial = self.trial { actions.append(self.dismiss(trial)) }
        if let serving = self.serving, serving.phase == .starting || serving.phase == .up {
            actions.append(self.dismiss(serving.run))
        }
        (self.trial, self.serving, self.lastFailure) = (nil, nil, nil)
        return actions
    }

    private mutating func dismiss(_ run: Run) -> Action {
        self.ending.insert(run)
        return .end(run)
    }

    private mutating func next(_ deployment: String) -> Run {
        self.launched += 1
        return Run(number: self.launched, deployment: deployment)
    }
}

extension AppLifecycle {
    /// What the app is doing.
    enum Status: Equatable, Sendable {
        /// Nothing has been deployed, or all was stopped.
        case nothing
        case deploying
        case running
        /// The process ended and is started again after the wait.
        case restarting(AppExit?, attempt: Int, limit: Int, wait: Duration)
        case crashed(AppExit?)
    }

    var status: Status {
        guard let serving = self.serving else {
            if self.trial != nil { return .deploying }
            return self.lastFailure.map { .crashed($0) } ?? .nothing
        }
        switch serving.phase {
        case .up: return .running
        case .starting where serving.failures > 0:
            return .restarting(
                serving.lastEnd, attempt: serving.failures, limit: self.policy.limit, wait: .zero)
        case .starting: return .deploying
        case .waiting(let wait):
            return .restarting(serving.lastEnd, attempt: serving.failures, limit: self.policy.limit, wait: wait)
        case .crashed: return self.trial == nil ? .crashed(serving.lastEnd) : .deploying
        }
    }
}
