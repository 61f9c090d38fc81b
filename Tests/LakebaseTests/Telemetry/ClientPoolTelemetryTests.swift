//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Metrics
import MetricsTestKit
import Testing

@testable import Lakebase

@Suite("The metrics of visitors' clients")
struct ClientPoolTelemetryTests {
    private let metrics = TestMetrics()

    private func meter(_ label: String, state: String? = nil) -> Int? {
        var name = [("db.client.connection.pool.name", "p")]
        if let state { name.append(("db.client.connection.state", state)) }
        return (try? self.metrics.expectMeter(label, name))?.lastValue.map { Int($0) }
    }

    private func total(_ label: String) -> Int64? {
        (try? self.metrics.expectCounter(label, [("db.client.connection.pool.name", "p")]))?.totalValue
    }

    @Test func `meters are what they are, counters what has come since`() {
        let telemetry = ClientPoolTelemetry(
            MetricMaker(factory: self.metrics, configuration: LakebaseConfiguration.Telemetry()), poolName: "p")
        var statistics = LakebaseClientPool.Statistics(
            clients: 6, active: 3, idle: 2, closing: 1, waiting: 4, connections: 7, totals: .init())
        statistics.totals.evicted = 2
        telemetry.tell(statistics)
        statistics.totals.evicted = 5
        (statistics.totals.timedOut, statistics.totals.refused, statistics.totals.rejected) = (1, 2, 3)
        statistics.active = 0
        telemetry.tell(statistics)
        telemetry.tell(statistics)
        let label = "lakebase.users.clients"
        #expect(self.meter(label, state: "used") == 0)
        #expect(self.meter(label, state: "idle") == 2 && self.meter(label, state: "closing") == 1)
        #expect(self.meter("lakebase.users.pending_requests") == 4)
        #expect(self.meter("lakebase.users.connections") == 7)
        #expect(self.total("lakebase.users.evictions") == 5 && self.total("lakebase.users.timeouts") == 1)
        #expect(self.total("lakebase.users.refusals") == 2 && self.total("lakebase.users.rejections") == 3)
    }
}
