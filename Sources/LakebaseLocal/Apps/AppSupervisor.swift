//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalPostgres
import LocalWorkspace
import Logging
import ProgramLauncher
import Secrets
import Synchronization

/// An app and its processes: performs the actions of ``AppLifecycle``, and sends it events.
final class AppSupervisor: Sendable {
    /// A report to the registry.
    enum Report: Sendable {
        case succeeded(deployment: String)
        case failed(deployment: String, AppExit)
    }

    private struct Processes {
        var running: [AppLifecycle.Run: AppProcess] = [:]
        /// Runs that are to end before they have started.
        var unwanted: Set<AppLifecycle.Run> = []
        var ports: [AppLifecycle.Run: Int] = [:]
        /// What is being installed, by deployment.
        var installing: [String: String] = [:]
        var isClosed = false
    }

    let name: String
    let folder: AppFolder
    let log: AppLog
    let proxy: AppProxy
    private let launcher: AppLauncher
    private let policy: AppPolicy
    private let life: Mutex<AppLifecycle>
    private let processes = Mutex(Processes())
    private let actions: AsyncStream<AppLifecycle.Action>
    private let continuation: AsyncStream<AppLifecycle.Action>.Continuation
    /// Returns what to run for a deployment, by its id.
    private let order: @Sendable (String) async throws -> AppLauncher.Order
    private let report: @Sendable (Report) async -> Void

    init(
        name: String, folder: AppFolder, log: AppLog, proxy: AppProxy, launcher: AppLauncher, policy: AppPolicy,
        order: @escaping @Sendable (String) async throws -> AppLauncher.Order,
        report: @escaping @Sendable (Report) async -> Void
    ) {
        self.name = name
        self.folder = folder
        self.log = log
        self.proxy = proxy
        self.launcher = launcher
        self.policy = policy
        self.life = Mutex(
            AppLifecycle(policy: .init(limit: policy.restartLimit, firstWait: policy.firstWait, steady: policy.steady)))
        self.order = order
        self.report = report
        (self.actions, self.continuation) = AsyncStream.makeStream(of: AppLifecycle.Action.self)
    }

    /// The app's status.
    var status: AppLifecycle.Status { self.life.withLock { $0.status } }
    /// Whether it has no process.
    var isIdle: Bool { self.life.withLock { $0.isIdle } }

    /// Sends an event; the resulting actions begin at once.
    func send(_ event: AppLifecycle.Event) {
        self.life.withLock { life in
            for action in life.handle(event) { self.continuation.yield(action) }
        }
    }

    /// Runs the apps until the task is cancelled or ``close()`` is called, then ends every process.
    func run() async {
        await withDiscardingTaskGroup { group in
            let proxy = self.proxy
            group.addTask { await proxy.run() }
            for await action in self.actions {
                switch action {
                case .launch(let run): group.addTask { await self.perform(run) }
                case .end(let run): group.addTask { await self.end(run) }
                case .route(let run): self.route(run)
                case .wait(let run, let duration):
                    group.addTask {
                        guard (try? await Task.sleep(for: duration)) != nil else { return }
                        self.send(.waited(run))
                    }
                case .succeeded(let deployment):
                    self.say("Deployment \(deployment) runs.", deployment)
                    await self.report(.succeeded(deployment: deployment))
                case .failed(let deployment, let end):
                    self.say("Deployment \(deployment) failed: \(end.reason).", deployment)
                    await self.report(.failed(deployment: deployment, end))
                }
            }
            group.cancelAll()
            self.proxy.route(to: nil)
            let running = self.processes.withLock { processes in
                processes.isClosed = true
                return Array(processes.running.values)
            }
            for process in running { group.addTask { await process.end(grace: self.policy.stopGrace) } }
        }
    }

    /// Lets ``run()`` end.
    func close() { self.continuation.finish() }

    private func say(_ text: String, _ deployment: String) { self.log.append(.system, text, deployment: deployment) }

    private func route(_ run: AppLifecycle.Run?) {
        self.proxy.route(to: self.processes.withLock { processes in run.flatMap { processes.ports[$0] } })
    }

