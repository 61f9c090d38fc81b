//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// Tells the first of a series of failures from the others, so that a series is one line in the log.
struct TroubleSpell {
    /// How long there has to be quiet for the next trouble to be another spell.
    private let calm: TimeAmount
    private var last: NIODeadline?

    init(calm: TimeAmount = .seconds(30)) { self.calm = calm }

    /// Notes that it happened (again), and says whether a spell begins with it.
    mutating func happened(at now: NIODeadline) -> Bool {
        defer { self.last = now }
        guard let last else { return true }
        return now - last > self.calm
    }
}
