//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A point in time as PostgreSQL counts it, in UTC: whole seconds and microseconds apart, since one `Double` has no
/// room for both.
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

    /// The nearest microsecond; nil for a value that is not a number or that no type of PostgreSQL can hold.
    init?(_ date: Date) {
        let interval = date.timeIntervalSinceReferenceDate
        let whole = interval.rounded(.down)
        // `date` ends in the year 5,874,897; the server knows the limit of each type.
        guard abs(whole) < 2e14 else { return nil }
        var count = Int64(((interval - whole) * 1_000_000).rounded())
        // Where a Date cannot represent microseconds, its last value within a second is taken for the second's last
        // microsecond.
        if interval == (whole + 1).nextDown, whole.ulp > 1e-6 { count = Self.million - 1 }
        let carries = count >= Self.million
        self.init(
            seconds: Int64(whole) + Self.reference + (carries ? 1 : 0), microseconds: carries ? 0 : max(count, 0))
    }

    /// The nearest `Date`, but never one in the next second: far from now a `Date` cannot represent microseconds, and
    /// 9999-12-31 23:59:59.999999 is not in the year 10000.
    var date: Date {
        let whole = Double(self.seconds - Self.reference)
        let interval = whole + Double(self.microseconds) / 1_000_000
        return Date(timeIntervalSinceReferenceDate: interval < whole + 1 ? interval : (whole + 1).nextDown)
    }

    /// Appends text that every setting of `DateStyle` reads in the same way, such as `2024-02-29 12:00:00.000001+00`.
    func appendText(to bytes: inout [UInt8]) {
        let day = CalendarDay.floorDivide(self.seconds, by: 86_400)
        let date = CalendarDay.components(day)
        CalendarDay.append(date, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        CalendarDay.append(secondOfDay: self.seconds - day * 86_400, microseconds: self.microseconds, to: &bytes)
        bytes.append(contentsOf: "+00".utf8)
        if year <= 0 { bytes.append(contentsOf: " BC".utf8) }
    }

    /// The day of the Gregorian calendar, counted from 2000-01-01, which the year 2000 begins: 400 years have 146,097
    /// days.
    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // Years that begin in March have their leap day at the end. 2000-03-01 is day 60.
        let shifted = day - 60
        let era = self.floorDivide(shifted, by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let century = min(dayOfEra / 36_524, 3)
        let dayOfCentury = dayOfEra - century * 36_524
        let cycle = dayOfCentury / 1461
        let dayOfCycle = dayOfCentury - cycle * 1461
        let yearOfCycle = min(dayOfCycle / 365, 3)
        let dayOfYear = dayOfCycle - yearOfCycle * 365
        // Months from March have 31, 30, 31, 30, 31 days, over and over: 153 in five.
        let month = (dayOfYear * 5 + 2) / 153
        let dayOfMonth = dayOfYear - (month * 153 + 2) / 5 + 1
        let year = 2000 + era * 400 + century * 100 + cycle * 4 + yearOfCycle
        return month < 10 ? (year, month + 3, dayOfMonth) : (year + 1, month - 9, dayOfMonth)
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }

    private static func append(_ value: Int64, digits: Int, to bytes: inout [UInt8]) {
        var power: Int64 = 1
        var count = 1
        while count < digits || value / power >= 10 {
            power *= 10
            count += 1
        }
        while power > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / power % 10))
            power /= 10
        }
    }
}
