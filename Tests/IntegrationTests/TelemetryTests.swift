//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import InMemoryTracing
import Lakebase
import LakebaseLocal
import Metrics
import MetricsTestKit
import TestSupport
import Testing
import Tracing

@Suite("Telemetry on a local Lakebase", .sharesTheMachine)
struct TelemetryTests {
    /// Runs a client whose metrics and spans are kept.
    private func withTelemetry(
        pool: PQPoolConfiguration = PQPoolConfiguration(),
        telemetry: LakebaseConfiguration.Telemetry = LakebaseConfiguration.Telemetry(),
        logger: LogStore = LogStore(),
        _ body: @Sendable (LakebaseClient, LocalStack, TestMetrics, InMemoryTracer) async throws -> Void
    ) async throws {
        let (metrics, tracer) = (TestMetrics(), InMemoryTracer())
        try await withLocalLakebase(logger: quietLogger) { stack in
            var configuration = try LakebaseConfiguration.fromEnvironment(stack.environment(), pool: pool)
            configuration.telemetry = telemetry
            let made = configuration
            let client = try withMetricsFactory(metrics) {
                try withTracer(tracer) { try LakebaseClient(configuration: made, logger: logger.logger) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await client.run() }
                defer { group.cancelAll() }
                try await body(client, stack, metrics, tracer)
            }
        }
    }

    /// How many statements of an operation were timed, and with which outcome.
    private static func count(_ metrics: TestMetrics, _ operation: String, _ state: String? = nil) -> Int {
        metrics.timers(label: "db.client.operation.duration", dimensions: [("db.operation.name", operation)])
            .filter { timer in
                timer.dimensions.first { $0.0 == "db.response.status_code" }?.1 == state
            }
            .reduce(0) { $0 + $1.values.count }
    }

