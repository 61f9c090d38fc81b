//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Metrics
import MetricsTestKit
import TestSupport
import Testing

@testable import Lakebase

@Suite("The metrics of the pool")
struct PoolTelemetryTests {
    private let metrics = TestMetrics()

    private func pool(_ server: FakePostgres, _ configuration: PQPoolConfiguration) -> ConnectionPool {
        let maker = MetricMaker(factory: self.metrics, configuration: LakebaseConfiguration.Telemetry())
        let telemetry = PoolTelemetry(maker, poolName: "p", limits: configuration)
        return ConnectionPool(configuration: configuration, delegate: telemetry, logger: LogStore().logger) {
            try await PQConnection.connect(server.configuration, logger: LogStore().logger)
        }
    }

    private func count(_ state: String) -> Int? {
        let name = [("db.client.connection.pool.name", "p"), ("db.client.connection.state", state)]
        return (try? self.metrics.expectMeter("db.client.connection.count", name))?.lastValue.map { Int($0) }
    }

    private func value(_ label: String) -> Int? {
        let name = [("db.client.connection.pool.name", "p")]
        return (try? self.metrics.expectMeter(label, name))?.lastValue.map { Int($0) }
    }

    private func times(_ label: String) -> [Int64] {
        let name = [("db.client.connection.pool.name", "p")]
        return (try? self.metrics.expectTimer(label, name))?.values ?? []
    }

    @Test(.timeLimit(.minutes(1)))
    func `counts by state, waiting callers, limits and times`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let pool = self.pool(server, PQPoolConfiguration(maximumConnections: 1))
        #expect([self.count("idle"), self.count("used"), self.count("connecting")] == [0, 0, 0])
        #expect(self.value("db.client.connection.max") == 1 && self.value("db.client.connection.idle.max") == 1)
        #expect(self.value("db.client.connection.idle.min") == 0)
        try await withRunning(pool) {
            let lease = try await pool.acquire()
            #expect([self.count("idle"), self.count("used"), self.count("connecting")] == [0, 1, 0])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { pool.release(try await pool.acquire(), reusable: true) }
                #expect(await becomesTrue { self.value("db.client.connection.pending_requests") == 1 })
                pool.release(lease, reusable: true)
                try await group.waitForAll()
            }
            #expect(self.value("db.client.connection.pending_requests") == 0)
            #expect([self.count("idle"), self.count("used")] == [1, 0])
            #expect(self.times("db.client.connection.create_time").count == 1)
            #expect(self.times("db.client.connection.wait_time").count == 2)
            let used = self.times("db.client.connection.use_time")
            #expect(used.count == 2 && used.allSatisfy { $0 > 0 })
            // The first caller waited for the login, and the second for as long as the first kept it or less.
            let waited = self.times("db.client.connection.wait_time")
            #expect(waited.first ?? 0 >= self.times("db.client.connection.create_time").first ?? .max)
        }
        #expect([self.count("idle"), self.count("used"), self.count("connecting")] == [0, 0, 0])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a caller that gives up is counted, and so is a lost connection`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let pool = self.pool(
            server, PQPoolConfiguration(maximumConnections: 1, acquireTimeout: .milliseconds(20)))
        try await withRunning(pool) {
            // Logging in may take longer than a caller's patience here.
            var first: ConnectionPool.Lease?
            #expect(
                await becomesTrue {
                    first = try? await pool.acquire()
                    return first != nil
                })
            let lease = try #require(first)
            let name = [("db.client.connection.pool.name", "p")]
            let timeouts = try self.metrics.expectCounter("db.client.connection.timeouts", name)
            let before = timeouts.totalValue
            await #expect(throws: PQPoolError.self) { try await pool.acquire() }
            #expect(timeouts.totalValue == before + 1)
            #expect(timeouts.totalValue == pool.statistics.totals.timedOut)
            pool.release(lease, reusable: true)
            #expect(self.count("idle") == 1)
            server.hangUp()
            #expect(await becomesTrue { self.count("idle") == 0 })
            #expect(self.times("db.client.connection.wait_time").count == 1, "only who got one has waited for one")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `whatever many callers do at once, the counts end where the pool ends`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let pool = self.pool(server, PQPoolConfiguration(maximumConnections: 3))
        try await withRunning(pool) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<100 { pool.release(try await pool.acquire(), reusable: true) }
                    }
                }
                try await group.waitForAll()
            }
            let now = pool.statistics
            #expect(await becomesTrue { pool.statistics.connecting == 0 })
            #expect(self.count("idle") == pool.statistics.idle && self.count("used") == 0, "\(now)")
            #expect(self.value("db.client.connection.pending_requests") == 0)
            #expect(self.times("db.client.connection.use_time").count == 800)
        }
    }
}

@Suite("The metrics of credentials")
struct CredentialTelemetryTests {
    private let metrics = TestMetrics()
    private let name = [("db.client.connection.pool.name", "p")]

    private var telemetry: CredentialTelemetry {
        CredentialTelemetry(
            MetricMaker(factory: self.metrics, configuration: LakebaseConfiguration.Telemetry()), poolName: "p")
    }

    private func seconds(_ label: String) -> Double? {
        (try? self.metrics.expectMeter("lakebase.client.credential.\(label)", self.name))?.lastValue
    }

    @Test func `age and time to the end follow the clock and stop at 0`() {
        let (telemetry, start) = (self.telemetry, Date(timeIntervalSince1970: 1_000_000))
        let end = start + 3600
        telemetry.minted(since: .now - .milliseconds(30), mintedAt: start, expiresAt: end)
        #expect(self.seconds("age") == 0 && self.seconds("time_to_expiry") == 3600)
        telemetry.report(mintedAt: start, expiresAt: end, now: start + 600)
        #expect(self.seconds("age") == 600 && self.seconds("time_to_expiry") == 3000)
        telemetry.report(mintedAt: start, expiresAt: end, now: start + 4000)
        #expect(self.seconds("age") == 4000 && self.seconds("time_to_expiry") == 0)
        let times = (try? self.metrics.expectTimer("lakebase.client.credential.refresh.duration", self.name))?.values
        #expect(times?.count == 1 && times?.first ?? 0 >= 30_000_000)
    }

    @Test func `failures are counted by kind, one that is dead on arrival among them`() {
        let (telemetry, start) = (self.telemetry, Date())
        for _ in 0..<2 { telemetry.failed(FailureLabels(type: "unavailable")) }
        telemetry.minted(since: .now, mintedAt: start, expiresAt: start)
        let counters = self.metrics.counters(label: "lakebase.client.credential.refresh.failures")
        let found = counters.map { ($0.dimensions.last?.1 ?? "", $0.totalValue) }
        #expect(Dictionary(uniqueKeysWithValues: found) == ["unavailable": 2, "expired": 1])
        #expect(self.seconds("time_to_expiry") == nil)
    }
}
