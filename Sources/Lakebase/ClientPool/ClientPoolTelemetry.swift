//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Metrics
import Synchronization

/// The metrics of all visitors' clients together: the identity of a visitor never becomes a label.
final class ClientPoolTelemetry: Sendable {
    /// The interval at which they are reported.
    static let interval = Duration.seconds(5)

    private let active: Meter
    private let idle: Meter
    private let closing: Meter
    private let pending: Meter
    private let connections: Meter
    private let evictions: Counter
    private let timeouts: Counter
    private let refusals: Counter
    private let rejections: Counter
    /// The totals that were reported so far.
    private let last = Mutex(LakebaseClientPool.Statistics.Totals())

    init(_ maker: MetricMaker, poolName: String) {
        let (names, attributes) = (maker.configuration.metrics, maker.configuration.attributes)
        let pool: MetricMaker.Attribute = (attributes.poolName, poolName)
        func clients(_ state: String) -> Meter {
            maker.meter(names.userClients, [pool, (attributes.connectionState, state)], unit: "{client}")
        }
        self.active = clients("used")
        self.idle = clients("idle")
        self.closing = clients("closing")
        self.pending = maker.meter(names.userPendingRequests, [pool], unit: "{request}")
        self.connections = maker.meter(names.userConnections, [pool], unit: "{connection}")
        self.evictions = maker.counter(names.userEvictions, [pool], unit: "{client}")
        self.timeouts = maker.counter(names.userTimeouts, [pool], unit: "{timeout}")
        self.refusals = maker.counter(names.userRefusals, [pool], unit: "{request}")
        self.rejections = maker.counter(names.userRejections, [pool], unit: "{request}")
    }

    func tell(_ statistics: LakebaseClientPool.Statistics) {
        self.active.set(statistics.active)
        self.idle.set(statistics.idle)
        self.closing.set(statistics.closing)
        self.pending.set(statistics.waiting)
        self.connections.set(statistics.connections)
        let before = self.last.withLock { last in
            defer { last = statistics.totals }
            return last
        }
        for (counter, grown) in [
            (self.evictions, statistics.totals.evicted - before.evicted),
            (self.timeouts, statistics.totals.timedOut - before.timedOut),
            (self.refusals, statistics.totals.refused - before.refused),
            (self.rejections, statistics.totals.rejected - before.rejected),
        ] where grown > 0 {
            counter.increment(by: grown)
        }
    }

    /// Reports the statistics at intervals until the task is cancelled, and once more then.
    func run(_ statistics: @Sendable () -> LakebaseClientPool.Statistics) async {
        while !Task.isCancelled {
            self.tell(statistics())
            try? await Task.sleep(for: Self.interval)
        }
        self.tell(statistics())
    }
}

extension ClientTelemetry {
    /// The telemetry of the clients of an app's visitors; nil where no metrics system is bootstrapped.
    static func users(_ configuration: LakebaseConfiguration) -> ClientPoolTelemetry? {
        let (factory, telemetry) = (MetricsSystem.factory, configuration.telemetry)
        guard telemetry.measuresPool, !(factory is NOOPMetricsHandler) else { return nil }
        return ClientPoolTelemetry(
            MetricMaker(factory: factory, configuration: telemetry),
            poolName: telemetry.poolName ?? configuration.defaultPoolName)
    }
}