    @Test("every statement is timed: by itself, on a held connection, in a transaction, as a script, and failing")
    func statements() async throws {
        try await self.withTelemetry { client, stack, metrics, _ in
            try await client.query("CREATE SCHEMA mine")
            try await client.withConnection { connection in
                try await connection.execute(script: "CREATE TABLE mine.t (a int PRIMARY KEY); SELECT 1")
                for number in 0..<5 { try await connection.query("INSERT INTO mine.t VALUES (\(Int32(number)))") }
            }
            try await client.withTransaction { connection in
                _ = try await connection.query("UPDATE mine.t SET a = a + 100")
            }
            await #expect(throws: PQError.self) {
                try await client.withTransaction { connection in
                    try await connection.query("INSERT INTO mine.t VALUES (100)")
                }
            }
            for _ in 0..<4 { try await client.query("SELECT count(*) FROM mine.t WHERE a > \(Int32(0))") }
            // One SELECT more is the client's own, which asks once how many connections the server takes.
            let counts = [
                ("CREATE", nil, 1), ("BATCH", nil, 1), ("INSERT", nil, 5), ("INSERT", "23505", 1), ("BEGIN", nil, 2),
                ("UPDATE", nil, 1), ("COMMIT", nil, 1), ("ROLLBACK", nil, 1), ("SELECT", nil, 5),
            ]
            for (operation, state, count) in counts {
                #expect(Self.count(metrics, operation, state) == count, "\(operation) \(state ?? "")")
            }
            let select = metrics.timers(
                label: "db.client.operation.duration", dimensions: [("db.operation.name", "SELECT")])
            let labels = Dictionary(uniqueKeysWithValues: select.first?.dimensions ?? [])
            #expect(
                labels == [
                    "db.system.name": "postgresql", "db.namespace": "databricks_postgres",
                    "db.operation.name": "SELECT", "server.address": try #require(stack.environment()["PGHOST"]),
                    "server.port": try #require(stack.environment()["PGPORT"]),
                ])
        }
    }

    @Test("spans are children of the caller's, also across the pool and in a transaction")
    func spans() async throws {
        try await self.withTelemetry { client, _, _, tracer in
            try await tracer.withSpan("request") { _ in
                try await client.query("SELECT 1 FROM generate_series(1, 3)")
                _ = try await client.withTransaction { try await $0.query("SELECT 2") }
                await #expect(throws: PQError.self) { try await client.query("SELECT 1 / 0") }
            }
            let spans = tracer.finishedSpans
            let parent = try #require(spans.first { $0.operationName == "request" })
            let children = spans.filter { $0.parentSpanID == parent.spanID }
            #expect(children.map(\.operationName) == ["SELECT", "BEGIN", "SELECT", "COMMIT", "SELECT"])
            #expect(children.allSatisfy { $0.kind == .client && $0.traceID == parent.traceID })
            #expect(children.first?.attributes.get("db.response.returned_rows") == .int64(3))
            #expect(children.map { $0.status?.code == .error } == [false, false, false, false, true])
            #expect(children.last?.attributes.get("db.response.status_code") == "22012")
        }
    }

    @Test("no text, value or secret of a query reaches a label, a span or the log")
    func canary() async throws {
        let log = LogStore()
        var telemetry = LakebaseConfiguration.Telemetry()
        telemetry.slowStatementThreshold = .zero
        telemetry.includesStatementText = true
        try await self.withTelemetry(telemetry: telemetry, logger: log) { client, _, metrics, tracer in
            let canary = "canary-8472"
            try await client.query("SELECT \(canary)")
            try await client.query("SELECT 'canary-8472' /* canary-8472 */")
            // The server's message quotes the value.
            await #expect(throws: PQError.self) { try await client.query("SELECT \(canary)::text::int") }
            await #expect(throws: PQError.self) { try await client.query("SELECT 'canary-8472'::int") }
            try await client.withConnection { try await $0.execute(script: "SELECT 'canary-8472'; SELECT 1") }
            let told =
                metrics.timers.map { "\($0.label) \($0.dimensions)" }
                + metrics.counters.map { "\($0.label) \($0.dimensions)" }
                + metrics.meters.map { "\($0.label) \($0.dimensions)" }
                + tracer.finishedSpans.map { "\($0)" } + log.text.split(separator: "\n").map(String.init)
            #expect(told.count > 20 && told.contains { $0.contains("SELECT ?") })
            #expect(told.filter { $0.contains("canary-8472") } == [])
            let token = try #require(client.statistics.credential?.expiresAt)
            #expect(token > .now)
            // A token is a JWT, which begins like this.
            #expect(told.filter { $0.contains("eyJ") } == [])
        }
    }

    @Test("credentials tell their age and end, and how minting goes")
    func credentials() async throws {
        try await self.withTelemetry { client, stack, metrics, _ in
            stack.local.faults.credentials = .status(503)
            await #expect(throws: LakebaseError.self) { try await client.query("SELECT 1") }
            #expect(metrics.counterTotal(label: "lakebase.client.credential.refresh.failures") > 0)
            #expect(
                metrics.timers(label: "lakebase.client.credential.refresh.duration").allSatisfy { $0.values.isEmpty })
            stack.local.faults.credentials = nil
            try await eventually("it heals") {
                (try? await client.query("SELECT 1")) != nil
            }
            let durations = metrics.timers(label: "lakebase.client.credential.refresh.duration").flatMap(\.values)
            #expect(durations.count == 1 && durations.allSatisfy { $0 > 0 })
            let left = metrics.meters(label: "lakebase.client.credential.time_to_expiry").first?.lastValue
            #expect((left ?? 0) > 0)
            #expect(metrics.meters(label: "lakebase.client.credential.age").first?.lastValue != nil)
            // Pool metrics know the way to the database before its address.
            let name = metrics.meters(label: "db.client.connection.max").first?.dimensions.first?.1
            #expect(name?.hasSuffix("/databricks_postgres") == true)
        }
    }

    @Test("what is switched off is not told")
    func off() async throws {
        try await self.withTelemetry(telemetry: .off) { client, _, metrics, tracer in
            try await client.query("SELECT 1")
            #expect(metrics.timers.isEmpty && metrics.counters.isEmpty && metrics.meters.isEmpty)
            #expect(tracer.finishedSpans.isEmpty)
        }
    }
}
