//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Secrets
import ServiceLifecycle
import TestSupport
import Testing

@testable import Lakebase

@Suite("The client, without tokens")
struct LakebaseClientTests {
    /// A client of a folder in which no server listens.
    private func refused(_ log: LogStore, pool: PQPoolConfiguration? = nil) throws -> LakebaseClient {
        let pool = pool ?? PQPoolConfiguration(wakeTimeout: .milliseconds(60))
        var configuration = LakebaseConfiguration(
            target: .postgres(host: "/nonexistent", password: nil), username: "ann", tls: .disable, pool: pool)
        configuration.notes = ["a remark"]
        return try LakebaseClient(configuration: configuration, logger: log.logger)
    }

    private func client(of server: FakePostgres, _ log: LogStore) throws -> LakebaseClient {
        try LakebaseClient(
            configuration: LakebaseConfiguration(
                target: .postgres(host: server.directory, password: nil), database: "app", username: "ann",
                tls: .disable),
            logger: log.logger)
    }

    private func failure(_ body: () async throws -> Void) async -> LakebaseError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? LakebaseError
        }
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

    @Test(.timeLimit(.minutes(1)))
    func `where nobody listens the error says where, for how long and what to check`() async throws {
        let client = try self.refused(LogStore())
        try await self.withRunning(client) {
            let error = await self.failure { try await client.query("SELECT 1") }
            #expect(error?.code == .connectionFailed)
            #expect(error?.message.hasPrefix("/nonexistent did not accept a connection within 0.06 seconds: ") == true)
            #expect(error?.remedy?.contains("endpoint is not disabled") == true)
            #expect((error?.underlying as? PQError)?.code == .connectionFailed)
            #expect(client.statistics.pool.totals.failedToOpen == 1 && client.statistics.logins == 0)
            #expect(client.statistics.lastLogin == nil && client.statistics.credential == nil)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `use before run() is warned about once`() async throws {
        let log = LogStore()
        let client = try self.refused(log, pool: PQPoolConfiguration(acquireTimeout: .milliseconds(5)))
        for _ in 0..<3 {
            let error = await self.failure { try await client.query("SELECT 1") }
            #expect(error?.code == .timedOut)
            #expect(error?.remedy?.contains("run()") == true)
        }
        #expect(log.lines.count { $0.hasPrefix("warning") } == 1)
    }

    @Test(.timeLimit(.minutes(1)))
    func `use after run() began is not warned about, and remarks are logged once`() async throws {
        let log = LogStore()
        let client = try self.refused(log)
        try await self.withRunning(client) {
            #expect(await becomesTrue { log.text.contains("a remark") })
            _ = await self.failure { try await client.query("SELECT 1") }
        }
        #expect(!log.lines.contains { $0.hasPrefix("warning") })
        #expect(log.lines.count { $0.hasPrefix("info a remark") } == 1)
    }

    @Test(.timeLimit(.minutes(1)))
    func `who asked before run() is served once it runs`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let client = try self.client(of: server, LogStore())
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await client.query("SELECT 1").count }
            #expect(await becomesTrue { client.statistics.pool.waiting == 1 })
            try await self.withRunning(client) {
                let count = try await group.next()
                #expect(count == 1)
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a second run() returns at once and says so`() async throws {
        let log = LogStore()
        let client = try self.refused(log)
        try await self.withRunning(client) {
            #expect(await becomesTrue { log.text.contains("a remark") })
            await client.run()
            #expect(log.lines.count { $0.hasPrefix("error") && $0.contains("called twice") } == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a graceful shutdown ends run() and refuses who comes later`() async throws {
        let (server, log) = (try FakePostgres(), LogStore())
        defer { server.stop() }
        let client = try self.client(of: server, log)
        let services = ServiceGroup(services: [client], logger: log.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            #expect(try await client.query("SELECT 1").count == 1)
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
        #expect(client.statistics.pool.size == 0)
        #expect(await self.failure { try await client.query("SELECT 1") }?.code == .shutDown)
        #expect(await becomesTrue { server.openCount == 0 })
    }

    @Test(.timeLimit(.minutes(1)))
    func `a graceful shutdown lets a transaction finish`() async throws {
        let (server, log) = (try FakePostgres(), LogStore())
        defer { server.stop() }
        let client = try self.client(of: server, log)
        let services = ServiceGroup(services: [client], logger: log.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            try await client.withTransaction { connection in
                await services.triggerGracefulShutdown()
                #expect(
                    await becomesTrue { await self.failure { try await client.query("SELECT 2") }?.code == .shutDown })
                try await connection.query("SELECT 1")
            }
            try await group.waitForAll()
        }
        #expect(server.statements.suffix(2) == ["SELECT 1", "COMMIT"])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a transaction left open is rolled back, and the connection serves on`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let client = try self.client(of: server, LogStore())
        try await self.withRunning(client) {
            try await client.withConnection { connection in _ = try await connection.query("BEGIN") }
            #expect(server.statements.last == "ROLLBACK")
            try await client.query("SELECT 1")
            #expect(client.statistics.logins == 1 && client.statistics.lastLogin != nil)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a body that throws gives its connection back`() async throws {
        struct Mine: Error {}
        let server = try FakePostgres()
        defer { server.stop() }
        let client = try self.client(of: server, LogStore())
        try await self.withRunning(client) {
            await #expect(throws: Mine.self) { try await client.withConnection { _ in throw Mine() } }
            #expect(client.statistics.pool.leased == 0 && client.statistics.pool.idle == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a connection closed by its holder is not leased again`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let client = try self.client(of: server, LogStore())
        try await self.withRunning(client) {
            try await client.withConnection { connection in await connection.close() }
            #expect(client.statistics.pool.leased == 0)
            #expect(try await client.query("SELECT 1").count == 1)
            #expect(client.statistics.logins == 2)
        }
    }

    // MARK: Making one

    @Test func `limits that cannot work and a missing workspace are reported together`() {
        let configuration = LakebaseConfiguration(
            target: .autoscaling(endpoint: "projects/p/branches/b/endpoints/e", host: nil),
            pool: PQPoolConfiguration(maximumConnections: 0))
        #expect {
            _ = try LakebaseClient(configuration: configuration, logger: LogStore().logger)
        } throws: { error in
            (error as? LakebaseConfigurationError)?.problems.map(\.setting) == ["maximumConnections", "workspace"]
        }
    }
}
