//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import AsyncPQPool
@testable import Lakebase

@Suite("The client under an operator's hands")
struct AdministrationTests {
    private func client(
        of server: FakePostgres, _ log: LogStore = LogStore(), _ pool: PQPoolConfiguration = PQPoolConfiguration()
    ) throws -> LakebaseClient {
        var pool = pool
        // No test is about these, and a busy machine can stand still for longer than the defaults.
        pool.connectTimeout = .seconds(50)
        pool.drainTimeout = .seconds(50)
        return try LakebaseClient(
            configuration: LakebaseConfiguration(
                target: .postgres(host: server.directory, password: nil), database: "app", username: "ann",
                tls: .disable, pool: pool),
            logger: log.logger)
    }

    private func withRunning<Value: Sendable>(
        _ client: LakebaseClient, _ body: () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    private func failure(_ body: () async throws -> Void) async -> LakebaseError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? LakebaseError
        }
    }

    /// How many reports of a level are about the connection that was acquired at `place`.
    private func count(_ log: LogStore, _ level: String, _ place: String) -> Int {
        log.lines.count { line in line.hasPrefix(level) && line.contains(place) }
    }

    // MARK: Deadlines

    @Test(.timeLimit(.minutes(1)))
    func `a caller whose deadline has passed is refused at once, though a connection idles`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let client = try self.client(of: server)
        try await self.withRunning(client) {
            try await client.query("SELECT 1")
            let error = await self.failure { try await client.withConnection(deadline: .now) { _ in } }
            #expect(error?.code == .timedOut)
            #expect(client.statistics.pool.idle == 1 && client.statistics.pool.totals.timedOut == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a caller's own deadline takes the place of the pool's limit`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let client = try self.client(
            of: server, LogStore(), PQPoolConfiguration(maximumConnections: 1, acquireTimeout: .seconds(3600)))
        try await self.withRunning(client) {
            try await client.withConnection { _ in
                let begin = ContinuousClock.now
                let error = await self.failure {
                    try await client.withConnection(deadline: begin + .milliseconds(60)) { _ in }
                }
                #expect(error?.code == .timedOut)
                #expect(error?.message.contains("1 open (1 in use, 0 idle, 0 connecting), 0 waiting") == true)
                #expect(begin.duration(to: .now) >= .milliseconds(60))
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a caller in a hurry does not wait for the whole check, and condemns no other connection`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let client = try self.client(
            of: server, LogStore(),
            PQPoolConfiguration(livenessCheckAfter: .zero, livenessCheckTimeout: .seconds(30)))
        try await self.withRunning(client) {
            try await client.withConnection { _ in try await client.withConnection { _ in } }
            #expect(client.statistics.pool.idle == 2)
            server.fallSilent()
            let isChecked = await getsFarEnough { limit in
                let error = await self.failure { try await client.withConnection(deadline: .now + limit) { _ in } }
                #expect(error?.code == .timedOut)
                #expect(client.statistics.pool.leased == 0)
                return client.statistics.pool.idle == 1
            }
            #expect(isChecked)
        }
    }

    // MARK: Leases that last too long

    @Test(.timeLimit(.minutes(1)))
    func `a lease that lasts too long is reported with its place, once, and so is its end`() async throws {
        let (server, log) = (try FakePostgres(), LogStore())
        defer { server.stop() }
        let client = try self.client(of: server, log, PQPoolConfiguration(leakWarningAfter: .seconds(1)))
        try await self.withRunning(client) {
            try await client.query("SELECT 1")
            let line = #line + 1
            try await client.withConnection { _ in
                let place = "LakebaseTests/AdministrationTests.swift:\(line)"
                #expect(await becomesTrue { self.count(log, "warning", place) == 1 })
                #expect(self.count(log, "info", place) == 0)
            }
            // On a machine that stood still the first query may have been reported as well, with its own place.
            #expect(self.count(log, "info", "AdministrationTests.swift:\(line)") == 1)
            #expect(self.count(log, "warning", "AdministrationTests.swift:\(line)") == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a transaction's place is its caller's`() async throws {
        let (server, log) = (try FakePostgres(), LogStore())
        defer { server.stop() }
        let client = try self.client(of: server, log, PQPoolConfiguration(leakWarningAfter: .milliseconds(20)))
        try await self.withRunning(client) {
            let line = #line + 1
            try await client.withTransaction { _ in
                #expect(await becomesTrue { log.text.contains("AdministrationTests.swift:\(line)") })
            }
        }
    }

    // MARK: Pausing

    @Test(.timeLimit(.minutes(1)))
    func `callers wait through a pause, and a timeout says that it is one`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let client = try self.client(of: server)
        try await self.withRunning(client) {
            try await client.query("SELECT 1")
            client.pause()
            let error = await self.failure {
                try await client.withConnection(deadline: .now + .milliseconds(30)) { _ in }
            }
            #expect(error?.message.contains("1 idle, 0 connecting), 0 waiting, paused") == true)
            #expect(error?.remedy == "the client is paused: call resume()")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { try await client.query("SELECT 1") } }
                #expect(await becomesTrue { client.statistics.pool.waiting == 5 })
                #expect(server.logins == 1)
                client.resume()
                try await group.waitForAll()
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a shutdown ends a pause, so that those who wait are served`() async throws {
        let (server, log) = (try FakePostgres(), LogStore())
        defer { server.stop() }
        let client = try self.client(of: server, log)
        let services = ServiceGroup(services: [client], logger: log.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            try await client.query("SELECT 1")
            client.pause()
            group.addTask { try await client.query("SELECT 1") }
            group.addTask { try await client.query("SELECT 1") }
            #expect(await becomesTrue { client.statistics.pool.waiting == 2 })
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
        #expect(await becomesTrue { server.openCount == 0 })
    }

    // MARK: Resizing and draining

    @Test(.timeLimit(.minutes(1)))
    func `resizing lets more in, or closes what is too much`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let client = try self.client(of: server, LogStore(), PQPoolConfiguration(maximumConnections: 1))
        try await self.withRunning(client) {
            try await client.withConnection { _ in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await client.withConnection { _ in } }
                    #expect(await becomesTrue { client.statistics.pool.waiting == 1 })
                    try client.resize(minimum: 0, maximum: 2)
                    try await group.waitForAll()
                }
                #expect(client.statistics.pool.maximum == 2 && client.statistics.pool.size == 2)
                try client.resize(minimum: 0, maximum: 1)
                #expect(await becomesTrue { server.openCount == 1 })
            }
            try client.resize(minimum: 3, maximum: 4)
            let hasThree = await becomesTrue { client.statistics.pool.idle == 3 }
            #expect(hasThree, "\(client.statistics.pool), and the server has \(server.openCount)")
            #expect(throws: LakebaseConfigurationError.self) { try client.resize(minimum: 5, maximum: 4) }
            #expect(client.statistics.pool.maximum == 4)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `draining closes what idles, waits for leases, and says whether all came back`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let client = try self.client(of: server)
        try await self.withRunning(client) {
            try await client.withConnection { _ in
                try await client.query("SELECT 1")
                #expect(await client.replaceConnections(within: .milliseconds(20)) == false)
                // The one that idled is closed, and the one leased has a successor.
                #expect(await becomesTrue { client.statistics.pool.idle == 1 && server.openCount == 2 })
                #expect(server.logins == 3)
            }
            #expect(await client.replaceConnections(within: .seconds(50)) == true, "nothing is leased")
            client.pause()
            #expect(await becomesTrue { client.statistics.pool.size == 0 && server.openCount == 0 })
            client.resume()
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await client.withConnection { _ in
                    group.addTask { #expect(await client.replaceConnections(within: .seconds(50)) == true) }
                    #expect(await becomesTrue { client.pool.shared.withLock { $0.drains.count == 1 } })
                }
                try await group.waitForAll()
            }
            #expect(client.pool.shared.withLock { $0.drains.isEmpty })
            #expect(try await client.query("SELECT 1").count == 1, "it goes on")
        }
    }
}
