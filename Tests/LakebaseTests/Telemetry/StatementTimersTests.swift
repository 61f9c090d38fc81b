//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Metrics
import MetricsTestKit
import Testing

@testable import Lakebase

@Suite("The timers of statements")
struct StatementTimersTests {
    private func timers(
        _ metrics: TestMetrics, change: (inout LakebaseConfiguration.Telemetry) -> Void = { _ in }
    ) -> StatementTimers {
        var configuration = LakebaseConfiguration.Telemetry()
        change(&configuration)
        return StatementTimers(
            MetricMaker(factory: metrics, configuration: configuration),
            server: [(configuration.attributes.system, "postgresql"), (configuration.attributes.serverPort, "5432")])
    }

    private func labels(_ timer: TestTimer?) -> [String: String] {
        Dictionary(uniqueKeysWithValues: timer?.dimensions ?? [])
    }

    @Test func `one timer for each operation, in seconds, with the conventions' names`() throws {
        let metrics = TestMetrics()
        let timers = self.timers(metrics)
        for _ in 0..<3 { timers.record(StatementOperation(sql: "SELECT 1"), nil, .milliseconds(20)) }
        timers.record(StatementOperation(sql: "COMMIT"), nil, .milliseconds(1))
        let made = metrics.timers(label: "db.client.operation.duration")
        #expect(made.count == 2)
        let select = try #require(made.first { $0.values.count == 3 })
        #expect(
            self.labels(select) == [
                "db.system.name": "postgresql", "server.port": "5432", "db.operation.name": "SELECT",
            ])
        #expect(select.values == [20_000_000, 20_000_000, 20_000_000])
        #expect(select.displayUnit == .seconds && select.valueInPreferredUnit(atIndex: 0) == 0.02)
    }

    @Test func `a failure has its SQLSTATE, and one without a SQLSTATE its code or type`() {
        struct Odd: Error {}
        let metrics = TestMetrics()
        let timers = self.timers(metrics)
        let select = StatementOperation(sql: "SELECT")
        let server = PQServerError(severity: "ERROR", sqlState: .uniqueViolation, message: "secret")
        for error in [
            PQError(.server, "secret", server: server), PQError(.timedOut, "secret"), CancellationError(), Odd(),
            PQError(
                .server, "secret",
                server: PQServerError(severity: "ERROR", sqlState: SQLState(rawValue: "secret"), message: "")),
        ] as [any Error] {
            timers.record(select, FailureLabels(error), .seconds(1))
        }
        let made = metrics.timers(label: "db.client.operation.duration").map { self.labels($0) }
        #expect(
            Set(made.compactMap { $0["error.type"] }) == ["23505", "timedOut", "CancellationError", "Odd", "server"])
        #expect(made.compactMap { $0["db.response.status_code"] } == ["23505"])
        #expect(!"\(made)".contains("secret"))
    }

    @Test func `made-up SQLSTATEs do not make series without end`() {
        let metrics = TestMetrics()
        let timers = self.timers(metrics)
        let select = StatementOperation(sql: "SELECT")
        for number in 10_000..<11_000 {
            timers.record(select, FailureLabels(type: "\(number)", statusCode: "\(number)"), .seconds(1))
        }
        let made = metrics.timers(label: "db.client.operation.duration")
        #expect(made.count == StatementTimers.mostFailures + 1)
        let rest = made.first { self.labels($0)["error.type"] == "_OTHER" }
        #expect(rest?.values.count == 1000 - StatementTimers.mostFailures)
    }

    @Test func `names can be replaced, left out and filled`() throws {
        let metrics = TestMetrics()
        let timers = self.timers(metrics) { configuration in
            configuration.metrics.operationDuration = "sql.time"
            configuration.attributes.system = "db"
            configuration.attributes.serverPort = nil
            configuration.attributes.unit = "unit"
            configuration.fillsAbsentAttributes = true
        }
        timers.record(.other, nil, .seconds(1))
        timers.record(.other, FailureLabels(type: "timedOut"), .seconds(1))
        let made = metrics.timers(label: "sql.time").map { $0.dimensions.map(\.0) }
        let names = ["db", "db.operation.name", "error.type", "db.response.status_code", "unit"]
        #expect(made == [names, names])
    }

    @Test func `durations become nanoseconds without overflowing`() {
        #expect(Duration.milliseconds(1500).nanoseconds == 1_500_000_000)
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.nanoseconds(-5).nanoseconds == -5)
    }

    @Test func `the advised buckets are the conventions' ones`() {
        #expect(
            LakebaseConfiguration.Telemetry.operationDurationBuckets.map(\.seconds)
                == [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10])
    }
}
