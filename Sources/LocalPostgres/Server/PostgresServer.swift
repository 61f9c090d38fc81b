//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
package import Logging
import Synchronization

/// A running `postgres`, and the shell that watches it.
///
/// The shell holds the reading end of a pipe whose other end only this process has. If this process dies in whatever
/// way, the pipe ends, and the shell stops the server.
package final class PostgresServer: Sendable {
    /// How a server is started.
    package struct Launch: Sendable {
        package var cluster: BranchDataDirectory
        /// The server's program, with the extension.
        package var tree: PostgresDistribution
        /// The folder of its Unix socket.
        package var socketFolder: String
        /// The file with the rules for logins (`pg_hba.conf`); the data directory's own if `nil`.
        package var accessFile: String?
        /// Settings in addition to the data directory's own.
        package var settings: [(name: String, value: String)] = []
        /// How long the server may take until it accepts sessions.
        var limit: Duration = .seconds(60)

        package init(
            cluster: BranchDataDirectory, tree: PostgresDistribution, socketFolder: String, accessFile: String? = nil,
            settings: [(name: String, value: String)] = [], limit: Duration = .seconds(60)
        ) {
            self.cluster = cluster
            self.tree = tree
            self.socketFolder = socketFolder
            self.accessFile = accessFile
            self.settings = settings
            self.limit = limit
        }
    }

    /// The port in the name of the socket.
    static let port = 5432
    private let child: ChildProcess
    private let processID: pid_t
    private let lifeline: ParentDeathPipe

    private init(child: ChildProcess, processID: pid_t, lifeline: ParentDeathPipe) {
        self.child = child
        self.processID = processID
        self.lifeline = lifeline
    }

    /// Starts the server and waits until it accepts sessions.
    @concurrent
    static func start(_ launch: Launch, logger: Logger) async throws(ComputeLifecycle.Failure) -> PostgresServer {
        let deadline = ContinuousClock.now + launch.limit
        await Self.stopStranded(launch.cluster, logger: logger)
        do {
            // A standby has the roles of its primary.
            if !launch.cluster.isFollower { try await launch.cluster.secureIfNeeded() }
        } catch {
            throw ComputeLifecycle.Failure(description: "the superuser's password could not be set: \(error)")
        }
        do {
            try await UnloggedRelations.reset(in: launch.cluster)
        } catch {
            throw ComputeLifecycle.Failure(description: "the unlogged tables could not be emptied: \(error)")
        }
        while true {
            switch await Self.attempt(launch, deadline: deadline) {
            case .success(let server): return server
            case .failure(let failure):
                // After a crash the old server's last processes may take a moment to go.
                let mayPass =
                    failure.description.contains("pre-existing shared memory block")
                    || failure.description.contains("lock file \"postmaster.pid\" already exists")
                guard mayPass, ContinuousClock.now + .milliseconds(20) < deadline else { throw failure }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Waits until the server has ended.
    func exit() async -> ChildProcess.Exit { await self.child.exit() }

    /// Stops the server through the watching shell, as the end of this process would.
    func letGo() { self.lifeline.end() }

    /// Stops the server: sessions end with 57P01, a checkpoint is written.
    ///
    /// Not to be called from a cancelled task, which would leave it no time. A server that does not stop in time is stopped
    /// without a checkpoint; nothing committed is lost then either.
    func stop(grace: Duration = .seconds(10)) async {
        guard self.child.exitIfEnded == nil else { return }
        kill(self.processID, SIGINT)
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                _ = await self.child.exit()
                return true
            }
            group.addTask {
                try? await Task.sleep(for: grace)
                return false
            }
            if await group.next() == false {
                kill(self.processID, SIGQUIT)
            }
            group.cancelAll()
        }
        _ = await self.child.exit()
        self.lifeline.end()
    }

    private static func attempt(
        _ launch: Launch, deadline: ContinuousClock.Instant
    ) async -> Result<PostgresServer, ComputeLifecycle.Failure> {
        let cluster = launch.cluster
        let before = PostmasterFile.read(dataFolder: cluster.dataFolder)
        guard let log = LogFile(path: cluster.logFile) else {
            return .failure(.init(description: "the log \(cluster.logFile) cannot be written"))
        }
        let lifeline: ParentDeathPipe
        let child: ChildProcess
        do {
            let server = cluster.user.command(launch.tree.postgres, Self.arguments(launch))
            lifeline = try ParentDeathPipe()
            child = try lifeline.spawn(program: server.program, arguments: server.arguments, output: log.descriptor)
        } catch {
            return .failure(.init(description: "PostgreSQL did not start: \(error)"))
        }
        while ContinuousClock.now < deadline {
            if let exit = child.exitIfEnded {
                return .failure(.init(description: "PostgreSQL did not start (\(exit)): \(log.tail())"))
            }
            if let file = PostmasterFile.read(dataFolder: cluster.dataFolder), file.isReady,
                file.processID != before?.processID || file.started != before?.started
            {
                return .success(PostgresServer(child: child, processID: file.processID, lifeline: lifeline))
            }
            await Uncancelled.sleep(for: .milliseconds(1))
        }
        lifeline.end()
        _ = await child.exit()
        return .failure(.init(description: "PostgreSQL was not ready within \(launch.limit): \(log.tail())"))
    }

    private static func arguments(_ launch: Launch) -> [String] {
        var settings: [(name: String, value: String)] = [
            ("listen_addresses", ""), ("port", String(Self.port)),
            ("unix_socket_directories", launch.socketFolder), ("unix_socket_permissions", "0700"),
            // As on the service (Databricks: Replicate data from Lakebase).
            ("wal_level", "logical"),
            // What the service allows a compute of one unit.
            ("max_connections", "209"),
            ("password_encryption", "scram-sha-256"), ("logging_collector", "off"), ("log_destination", "stderr"),
            ("log_checkpoints", "off"), ("log_statement", "none"), ("log_min_error_statement", "panic"),
        ]
        let preloaded = launch.tree.preloadedModules
        if !preloaded.isEmpty { settings.append(("shared_preload_libraries", preloaded.joined(separator: ","))) }
        if preloaded.contains("pg_stat_statements") {
            // Statements that are kept in a file: those that set a password are none of them.
            settings.append(("pg_stat_statements.track_utility", "off"))
        }
        if let accessFile = launch.accessFile { settings.append(("hba_file", accessFile)) }
        settings += launch.settings
        return ["-D", launch.cluster.dataFolder] + settings.flatMap { ["-c", "\($0.name)=\($0.value)"] }
    }

    /// Waits for a server that a killed process left running, and stops it if its shell does not.
    package static func stopStranded(_ cluster: BranchDataDirectory, logger: Logger) async {
        guard let file = PostmasterFile.read(dataFolder: cluster.dataFolder),
            file.isAlive(dataFolder: cluster.dataFolder)
        else { return }
        logger.debug(
            "A server of an earlier run is still there", metadata: ["lakebase.pid": .stringConvertible(file.processID)]
        )
        // Its shell has sent the same; a second one changes nothing.
        kill(file.processID, SIGINT)
        let started = ContinuousClock.now
        var quit = false
        while file.isAlive(dataFolder: cluster.dataFolder), ContinuousClock.now - started < .seconds(15) {
            if !quit, ContinuousClock.now - started > .seconds(5) {
                kill(file.processID, SIGQUIT)
                quit = true
            }
            await Uncancelled.sleep(for: .milliseconds(5))
        }
    }
}
