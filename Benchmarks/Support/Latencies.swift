//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// How long single operations took.
package struct Latencies: Sendable {
    /// Nanoseconds, in no order.
    package var values: [UInt64] = []

    package init() {}

    package mutating func add(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.values.append(UInt64(clamping: seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
    }

    /// Microseconds at the middle and at the 99th of a hundred.
    package var percentiles: (p50: Double, p99: Double) {
        let sorted = self.values.sorted()
        guard !sorted.isEmpty else { return (0, 0) }
        func at(_ part: Double) -> Double { Double(sorted[Int(Double(sorted.count - 1) * part)]) / 1000 }
        return (at(0.5), at(0.99))
    }
}

extension Duration {
    /// The number of seconds.
    package var inSeconds: Double { self / .seconds(1) }
}
