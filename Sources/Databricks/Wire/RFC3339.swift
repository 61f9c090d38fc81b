//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Times as the Databricks APIs write them: RFC 3339 text such as `2026-01-02T03:04:05Z`.
///
/// Foundation's ISO 8601 formats either demand or forbid a fraction; the services send both. Reading is strict otherwise: a
/// time without a zone, with a blank in the middle, or a date that does not exist is refused.
public enum RFC3339 {
    /// Reads a time, or returns nil when the text is not RFC 3339.
    ///
    /// - Parameter text: Any text. Fractions may have any number of digits; what a `Date` cannot hold is dropped.
    public static func date(from text: String) -> Date? {
        var reader = Reader(text)
        guard text.utf8.count <= 64,
            let year = reader.number(digits: 4), reader.skip("-"),
            let month = reader.number(digits: 2), reader.skip("-"),
            let day = reader.number(digits: 2), reader.skip("T") || reader.skip("t"),
            let hour = reader.number(digits: 2), reader.skip(":"),
            let minute = reader.number(digits: 2), reader.skip(":"),
            let second = reader.number(digits: 2),
            let fraction = reader.fraction(),
            let offset = reader.offset(), reader.isAtEnd,
            (1...12).contains(month), day >= 1, day <= self.days(inMonth: month, year: year),
            hour <= 23, minute <= 59, second <= 60
        else { return nil }
        let days = self.daysSinceEpoch(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
    }

    /// Writes a time in UTC, with a fraction (to the microsecond) only when there is one.
    ///
    /// - Parameter date: A time outside the years 0 to 9999 is clamped, because the format has four digits for the year.
    public static func string(from date: Date) -> String {
        let range = -62_167_219_200.0...253_402_300_799.0
        let interval = date.timeIntervalSince1970
        let clamped = interval.isNaN ? 0 : min(max(interval, range.lowerBound), range.upperBound)
        var seconds = Int(clamped.rounded(.down))
        var micros = Int(((clamped - Double(seconds)) * 1_000_000).rounded())
        if micros >= 1_000_000 {
            seconds += 1
            micros = 0
        }
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let rest = seconds - days * 86_400
        let (year, month, day) = self.civil(daysSinceEpoch: days)
        var text = "\(self.pad(year, 4))-\(self.pad(month, 2))-\(self.pad(day, 2))"
        text += "T\(self.pad(rest / 3_600, 2)):\(self.pad(rest / 60 % 60, 2)):\(self.pad(rest % 60, 2))"
        if micros > 0 {
            var digits = self.pad(micros, 6)
            while digits.hasSuffix("0") { digits.removeLast() }
            text += "." + digits
        }
        return text + "Z"
    }

    private static func pad(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func days(inMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar, by counting years from March so that leap days come last.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(daysSinceEpoch days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private struct Reader {
        private var rest: Substring.UTF8View

        init(_ text: String) { self.rest = text[...].utf8 }

        var isAtEnd: Bool { self.rest.isEmpty }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard let first = self.rest.first, UInt32(first) == character.value else { return false }
            self.rest.removeFirst()
            return true
        }

        mutating func digit() -> Int? {
            guard let first = self.rest.first, (0x30...0x39).contains(first) else { return nil }
            self.rest.removeFirst()
            return Int(first - 0x30)
        }

        mutating func number(digits: Int) -> Int? {
            var value = 0
            for _ in 0..<digits {
                guard let digit = self.digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        /// The fraction of a second: zero without a point, nil with a point and nothing after it.
        mutating func fraction() -> Double? {
            guard self.skip(".") else { return 0 }
            guard var value = self.digit().map({ Double($0) / 10 }) else { return nil }
            var scale = 100.0
            while let digit = self.digit() {
                value += Double(digit) / scale
                scale *= 10
            }
            return value
        }

        /// Seconds east of UTC.
        mutating func offset() -> Int? {
            if self.skip("Z") || self.skip("z") { return 0 }
            let sign: Int
            if self.skip("+") { sign = 1 } else if self.skip("-") { sign = -1 } else { return nil }
            guard let hours = self.number(digits: 2), self.skip(":"), let minutes = self.number(digits: 2),
                hours <= 23, minutes <= 59
            else { return nil }
            return sign * (hours * 3_600 + minutes * 60)
        }
    }
}

extension RFC3339: WireCoding {
    /// Reads the text of a time.
    public static func decode(from decoder: any Decoder) throws -> Date {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let date = self.date(from: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not an RFC 3339 time: '\(text.prefix(64))'")
            )
        }
        return date
    }

    /// Writes the text of a time.
    public static func encode(_ value: Date, to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.string(from: value))
    }
}

/// A time in an API that specifies a text without a format.
///
/// Such APIs answer RFC 3339. Should one answer something else, the field is nil, and the rest of the resource is still of use.
public enum TimestampCoding: WireCoding {
    /// Reads the text of a time.
    public static func decode(from decoder: any Decoder) throws -> Date { try RFC3339.decode(from: decoder) }

    /// Reads the text of a time, nil for any other.
    public static func decodeIfUsable(from decoder: any Decoder) throws -> Date? {
        RFC3339.date(from: try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the text of a time.
    public static func encode(_ value: Date, to encoder: any Encoder) throws { try RFC3339.encode(value, to: encoder) }
}
