//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The Gregorian calendar, which PostgreSQL also uses for days before it was introduced.
enum CalendarDay {
    /// Days from 2000-01-01 to 2000-03-01, which begins a period of 400 years whose leap day is the last day.
    private static let march: Int64 = 60
    /// Days in 400 years.
    private static let era: Int64 = 146_097

    /// Year, month and day of a day counted from 2000-01-01.
    ///
    /// The year 0 is 1 BC.
    static func components(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day - Self.march
        let era = Self.floorDivide(shifted, by: Self.era)
        let dayOfEra = shifted - era * Self.era
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

    /// The day counted from 2000-01-01; nil if the calendar has no such day, or for a year beyond ±10 million.
    static func number(year: Int64, month: Int64, day: Int64) -> Int64? {
        guard (-10_000_000...10_000_000).contains(year), (1...12).contains(month), (1...31).contains(day) else {
            return nil
        }
        let shiftedYear = (month > 2 ? year : year - 1) - 2000
        let shiftedMonth = month > 2 ? month - 3 : month + 9
        let era = Self.floorDivide(shiftedYear, by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (shiftedMonth * 153 + 2) / 5 + day - 1
        let number =
            Self.march + era * Self.era + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        // The 31st of a month of 30 days is the next month's first.
        let (sameYear, sameMonth, sameDay) = Self.components(number)
        return (sameYear, sameMonth, sameDay) == (year, month, day) ? number : nil
    }

    /// The quotient rounded down.
    static func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
        Self.floorDivideWithRest(value, by: divisor).quotient
    }

    /// The rest is never negative; the quotient times the divisor may be too large for a number.
    static func floorDivideWithRest(_ value: Int64, by divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }

    /// Appends a number with at least `digits` digits.
    static func append(_ value: Int64, digits: Int, to bytes: inout [UInt8]) {
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

    /// Appends `2024-02-29`; the caller appends ` BC` for a year before 1.
    static func append(_ date: (year: Int64, month: Int64, day: Int64), to bytes: inout [UInt8]) {
        // There is no year 0: before 1 AD comes 1 BC.
        Self.append(date.year > 0 ? date.year : 1 - date.year, digits: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(date.month, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(date.day, digits: 2, to: &bytes)
    }

    /// Appends `23:59:59`, and the microseconds with as many digits as they need.
    static func append(secondOfDay second: Int64, microseconds: Int64, to bytes: inout [UInt8]) {
        Self.append(second / 3600, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(second / 60 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(second % 60, digits: 2, to: &bytes)
        guard microseconds > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        Self.append(microseconds, digits: 6, to: &bytes)
        while bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
    }
}
