//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A point in time as PostgreSQL counts it, in UTC: whole seconds and microseconds apart, since one `Double` has no room for both.
struct MicrosecondTime: Hashable {
    /// Since 2000-01-01 00:00 UTC.
    var seconds: Int64
    /// 0..<1,000,000.
    var microseconds: Int64

    /// From 2000, where PostgreSQL counts from, to 2001, where `Date` does.
    private static let reference: Int64 = 31_622_400
    private static let million: Int64 = 1_000_000

    init(seconds: Int64, microseconds: Int64) {
        self.seconds = seconds
        self.microseconds = microseconds
    }

    /// Any number of microseconds since 2000-01-01 00:00 UTC.
    init(sinceMillennium count: Int64) {
        let (seconds, rest) = count.quotientAndRemainder(dividingBy: Self.million)
        self.init(seconds: rest < 0 ? seconds - 1 : seconds, microseconds: rest < 0 ? rest + Self.million : rest)
    }

    /// The nearest microsecond; nil for what is no number, or so far away that no type of PostgreSQL can hold it.
    init?(_ date: Date) {
        let interval = date.timeIntervalSinceReferenceDate
        let whole = interval.rounded(.down)
        // `date` ends in the year 5,874,897; the server knows the limit of each type.
        guard abs(whole) < 2e14 else { return nil }
        var count = Int64(((interval - whole) * 1_000_000).rounded())
        // Where a Date cannot tell microseconds apart, its last moment of a second is the second's last microsecond.
        if interval == (whole + 1).nextDown, whole.ulp > 1e-6 { count = Self.million - 1 }
        let carries = count >= Self.million
        self.init(
            seconds: Int64(whole) + Self.reference + (carries ? 1 : 0), microseconds: carries ? 0 : max(count, 0))
    }

    /// The nearest `Date`, but never one of the next second: far from now a `Date` cannot tell microseconds apart, and
    /// 9999-12-31 23:59:59.999999 is not in the year 10000.
    var date: Date {
        let whole = Double(self.seconds - Self.reference)
        let interval = whole + Double(self.microseconds) / 1_000_000
        return Date(timeIntervalSinceReferenceDate: interval < whole + 1 ? interval : (whole + 1).nextDown)
    }

    /// Appends what every setting of `DateStyle` reads in the same way, such as `2024-02-29 12:00:00.000001+00`.
    func appendText(to bytes: inout [UInt8]) {
        let day = CalendarDay.floorDivide(self.seconds, by: 86_400)
        let date = CalendarDay.components(day)
        CalendarDay.append(date, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        CalendarDay.append(secondOfDay: self.seconds - day * 86_400, microseconds: self.microseconds, to: &bytes)
        bytes.append(contentsOf: "+00".utf8)
        if date.year <= 0 { bytes.append(contentsOf: " BC".utf8) }
    }
}
