//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalGround
import Logging
import ProgramLauncher
import Secrets
import Synchronization
import Testing

@testable import LocalPostgres

/// A real server on a temporary cluster, without a gateway in front of it.
extension RealServerTests {
    @Suite("Compute", .serialized) struct ComputeTests {
        /// How often a compute was started.
        final class StartCounter: Sendable {
            private let starts = Mutex(0)

            var computeStarts: Int { self.starts.withLock { $0 } }

            func countStart() { self.starts.withLock { $0 += 1 } }
        }

        struct Setup {
            var compute: Compute
            var cluster: BranchDataDirectory
            var tree: PostgresDistribution
            var counters: StartCounter
        }

        static var quiet: Logger {
            var logger = Logger(label: "test")
            logger.logLevel = .error
            return logger
        }

        func with(
            suspendAfter: Duration = .seconds(300), settings: [(name: String, value: String)] = [],
            _ body: @Sendable (Setup) async throws -> Void
        ) async throws {
            let directory = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-compute.XXXXXX")
            let sockets = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-test.XXXXXX")
            defer {
                try? FileManager.default.removeItem(atPath: directory)
                try? FileManager.default.removeItem(atPath: sockets)
            }
            let user = try ServerUser.resolve()
            // As root, PostgreSQL runs as another user, who has to pass through.
            if user.other != nil { try PrivateFile.setMode(directory, 0o711) }
            try user.own(sockets)
            let installation = try await InstalledServers.find().newest
            let cluster = BranchDataDirectory(
                folder: directory + "/main", installation: installation, user: user,
                administratorPassword: Secret(String(repeating: "5f", count: 32))
            )
            let tree = try PostgresDistribution.open(in: directory + "/postgres", for: installation)
            let roles = BootstrapRoles(
                owner: "developer@example.com", ownerMarker: DatabricksAuthExtension.userMarker,
                app: "0b5c1f0e-5d4e-4d7e-9a36-2f5a0b8f6c11")
            try await cluster.bootstrapIfNeeded(roles: roles, durable: false)
            let counters = StartCounter()
            let compute = Compute(
                settings: .init(
                    endpoint: "test",
                    launch: .init(cluster: cluster, tree: tree, socketFolder: sockets, settings: settings),
                    suspendAfter: suspendAfter, wakeDelay: .zero
                ),
                logger: Self.quiet, hooks: .init(willStart: { counters.countStart() })
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await compute.run() }
                do {
                    try await body(Setup(compute: compute, cluster: cluster, tree: tree, counters: counters))
                } catch {
                    group.cancelAll()
                    throw error
                }
                group.cancelAll()
            }
            #expect(await compute.phase == .stopped)
            // A killed server's file stays; no process does.
            let left = PostmasterFile.read(dataFolder: cluster.dataFolder)
            #expect(left?.isAlive(dataFolder: cluster.dataFolder) != true)
        }

        @Test func `many logins at once start one server`() async throws {
            try await self.with { setup in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<20 { group.addTask { _ = try await setup.compute.login() } }
                    try await group.waitForAll()
                }
                #expect(setup.counters.computeStarts == 1)
                #expect(await setup.compute.phase == .active)
            }
        }

        @Test func `it sleeps when quiet and wakes again`() async throws {
            try await self.with(suspendAfter: .seconds(1)) { setup in
                _ = try await setup.compute.login()
                await setup.compute.wait(for: .idle)
                #expect(await setup.compute.lastError == nil)
                let lease = try await setup.compute.login()
                #expect(FileManager.default.fileExists(atPath: lease.socketPath))
                #expect(setup.counters.computeStarts == 2)
            }
        }

        @Test func `a killed server is started again by the next login`() async throws {
            try await self.with { setup in
                for round in 1...3 {
                    _ = try await setup.compute.login()
                    #expect(setup.counters.computeStarts == round)
                    kill(try #require(await setup.compute.serverProcessID), SIGKILL)
                    await setup.compute.wait(for: .idle)
                    #expect(await setup.compute.lastError?.contains("137") == true)
                }
            }
        }

        @Test func `a server that cannot start says why`() async throws {
            try await self.with(settings: [("shared_buffers", "1PB")]) { setup in
                let failure = await #expect(throws: ComputeLifecycle.Failure.self) { try await setup.compute.login() }
                #expect(failure?.description.contains("shared_buffers") == true, "\(failure?.description ?? "")")
                #expect(await setup.compute.phase == .idle)
            }
        }

        @Test func `roles are linked to identities or not`() async throws {
            try await self.with { setup in
                let administration = try #require(try await setup.compute.login().administration)
                #expect(try await administration.identityType(ofRole: "developer@example.com") == "user")
                #expect(try await administration.identityType(ofRole: "cloud_admin") == nil)
                #expect(try await administration.identityType(ofRole: "nobody'; DROP TABLE x; --") == nil)
                #expect(try await administration.busySessions() == 0)
            }
        }

        @Test func `the server goes when the pipe to it ends`() async throws {
            try await self.with { setup in
                let launch = PostgresServer.Launch(
                    cluster: setup.cluster, tree: setup.tree,
                    socketFolder: (try await setup.compute.login().socketPath as NSString)
                        .deletingLastPathComponent
                )
                await setup.compute.suspend()
                await setup.compute.wait(for: .idle)
                let server = try await PostgresServer.start(launch, logger: Self.quiet)
                let running = try #require(PostmasterFile.read(dataFolder: setup.cluster.dataFolder))
                #expect(running.isAlive(dataFolder: setup.cluster.dataFolder))
                server.letGo()
                #expect(await server.exit() == .status(0))
                #expect(!running.isAlive(dataFolder: setup.cluster.dataFolder))
            }
        }
    }
}
