//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Logging
import Secrets
import Synchronization

/// An app and its processes: does what ``AppLife`` says, and tells it what happens.
final class AppHost: Sendable {
    /// What others are told.
    enum Report: Sendable {
        case succeeded(deployment: String)
        case failed(deployment: String, AppEnd)
    }

    private struct Processes {
        var running: [AppLife.Run: AppProcess] = [:]
        /// Those that are to end before they have begun.
        var unwanted: Set<AppLife.Run> = []
        var ports: [AppLife.Run: Int] = [:]
        var isClosed = false
    }

    let name: String
    let folder: AppFolder
    let log: AppLog
    let proxy: AppProxy
    private let launcher: AppLauncher
    private let policy: AppPolicy
    private let life: Mutex<AppLife>
    private let processes = Mutex(Processes())
    private let actions: AsyncStream<AppLife.Action>
    private let continuation: AsyncStream<AppLife.Action>.Continuation
    /// What a deployment runs as, by its id; and who hears how it went.
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
            AppLife(policy: .init(limit: policy.restartLimit, firstWait: policy.firstWait, steady: policy.steady)))
        self.order = order
        self.report = report
        (self.actions, self.continuation) = AsyncStream.makeStream(of: AppLife.Action.self)
    }

    /// What the app does now.
    var status: AppLife.Status { self.life.withLock { $0.status } }
    /// Whether it has no process.
    var isIdle: Bool { self.life.withLock { $0.isIdle } }

    /// Tells what happened; what is to be done about it begins at once.
    func send(_ event: AppLife.Event) {
        self.life.withLock { life in
            for action in life.handle(event) { self.continuation.yield(action) }
        }
    }

    /// Does what there is to do until the task is cancelled or ``close()``, then ends every process.
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

    private func route(_ run: AppLife.Run?) {
        self.proxy.route(to: self.processes.withLock { processes in run.flatMap { processes.ports[$0] } })
    }

    private func end(_ run: AppLife.Run) async {
        let process = self.processes.withLock { processes -> AppProcess? in
            if processes.running[run] == nil { processes.unwanted.insert(run) }
            return processes.running[run]
        }
        await process?.end(grace: self.policy.stopGrace)
    }

    /// Runs a process from its preparation to its end.
    private func perform(_ run: AppLife.Run) async {
        let began = ContinuousClock.now
        let end: AppEnd
        do {
            let ready = try await self.launcher.prepare(try await self.order(run.deployment), in: self.folder)
            self.log.conceal(ready.launch.secret)
            end = await self.perform(run, ready)
            self.launcher.release(ready.launch)
            self.log.reveal(ready.launch.secret)
        } catch let problem as AppEnd {
            end = problem
        } catch let failure as APIFailure {
            end = AppEnd(reason: failure.message)
        } catch {
            end = AppEnd(reason: "The local workspace could not start the app: \(error)")
        }
        self.processes.withLock { processes in
            processes.running[run] = nil
            processes.ports[run] = nil
            processes.unwanted.remove(run)
        }
        self.say("\(end.reason).", run.deployment)
        self.send(.ended(run, end, uptime: ContinuousClock.now - began))
    }

    private func perform(_ run: AppLife.Run, _ ready: AppLauncher.Ready) async -> AppEnd {
        for warning in ready.warnings { self.say("Warning: \(warning)", run.deployment) }
        let command = ready.launch.command.joined(separator: " ")
        let first = self.log.last
        self.say("Starting on port \(ready.port): \(command)", run.deployment)
        let process: AppProcess
        do {
            let isWanted = self.processes.withLock { $0.unwanted.contains(run) || $0.isClosed } == false
            guard isWanted else { return AppEnd(reason: "The app was stopped before it had started") }
            process = try AppProcess.start(ready.launch) { [log] stream, text in
                log.append(stream, text, deployment: run.deployment)
            }
        } catch {
            return AppEnd(reason: "The app could not be started: \(error)")
        }
        let isWanted = self.processes.withLock { processes -> Bool in
            processes.running[run] = process
            processes.ports[run] = ready.port
            return !processes.unwanted.contains(run) && !processes.isClosed
        }
        if !isWanted { await process.end(grace: self.policy.stopGrace) }
        let listened = await self.awaitPort(of: process, run, ready.port)
        if !listened { await process.end(grace: self.policy.stopGrace) }
        let exit = await process.exit()
        let lines = self.log.lastLines(AppEnd.lineLimit, of: run.deployment, after: first)
        return listened
            ? .exited(exit, command: command, lastLines: lines)
            : .neverListened(port: ready.port, limit: self.policy.startLimit, lastLines: lines)
    }

    /// Waits until a process listens, and says so; or until it ends.
    ///
    /// - Returns: Whether it did not let its time go by.
    private func awaitPort(of process: AppProcess, _ run: AppLife.Run, _ port: Int) async -> Bool {
        let deadline = ContinuousClock.now + self.policy.startLimit
        var pause = Duration.milliseconds(10)
        while !process.hasEnded, !Task.isCancelled {
            if AppPort.isListening(port) {
                if AppPort.isForThisMachineOnly(port) {
                    self.say(
                        "Warning: The app listens on 127.0.0.1 only. On Databricks it has to listen on 0.0.0.0.",
                        run.deployment)
                }
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
