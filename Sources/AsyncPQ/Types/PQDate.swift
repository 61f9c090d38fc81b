//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A day of the calendar: the type `date`, exactly.
///
/// The server holds days from 4713-11-24 BC to 5874897-12-31, and refuses others.
public struct PQDate: Sendable, Hashable {
    /// Days since 2000-01-01; `Int32.max` and `Int32.min` are the infinities.
    public var daysSince2000: Int32

    /// The day that comes so many days after 2000-01-01.
    public init(daysSince2000: Int32) { self.daysSince2000 = daysSince2000 }

    /// A day of the Gregorian calendar.
    ///
    /// - Parameter year: The year; 0 is 1 BC, -1 is 2 BC, and so on.
    /// - Returns: nil if the calendar has no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard let number = CalendarDay.number(year: Int64(year), month: Int64(month), day: Int64(day)),
            let days = Int32(exactly: number), days != .min, days != .max
        else { return nil }
        self.daysSince2000 = days
    }

    /// Later than every day.
    public static let infinity = PQDate(daysSince2000: .max)
    /// Earlier than every day.
    public static let negativeInfinity = PQDate(daysSince2000: .min)

    /// Whether it is a day, not one of the infinities.
    public var isFinite: Bool { self.daysSince2000 != .max && self.daysSince2000 != .min }

    /// Year, month and day; the year 0 is 1 BC.
    ///
    /// Nil for the infinities.
    public var components: (year: Int, month: Int, day: Int)? {
        guard self.isFinite else { return nil }
        let (year, month, day) = CalendarDay.components(Int64(self.daysSince2000))
        return (Int(year), Int(month), Int(day))
    }
}

extension PQDate: Comparable {
    /// Whether the first day comes earlier.
    public static func < (first: PQDate, second: PQDate) -> Bool { first.daysSince2000 < second.daysSince2000 }
}

extension PQDate: CustomStringConvertible {
    /// As `psql` shows it with `DateStyle` `ISO`: `2024-02-29`, `0044-03-15 BC`, `infinity`.
    public var description: String {
        guard self.isFinite else { return self == .infinity ? "infinity" : "-infinity" }
        let date = CalendarDay.components(Int64(self.daysSince2000))
        var bytes: [UInt8] = []
        CalendarDay.append(date, to: &bytes)
        return String(decoding: bytes, as: UTF8.self) + (date.year <= 0 ? " BC" : "")
    }
}

extension PQDate: PQEncodable, PQDecodable {
    /// `date`.
    public static var pqDataType: PQDataType { .date }

    /// Encodes as `date`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(self.daysSince2000)
        return true
    }

    /// Reads `date` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .date, format == .binary else { throw .typeMismatch }
        guard let days = bytes.bigEndian(as: Int32.self) else { throw .invalidValue("\(bytes.count) bytes") }
        self.daysSince2000 = days
    }
}