    private func end(_ run: AppLifecycle.Run) async {
        let process = self.processes.withLock { processes -> AppProcess? in
            if processes.running[run] == nil { processes.unwanted.insert(run) }
            return processes.running[run]
        }
        await process?.end(grace: self.policy.stopGrace)
    }

    /// Runs a process from its preparation to its end.
    private func perform(_ run: AppLifecycle.Run) async {
        // Of the process: the time of the installation says nothing about its stability.
        var uptime = Duration.zero
        let end: AppExit
        do {
            let prepared = try await self.launcher.prepare(try await self.order(run.deployment), in: self.folder)
            for warning in prepared.warnings { self.say("Warning: \(warning)", run.deployment) }
            let environment = try await self.install(prepared, for: run)
            let ready = try await self.launcher.ready(prepared, environment: environment, in: self.folder)
            let secrets = ready.launch.secrets
            for secret in secrets { self.log.conceal(secret) }
            let began = ContinuousClock.now
            end = await self.perform(run, ready)
            uptime = ContinuousClock.now - began
            self.launcher.release(ready, of: self.name)
            for secret in secrets { self.log.reveal(secret) }
        } catch let problem as AppExit {
            end = problem
        } catch let failure as APIFailure {
            end = AppExit(reason: failure.message)
        } catch {
            end = AppExit(reason: "The local workspace could not start the app: \(error)")
        }
        self.processes.withLock { processes in
            processes.running[run] = nil
            processes.ports[run] = nil
            processes.unwanted.remove(run)
        }
        self.say("\(end.reason).", run.deployment)
        self.send(.ended(run, end, uptime: uptime))
    }

    private func perform(_ run: AppLifecycle.Run, _ ready: AppLauncher.Ready) async -> AppExit {
        for warning in ready.warnings { self.say("Warning: \(warning)", run.deployment) }
        let command = ready.launch.command.joined(separator: " ")
        let first = self.log.last
        self.say("Starting on port \(ready.ports.told): \(command)", run.deployment)
        if let obstacle = ready.ports.obstacle { self.say("Warning: \(obstacle).", run.deployment) }
        self.processes.withLock { $0.ports[run] = ready.ports.actual }
        let process: AppProcess
        do {
            process = try self.launch(ready.launch, for: run) { self.hear($0, of: run, ready.ports) }
        } catch {
            return error
        }
        let listened = await self.awaitPort(of: process, run, isRedirected: ready.ports.redirection != nil)
        if !listened { await process.end(grace: self.policy.stopGrace) }
        let exit = await process.exit()
        let lines = self.log.lastLines(AppExit.lineLimit, of: run.deployment, after: first)
        guard listened else {
            return .neverListened(
                port: ready.ports.told, limit: self.policy.startLimit, obstacle: ready.ports.obstacle, lastLines: lines)
        }
        var end = AppExit.exited(exit, command: command, lastLines: lines)
        if let obstacle = ready.ports.obstacle, lines.contains(where: { $0.containsExactly("ddress already in use") }) {
            end.reason += ". \(obstacle)"
        }
        return end
    }

    /// Starts a process of a run that is still wanted.
    ///
    /// - Throws: If it is not, or cannot be started.
    private func launch(
        _ launch: AppProcess.Launch, for run: AppLifecycle.Run,
        heard: @escaping @Sendable (SocketWatch.Event) -> Void = { _ in }
    ) throws(AppExit) -> AppProcess {
        let isWanted = self.processes.withLock { $0.unwanted.contains(run) || $0.isClosed } == false
        guard isWanted else { throw AppExit(reason: "The app was stopped before it had started") }
        let process: AppProcess
        do {
            process = try AppProcess.start(
                launch,
                said: { [log] stream, text in log.append(stream, text, deployment: run.deployment) }, heard: heard)
        } catch {
            throw AppExit(reason: "The app could not be started: \(error)")
        }
        let isStillWanted = self.processes.withLock { processes -> Bool in
            processes.running[run] = process
            return !processes.unwanted.contains(run) && !processes.isClosed
        }
        // Its end is waited for as any other's.
        if !isStillWanted { process.terminate() }
        return process
    }

