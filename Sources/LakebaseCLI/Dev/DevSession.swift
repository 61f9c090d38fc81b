//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseLocal
import LocalGround
import Logging
import ServiceLifecycle

/// One run of `lakebase dev`: the local Lakebase, what is said about it, and the command that runs on it.
final class DevSession: Sendable {
    private let lakebase: LocalLakebase
    private let identity: LocalLakebase.Identity
    private let report: DevReport
    private let envFile: String?
    private let command: [String]
    private let isTemporary: Bool
    private let foreground = ForegroundRun()

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

    /// The exit status of the process: the command's, or of a shell for a signal that came before it; 0 without a command.
    var exitStatus: Int32 { self.command.isEmpty ? 0 : self.foreground.exitStatus }

    /// Runs until a signal, or until the command ends.
    ///
    /// With a command on a terminal, Ctrl-C belongs to the command once that runs: it reaches it directly, and `psql` for one
    /// means something else by it than to leave. A signal that comes while all is being stopped changes nothing.
    func run(logger: Logger) async throws {
        // Before anything is made that a signal would leave behind.
        let arriving = await Interruption.arriving()
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: self.lakebase),
                    .init(service: Main(session: self), successTerminationBehavior: .gracefullyShutdownGroup),
                    .init(
                        service: Interruptions(foreground: self.foreground, arriving: arriving),
                        successTerminationBehavior: .gracefullyShutdownGroup),
                ], logger: logger))
        // Those that nobody waits for any more have no effect, as long as they are trapped.
        defer { withExtendedLifetime(arriving) {} }
        try await group.run()
    }

    /// Ends with the first signal that is to stop everything.
    private struct Interruptions<Arriving: AsyncSequence & Sendable>: Service where Arriving.Element == Interruption {
        let foreground: ForegroundRun
        let arriving: Arriving

        func run() async throws {
            for try await interruption in self.arriving.cancelOnGracefulShutdown() {
                switch self.foreground.arrived(interruption) {
                // A command that runs is told by the part that waits for it.
                case .end, .pass: return
                case .leave: continue
                }
            }
            // Ended from elsewhere: the group waits for all.
            try? await gracefulShutdown()
        }
    }

    /// The part that comes after the start.
    private struct Main: Service {
        let session: DevSession

        func run() async throws {
            // From here on everything is being stopped. When that is done signals are trapped no more, and the next one would end
            // the process with a status of its own.
            defer { Interruption.ignoreFurther() }
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
        guard
            let child = try self.foreground.start(
                self.command, settings: CommandEnvironment.entries(adding: environment))
        else { return }
        _ = await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await self.foreground.wait(for: child)
            } onGracefulShutdown: {
                child.terminate()
            }
        } onCancel: {
            // The local Lakebase has failed, and the command has no database any more.
            child.terminate()
        }
    }
}
