//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// Distinguishes the first of a series of failures from the others, so that a series is one line in the log.
struct TroubleSpell {
    /// How long there must be no failure before the next one begins a new series.
    private let calm: TimeAmount
    private var last: NIODeadline?

    init(calm: TimeAmount = .seconds(30)) { self.calm = calm }

    /// Records a failure, and returns whether it begins a series.
    mutating func happened(at now: NIODeadline) -> Bool {
        defer { self.last = now }
        guard let last else { return true }
        return now - last > self.calm
    }
}