    /// Handles an event of a process's sockets.
    private func hear(_ event: SocketWatch.Event, of run: AppLifecycle.Run, _ plan: AppPorts.Plan) {
        switch event {
        case .bound(isForThisMachineOnly: true): self.warnOfThisMachineOnly(run)
        case .bound(isForThisMachineOnly: false): break
        case .untouched:
            self.processes.withLock { $0.ports[run] = plan.told }
            self.say(
                "Warning: This system does not let the app's port be changed: it takes port \(plan.told) of the machine.",
                run.deployment)
        }
    }

    private func warnOfThisMachineOnly(_ run: AppLifecycle.Run) {
        self.say(
            "Warning: The app listens on 127.0.0.1 only. On Databricks it has to listen on 0.0.0.0.", run.deployment)
    }

    /// Waits until a process listens and reports that, or until it ends.
    ///
    /// - Parameter isRedirected: Whether its port is one of this machine only whatever it asked for.
    /// - Returns: Whether it did not let its time go by.
    private func awaitPort(of process: AppProcess, _ run: AppLifecycle.Run, isRedirected: Bool) async -> Bool {
        let deadline = ContinuousClock.now + self.policy.startLimit
        var pause = Duration.milliseconds(10)
        while !process.hasEnded, !Task.isCancelled {
            if let port = self.processes.withLock({ $0.ports[run] }), AppPort.isListening(port) {
                if !isRedirected, AppPort.isForThisMachineOnly(port) { self.warnOfThisMachineOnly(run) }
                self.send(.listening(run))
                return true
            }
            if ContinuousClock.now >= deadline { return false }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(200))
        }
        return true
    }
}

/// The installation before an app's process.
extension AppSupervisor {
    /// Installs the packages of a version.
    private func install(_ prepared: AppLauncher.Prepared, for run: AppLifecycle.Run) async throws -> AppInstaller
        .Installed?
    {
        defer { self.processes.withLock { $0.installing[run.deployment] = nil } }
        return try await self.launcher.installer.install(
            source: prepared.source, own: prepared.environment, say: { self.say($0, run.deployment) },
            run: { try await self.perform($0, for: run) })
    }

    /// Runs an installation step to its end.
    ///
    /// - Throws: If it failed.
    private func perform(_ step: AppInstaller.Step, for run: AppLifecycle.Run) async throws {
        let first = self.log.last
        let command = step.command.joined(separator: " ")
        self.say("Running \(command)", run.deployment)
        let (limit, grace) = (self.policy.startLimit, self.policy.stopGrace)
        let process = try self.launch(
            AppProcess.Launch(
                command: step.command, folder: step.folder, environment: AppInstaller.environment(), secret: nil),
            for: run)
        self.processes.withLock { $0.installing[run.deployment] = step.what }
        let isLate = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                _ = await process.exit()
                return false
            }
            group.addTask {
                guard (try? await Task.sleep(for: limit)) != nil else { return false }
                await process.end(grace: grace)
                return true
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        let exit = await process.exit()
        self.processes.withLock { $0.running[run] = nil }
        let lines = self.log.lastLines(AppExit.lineLimit, of: run.deployment, after: first)
        guard !isLate else {
            throw AppExit(
                reason: "\(step.what) could not be installed within \(limit.components.seconds) s (\(command)); "
                    + "lakebase dev --app-start-limit sets a longer limit",
                lastLines: lines)
        }
        guard exit == .status(0) else {
            throw AppExit.notInstalled(step.what, exit, command: command, lastLines: lines)
        }
    }

    /// What is being installed for a deployment, with the last line of output; `nil` when nothing is.
    func progress(of deployment: String) -> String? {
        guard let what = self.processes.withLock({ $0.installing[deployment] }) else { return nil }
        let line = self.log.lastLines(1, of: deployment, after: 0).last ?? ""
        return line.isEmpty ? "Installing: \(what)." : "Installing: \(what). \(line)"
    }
}
