//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
public import LocalGround
import LocalPostgres
import LocalWorkspace
public import Logging
import NIOSSL
import PostgresGateway
public import ServiceLifecycle
import Synchronization

/// Lakebase on this machine: a workspace with its HTTP services, and a Postgres endpoint that checks tokens.
///
/// ```swift
/// let lakebase = try LocalLakebase(configuration: .init(), logger: logger)
/// async let running: Void = lakebase.run()
/// let ready = try await lakebase.ready()
/// ```
///
/// PostgreSQL is real: the one installed, with a data folder of its own and an extension `databricks_auth`. It starts
/// with the first login and stops when it is idle. Everything ends when ``run()`` is cancelled or shut down gracefully.
public final class LocalLakebase: Service {
    let configuration: LocalLakebaseConfiguration
    let logger: Logger
    /// Faults that a test can switch on.
    package let faults = FaultSwitches()
    let counters = LocalCounters()
    let readiness = AsyncPromise<Ready>()
    private let hasRun = Mutex(false)
    private let running = Mutex<ComputeFleet?>(nil)
    private let step = Mutex(StartStep.openingFolder)

    /// Creates a local Lakebase, which does nothing until ``run()``.
    ///
    /// - Throws: `invalidConfiguration` for invalid settings.
    public init(configuration: LocalLakebaseConfiguration = .init(), logger: Logger) throws(LocalLakebaseError) {
        try configuration.validate()
        self.configuration = configuration
        self.logger = logger
    }

    /// Waits until the workspace answers and the endpoint listens.
    ///
    /// - Throws: What kept it from starting, the same that ``run()`` throws.
    public func ready() async throws -> Ready { try await self.readiness.value() }

    /// Starts everything and serves until the task is cancelled or gracefully shut down.
    ///
    /// Then sessions end, PostgreSQL is stopped with a checkpoint, and what was temporary is removed, before this
    /// returns. It can run once.
    public func run() async throws {
        let isFirst = self.hasRun.withLock { hasRun in
            defer { hasRun = true }
            return !hasRun
        }
        guard isFirst else { throw LocalLakebaseError(.stopped, "A local Lakebase can run only once.") }
        do {
            let (directory, state) = try DataDirectory.open(path: self.configuration.dataDirectory)
            defer { directory.removeIfTemporary() }
            try await self.run(in: directory, state: state)
            self.readiness.fail(LocalLakebaseError(.stopped, "The local Lakebase has stopped."))
        } catch {
            self.readiness.fail(error)
            throw error
        }
    }

    private func run(in directory: DataDirectory, state: LocalState) async throws {
        let parts: Parts
        do {
            // Stopping does not wait for a data directory that is being created.
            parts = try await cancelWhenGracefulShutdown { try await self.prepare(directory: directory, state: state) }
        } catch {
            if Task.isCancelled || Task.isShuttingDownGracefully { return }
            throw error
        }
        defer {
            parts.store.close()
            try? FileManager.default.removeItem(atPath: parts.runtimeDirectory)
        }
        self.running.withLock { $0 = parts.fleet }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await parts.fleet.run() }
            group.addTask { await parts.resources.run() }
            group.addTask { try await parts.gateway.run() }
            group.addTask { try await parts.server.run() }
            group.addTask { await parts.apps.run() }
            group.addTask { try await gracefulShutdown() }
            do {
                self.begin(.stoppingEarlierServer)
                try await parts.resources.open()
                self.begin(.listening)
                // A part that cannot start fails this, too.
                let port = try await parts.server.boundPort()
                let host =
                    "\(self.configuration.https ? "https" : "http")://\(Self.urlHost(self.configuration.listenHost)):\(port)"
                parts.host.succeed(host)
                try await parts.services.apps.open()
                try await self.announce(parts, directory: directory, host: host, port: port)
                try await group.next()
                // Before the databases, so that apps can bring to an end what they are at.
                await parts.apps.shutDown()
            } catch {
                parts.host.fail(error)
                group.cancelAll()
                while await group.nextResult() != nil {}
                if error is CancellationError { return }
                throw error
            }
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
    }

    /// The address that clients use to connect to this host.
    static func urlHost(_ listenHost: String) -> String {
        switch listenHost {
        case "0.0.0.0", "::", "": "127.0.0.1"
        case let name where name.contains(":"): "[\(name)]"
        case let name: name
        }
    }

    private func announce(_ parts: Parts, directory: DataDirectory, host: String, port: Int) async throws {
        var state = parts.state
        state.controlPlanePort = port
        state.controlPlaneHost = Self.urlHost(self.configuration.listenHost)
        if state != parts.state { try directory.save(state) }
        let inventory = await parts.resources.view.inventory
        let endpoints = inventory.endpoints.values
            .filter { !$0.address.isEmpty && (try? inventory.liveBranch($0.branch)) != nil }
            .sorted { (Self.rank($0), $0.name) < (Self.rank($1), $1.name) }
        self.readiness.succeed(
            Ready(
                host: host,
                workspaceID: state.workspaceID,
                endpoints: endpoints.map { .init(name: $0.name, address: $0.address, port: $0.port) },
                database: PostgresConventions.database,
                certificateFile: directory.certificateFile,
                nodeCertificateFile: try NodeCertificates.file(
                    in: directory, given: self.configuration.nodeCertificateFile),
                certificateBundles: parts.bundles,
                dataDirectory: directory.path,
                postgresVersion: parts.postgresVersion,
                app: parts.identities.app,
                developer: parts.identities.developer
            )
        )
    }

    /// Sorts the endpoint of the first project to the front.
    private static func rank(_ endpoint: EndpointRecord) -> Int { endpoint.name == LocalProject.endpointName ? 0 : 1 }
}

/// The progress of a start, for callers that wait for it.
extension LocalLakebase {
    /// The steps of a start that may take long, in order.
    package enum StartStep: Sendable, Hashable {
        case openingFolder, findingPostgres, makingCluster, stoppingEarlierServer, listening
    }

    /// The current step of the start; the last step once it is complete.
    package var startStep: StartStep { self.step.withLock { $0 } }

    func begin(_ step: StartStep) { self.step.withLock { $0 = step } }
}

/// Access for tests.
extension LocalLakebase {
    /// The current counts.
    package var counts: LocalCounts { self.counters.snapshot }

    /// The state of the default endpoint's compute; `nil` before there is one.
    package var computePhase: ComputePhase? {
        get async { await self.defaultCompute?.phase }
    }

    /// Waits until the default endpoint's compute is in that phase.
    package func wait(for phase: ComputePhase) async { await self.defaultCompute?.wait(for: phase) }

    /// Suspends the default endpoint now, whatever its sessions do.
    package func suspendCompute() async { await self.defaultCompute?.suspend() }

    /// The process id of the default endpoint's `postgres`, if it runs.
    package var postgresProcessID: Int32? {
        get async { await self.defaultCompute?.serverProcessID }
    }

    private var defaultCompute: Compute? {
        self.running.withLock { $0 }?.all.first { $0.key.hasPrefix("br-local-\(ResourceName.rootBranch)-") }?.value
    }
}
