//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseLocal
import LocalGround
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One run of `lakebase dev`: the local Lakebase, what is said about it, and the command that runs on it.
final class DevSession: Sendable {
    private let lakebase: LocalLakebase
    private let identity: LocalLakebase.Identity
    private let report: DevReport
    private let envFile: String?
    private let command: [String]
    private let isTemporary: Bool
    private let status = Atomic<Int32>(0)
    /// Whether Ctrl-C is the command's from now on, which it reaches by itself.
    private let hasCommand = Atomic<Bool>(false)

    init(
        lakebase: LocalLakebase, identity: LocalLakebase.Identity, report: DevReport, envFile: String?,
        command: [String],
        isTemporary: Bool
    ) {
        self.lakebase = lakebase
        self.identity = identity
        self.report = report
        self.envFile = envFile
        self.command = command
        self.isTemporary = isTemporary
    }

    /// What the process is to exit with.
    var exitStatus: Int32 { self.status.load(ordering: .relaxed) }

    /// Runs until a signal, or until the command ends.
    ///
    /// With a command on a terminal, Ctrl-C belongs to the command once that runs: it reaches it directly, and `psql` for one
    /// means something else by it than to leave. A signal that comes while all is being stopped changes nothing.
    func run(logger: Logger) async throws {
        let interruptsAreTheCommands = !self.command.isEmpty && ForegroundCommand.isOnTerminal
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: self.lakebase),
                    .init(service: Main(session: self), successTerminationBehavior: .gracefullyShutdownGroup),
                ]
                    + (interruptsAreTheCommands
                        ? [
                            .init(
                                service: EarlyInterrupts(session: self),
                                successTerminationBehavior: .gracefullyShutdownGroup)
                        ] : []),
                gracefulShutdownSignals: interruptsAreTheCommands
                    ? [.sigterm, .sighup] : [.sigint, .sigterm, .sighup],
                logger: logger
            ))
        if interruptsAreTheCommands { ForegroundCommand.leaveQuitsToCommand() }
        try await group.run()
    }

    /// Ctrl-C before the command runs, which ends everything, as if the command had got it.
    private struct EarlyInterrupts: Service {
        let session: DevSession

        func run() async throws {
            let signals = await UnixSignalsSequence(trapping: .sigint)
            for await _ in signals.cancelOnGracefulShutdown() where self.session.takesInterrupt() { return }
            // Ended from elsewhere: the group waits for all.
            try? await gracefulShutdown()
        }
    }

    private func takesInterrupt() -> Bool {
        guard !self.hasCommand.load(ordering: .acquiring) else { return false }
        self.status.store(128 + SIGINT, ordering: .relaxed)
        return true
    }

    /// The part that comes after the start.
    private struct Main: Service {
        let session: DevSession

        func run() async throws {
            // From here on everything is being stopped. Nobody listens for signals any more when that is done, and the next
            // one would end the process with a status of its own.
            defer { for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_IGN) } }
            try await self.session.serve()
        }
    }

    private func serve() async throws {
        let ready: LocalLakebase.Ready
        do {
            // A signal ends this wait first: the local Lakebase is told after this service has ended.
            ready = try await cancelWhenGracefulShutdown { [lakebase = self.lakebase] in
                try await StartProgress.ready(lakebase)
            }
        } catch is CancellationError {
            return
        } catch is LocalLakebaseError {
            // The local Lakebase's own run() throws it; once is enough.
            try await gracefulShutdown()
            return
        }
        // Stopped while it started: nothing is to be said or run any more.
        guard !Task.isShuttingDownGracefully else { return }
        let environment = ready.environment(for: self.identity)
        if let envFile { try EnvironmentFile.write(environment, to: envFile) }
        try self.report.announce(ready, identity: self.identity, isTemporary: self.isTemporary, envFile: self.envFile)
        guard !self.command.isEmpty else {
            try? await gracefulShutdown()
            return
        }
        let child = try ForegroundCommand.start(self.command, environment: environment)
        // Only now: one that came before was not the command's, which did not run yet.
        self.hasCommand.store(true, ordering: .releasing)
        let status = await withGracefulShutdownHandler {
            await child.wait()
        } onGracefulShutdown: {
            child.terminate()
        }
        self.status.store(status, ordering: .relaxed)
    }
}
