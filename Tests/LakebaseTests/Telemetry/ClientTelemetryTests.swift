//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import InMemoryTracing
import Metrics
import MetricsTestKit
import TestSupport
import Testing
import Tracing

@testable import Lakebase

@Suite("Who is told what")
struct ClientTelemetryTests {
    private func configuration(
        _ target: LakebaseConfiguration.Target = .postgres(host: "db.example", password: nil),
        change: (inout LakebaseConfiguration.Telemetry) -> Void = { _ in }
    ) -> LakebaseConfiguration {
        var configuration = LakebaseConfiguration(target: target, database: "app", schema: "mine")
        change(&configuration.telemetry)
        return configuration
    }

    private func telemetry(_ configuration: LakebaseConfiguration) -> ClientTelemetry {
        ClientTelemetry(configuration, logger: LogStore().logger)
    }

    private static let endpoint = LakebaseConfiguration.Target.autoscaling(
        endpoint: "projects/p/branches/b/endpoints/e", host: nil)

    @Test func `without a backend nothing watches`() {
        let telemetry = self.telemetry(self.configuration(Self.endpoint))
        #expect(telemetry.observer(host: "db.example") == nil)
        #expect(telemetry.pool == nil && telemetry.credentials == nil)
    }

    @Test func `with a backend each signal is on and can be switched off`() {
        let metrics = TestMetrics()
        func made(_ change: (inout LakebaseConfiguration.Telemetry) -> Void) -> [Bool] {
            withMetricsFactory(metrics) {
                let telemetry = self.telemetry(self.configuration(Self.endpoint, change: change))
                return [
                    telemetry.observer(host: "h") != nil, telemetry.pool != nil, telemetry.credentials != nil,
                ]
            }
        }
        #expect(made { _ in } == [true, true, true])
        #expect(made { $0.measuresStatements = false } == [false, true, true])
        #expect(made { $0.measuresPool = false } == [true, false, true])
        #expect(made { $0.measuresCredentials = false } == [true, true, false])
        #expect(made { $0 = .off } == [false, false, false])
        let traced = withTracer(InMemoryTracer()) {
            [
                self.telemetry(self.configuration()).observer(host: "h") != nil,
                self.telemetry(self.configuration { $0.tracesStatements = false }).observer(host: "h") != nil,
            ]
        }
        #expect(traced == [true, false])
        let slow = self.telemetry(self.configuration { $0.slowStatementThreshold = .seconds(1) })
        #expect(slow.observer(host: "h") != nil)
    }

    @Test func `a password of its own means no metrics of credentials`() {
        withMetricsFactory(TestMetrics()) {
            #expect(self.telemetry(self.configuration()).credentials == nil)
        }
    }

    @Test func `the connections to a host share an observer`() {
        withMetricsFactory(TestMetrics()) {
            let telemetry = self.telemetry(self.configuration())
            #expect(telemetry.observer(host: "a") === telemetry.observer(host: "a"))
            #expect(telemetry.observer(host: "a") !== telemetry.observer(host: "b"))
        }
    }

    @Test func `the pool's name is made of what tells clients apart`() {
        #expect(self.configuration().defaultPoolName == "db.example:5432/app.mine")
        #expect(
            self.configuration(Self.endpoint).defaultPoolName == "projects/p/branches/b/endpoints/e/app.mine")
        #expect(
            self.configuration(.provisioned(instance: "one", host: nil)).defaultPoolName == "one/app.mine")
        #expect(
            self.configuration(.provisioned(instance: "one", host: "h")).defaultPoolName == "h:5432/app.mine")
    }
}

@Suite("What is told of a statement")
struct StatementTelemetryTests {
    private func observer(
        _ log: LogStore = LogStore(), change: (inout LakebaseConfiguration.Telemetry) -> Void = { _ in }
    ) throws -> any PQQueryObserver {
        var configuration = LakebaseConfiguration(
            target: .postgres(host: "db.example", password: nil), port: 6543, database: "app", schema: "mine")
        change(&configuration.telemetry)
        return try #require(ClientTelemetry(configuration, logger: log.logger).observer(host: "db.example"))
    }

