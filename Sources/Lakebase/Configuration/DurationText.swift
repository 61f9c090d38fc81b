//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime

/// Lengths of time as people write them: `30s`, `5m`, `1h`, `250ms`, or a number of seconds.
enum DurationText {
    static let remedy = "use a duration such as 250ms, 30s, 5m or 1h"

    /// Whole numbers only, up to ten thousand days; nil for anything else.
    static func duration(_ text: String) -> Duration? {
        let units: [(suffix: String, milliseconds: Int64)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000),
        ]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let digits = text.dropLast(unit.suffix.count)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits) else {
            return nil
        }
        let (milliseconds, isTooLong) = number.multipliedReportingOverflow(by: unit.milliseconds)
        guard !isTooLong, milliseconds <= 864_000_000_000 else { return nil }
        return .milliseconds(milliseconds)
    }

    /// `off` for none.
    static func textOrOff(_ duration: Duration?) -> String { duration.map(Self.text) ?? "off" }

    /// The shortest of these forms; a duration that is not a whole number of milliseconds is written in seconds with a
    /// fraction.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.bounded.components
        guard attoseconds == 0 else {
            let (milliseconds, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000_000)
            return rest == 0 ? "\(seconds * 1000 + milliseconds)ms" : "\(duration)"
        }
        if seconds != 0, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        if seconds != 0, seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }
}
