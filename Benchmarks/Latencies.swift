//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// How long single operations took.
struct Latencies: Sendable {
    /// Nanoseconds, in no order.
    var values: [UInt64] = []

    mutating func add(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.values.append(UInt64(clamping: seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
    }

    /// Microseconds at the middle and at the 99th of a hundred.
    var percentiles: (p50: Double, p99: Double) {
        let sorted = self.values.sorted()
        guard !sorted.isEmpty else { return (0, 0) }
        func at(_ part: Double) -> Double { Double(sorted[Int(Double(sorted.count - 1) * part)]) / 1000 }
        return (at(0.5), at(0.99))
    }
}

/// What a contender reached.
struct Measurement: Sendable {
    /// Queries a second.
    var rate: Double
    /// Microseconds from asking for a connection to having the row; nil where the contender does not tell.
    var p50: Double?
    var p99: Double?
}