    private func run(
        _ observer: any PQQueryObserver, _ sql: String, failing error: any Error, _ kind: PQQueryKind = .query
    ) {
        let token = observer.queryBegan(sql, kind)
        observer.queryEnded(sql, token, .failure(error))
    }

    @Test func `a span is a child of the caller's, of kind client, with the conventions' attributes`() throws {
        let tracer = InMemoryTracer()
        let observer = try withTracer(tracer) { try self.observer() }
        let server = PQServerError(severity: "ERROR", sqlState: .uniqueViolation, message: "secret")
        tracer.withSpan("request") { _ in
            self.run(observer, "INSERT INTO t VALUES ('secret')", failing: PQError(.server, "secret", server: server))
        }
        let spans = tracer.finishedSpans
        let parent = try #require(spans.first { $0.operationName == "request" })
        let span = try #require(spans.first { $0.operationName == "INSERT" })
        #expect(span.parentSpanID == parent.spanID && span.traceID == parent.traceID && span.kind == .client)
        #expect(span.status?.code == .error && span.status?.message == nil && span.errors.isEmpty)
        let expected: [String: SpanAttribute] = [
            "db.system.name": "postgresql", "db.namespace": "app.mine", "server.address": "db.example",
            "server.port": .int64(6543), "db.operation.name": "INSERT", "db.query.summary": "INSERT",
            "error.type": "23505", "db.response.status_code": "23505",
        ]
        #expect(span.attributes == SpanAttributes(expected))
        #expect(!"\(spans)".contains("secret"))
    }

    @Test func `text is on a span only when asked for, and then without literals`() throws {
        let tracer = InMemoryTracer()
        let observer = try withTracer(tracer) { try self.observer { $0.includesStatementText = true } }
        self.run(observer, "SELECT $1, 'secret'", failing: CancellationError())
        self.run(observer, "SELECT 'secret'; SELECT 2", failing: CancellationError(), .script)
        let texts = tracer.finishedSpans.map { $0.attributes.get("db.query.text") }
        #expect(texts == ["SELECT $1, ?", nil])
        #expect(tracer.finishedSpans.map(\.operationName) == ["SELECT", "BATCH"])
    }

    @Test func `a statement of no known command is named after the system`() throws {
        let tracer = InMemoryTracer()
        let observer = try withTracer(tracer) { try self.observer() }
        self.run(observer, "secret", failing: CancellationError())
        #expect(tracer.finishedSpans.map(\.operationName) == ["postgresql"])
        #expect(tracer.finishedSpans.first?.attributes.get("db.operation.name") == nil)
    }

    @Test func `slow statements are logged at notice, quick ones are not`() throws {
        let log = LogStore()
        let observer = try self.observer(log) { $0.slowStatementThreshold = .milliseconds(500) }
        self.run(observer, "SELECT 'secret'", failing: CancellationError())
        #expect(log.lines.isEmpty)
        var token = observer.queryBegan("SELECT 'secret'", .query)
        token.begin -= .seconds(2)
        observer.queryEnded("SELECT 'secret'", token, .failure(PQError(.timedOut, "secret")))
        #expect(log.lines.count == 1 && log.text.hasPrefix("notice Slow statement"))
        #expect(log.text.contains("SELECT") && log.text.contains("timedOut"))
        #expect(log.text.contains("db.client.operation.duration=2."))
        #expect(!log.text.contains("secret"))
    }

    @Test func `a slow statement's text is logged when asked for, without literals`() throws {
        let log = LogStore()
        let observer = try self.observer(log) {
            $0.slowStatementThreshold = .zero
            $0.includesStatementText = true
        }
        self.run(observer, "SELECT a FROM t WHERE b = 'secret'", failing: CancellationError())
        #expect(log.text.contains("SELECT a FROM t WHERE b = ?"))
    }
}
