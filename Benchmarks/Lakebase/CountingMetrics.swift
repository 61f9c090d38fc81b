//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Metrics
import Synchronization

/// About the least that a metrics backend can do: it counts the calls.
final class CountingMetrics: MetricsFactory {
    private let counter = Handler()

    var calls: Int { self.counter.calls.load(ordering: .relaxed) }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { self.counter }
    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler { self.counter }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { self.counter }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        self.counter
    }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}

    private final class Handler: CounterHandler, MeterHandler, TimerHandler, RecorderHandler {
        let calls = Atomic<Int>(0)

        private func count() { self.calls.add(1, ordering: .relaxed) }

        func increment(by: Int64) { self.count() }
        func reset() { self.count() }
        func set(_ value: Int64) { self.count() }
        func set(_ value: Double) { self.count() }
        func increment(by: Double) { self.count() }
        func decrement(by: Double) { self.count() }
        func record(_ value: Int64) { self.count() }
        func record(_ value: Double) { self.count() }
        func recordNanoseconds(_ duration: Int64) { self.count() }
    }
}
