//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQPool
import Metrics
import Synchronization

/// The metrics of a pool.
///
/// Counts are set whenever they have changed, so a backend finds them current whenever it looks.
final class PoolTelemetry: PQPoolDelegate {
    private struct Counts: Equatable {
        var idle: Int
        var used: Int
        var connecting: Int
        var waiting: Int
    }

    private let last = Mutex<Counts?>(nil)
    private let idle: Meter
    private let used: Meter
    private let connecting: Meter
    private let pending: Meter
    /// The limits, which do not change.
    private let limits: [Meter]
    private let timeouts: Counter
    private let createTime: Timer
    private let waitTime: Timer
    private let useTime: Timer

    init(_ maker: MetricMaker, poolName: String, limits: PQPoolConfiguration) {
        let (names, attributes) = (maker.configuration.metrics, maker.configuration.attributes)
        let pool: MetricMaker.Attribute = (attributes.poolName, poolName)
        func count(_ state: String) -> Meter {
            maker.meter(names.connectionCount, [pool, (attributes.connectionState, state)], unit: "{connection}")
        }
        func limit(_ label: String, _ value: Int) -> Meter {
            let meter = maker.meter(label, [pool], unit: "{connection}")
            meter.set(value)
            return meter
        }
        self.idle = count("idle")
        self.used = count("used")
        self.connecting = count("connecting")
        self.pending = maker.meter(names.pendingRequests, [pool], unit: "{request}")
        self.limits = [
            limit(names.connectionMaximum, limits.maximumConnections),
            limit(names.idleMaximum, limits.maximumConnections),
            limit(names.idleMinimum, limits.minimumConnections),
        ]
        self.timeouts = maker.counter(names.timeouts, [pool], unit: "{timeout}")
        self.createTime = maker.timer(names.createTime, [pool])
        self.waitTime = maker.timer(names.waitTime, [pool])
        self.useTime = maker.timer(names.useTime, [pool])
        self.statisticsChanged {
            PQPoolStatistics(size: 0, idle: 0, leased: 0, connecting: 0, waiting: 0, totals: .init())
        }
    }

    /// Sets the counts that have changed.
    ///
    /// `statistics` is read under a lock, so that of two concurrent changes the later one wins. It must not call this
    /// method.
    func statisticsChanged(_ statistics: () -> PQPoolStatistics) {
        self.last.withLock { last in
            let now = statistics()
            let counts = Counts(
                idle: now.idle, used: now.leased, connecting: now.connecting, waiting: now.waiting)
            if last?.idle != counts.idle { self.idle.set(counts.idle) }
            if last?.used != counts.used { self.used.set(counts.used) }
            if last?.connecting != counts.connecting { self.connecting.set(counts.connecting) }
            if last?.waiting != counts.waiting { self.pending.set(counts.waiting) }
            last = counts
        }
    }

    func acquireTimedOut(after wait: Duration) { self.timeouts.increment() }

    func connectionOpened(_ connection: Int, after duration: Duration) {
        self.createTime.recordNanoseconds(duration.nanoseconds)
    }

    func connectionAcquired(_ connection: Int, after wait: Duration) {
        self.waitTime.recordNanoseconds(wait.nanoseconds)
    }

    func connectionReleased(_ connection: Int, after use: Duration) {
        self.useTime.recordNanoseconds(use.nanoseconds)
    }
}
