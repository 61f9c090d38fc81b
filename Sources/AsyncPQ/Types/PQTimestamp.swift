//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A date and a time of day without a time zone: the type `timestamp`, exactly.
///
/// The server holds times from 4713-11-24 BC to the end of the year 294276, and refuses others.
public struct PQTimestamp: Sendable, Hashable {
    /// Microseconds since 2000-01-01 00:00; `Int64.max` and `Int64.min` are the infinities.
    public var microsecondsSince2000: Int64

    /// The time so many microseconds after 2000-01-01 00:00.
    public init(microsecondsSince2000: Int64) { self.microsecondsSince2000 = microsecondsSince2000 }

    /// A time of a day; nil if it is too far from the year 2000 to be counted.
    public init?(_ date: PQDate, _ time: PQTime) {
        guard date.isFinite else { return nil }
        let (days, overflows) = Int64(date.daysSince2000).multipliedReportingOverflow(by: PQTime.range.upperBound)
        let (sum, exceeds) = days.addingReportingOverflow(time.microseconds)
        guard !overflows, !exceeds, sum != .max, sum != .min else { return nil }
        self.microsecondsSince2000 = sum
    }

    /// Later than every time.
    public static let infinity = PQTimestamp(microsecondsSince2000: .max)
    /// Earlier than every time.
    public static let negativeInfinity = PQTimestamp(microsecondsSince2000: .min)

    /// Whether it is a time, not one of the infinities.
    public var isFinite: Bool { self.microsecondsSince2000 != .max && self.microsecondsSince2000 != .min }

    /// The day and the time of day; nil for the infinities.
    public var components: (date: PQDate, time: PQTime)? {
        guard self.isFinite else { return nil }
        let (day, rest) = CalendarDay.floorDivideWithRest(self.microsecondsSince2000, by: PQTime.range.upperBound)
        guard let time = PQTime(microseconds: rest) else { return nil }
        return (PQDate(daysSince2000: Int32(clamping: day)), time)
    }
}

extension PQTimestamp: Comparable {
    /// Whether the first time comes earlier.
    public static func < (first: PQTimestamp, second: PQTimestamp) -> Bool {
        first.microsecondsSince2000 < second.microsecondsSince2000
    }
}

extension PQTimestamp: CustomStringConvertible {
    /// As `psql` shows it with `DateStyle` `ISO`: `2024-02-29 13:30:00.5`, `0044-03-15 12:00:00 BC`, `infinity`.
    public var description: String { self.description(zone: "") }

    /// The text with a zone between the time and ` BC`.
    func description(zone: String) -> String {
        guard let (date, time) = self.components else { return self == .infinity ? "infinity" : "-infinity" }
        let day = date.description
        let isBC = day.hasSuffix(" BC")
        return "\(isBC ? String(day.dropLast(3)) : day) \(time)\(zone)\(isBC ? " BC" : "")"
    }
}

extension PQTimestamp: PQEncodable, PQDecodable {
    /// `timestamp`.
    public static var pqDataType: PQDataType { .timestamp }

    /// Encodes as `timestamp`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(self.microsecondsSince2000)
        return true
    }

    /// Reads `timestamp` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        self.microsecondsSince2000 = try bytes.microseconds(of: .timestamp, type, format)
    }
}

/// A moment: the type `timestamp with time zone`, exactly.
///
/// A `Date` is a floating-point number and cannot tell microseconds apart some centuries away from 2001; this can. The server keeps
/// a moment in UTC, and no time zone with it.
public struct PQTimestampTZ: Sendable, Hashable {
    /// Microseconds since 2000-01-01 00:00 UTC; `Int64.max` and `Int64.min` are the infinities.
    public var microsecondsSince2000: Int64

    /// The moment so many microseconds after 2000-01-01 00:00 UTC.
    public init(microsecondsSince2000: Int64) { self.microsecondsSince2000 = microsecondsSince2000 }

    /// The moment when a clock in UTC shows this.
    public init(utc: PQTimestamp) { self.microsecondsSince2000 = utc.microsecondsSince2000 }

    /// The microsecond that is nearest to a date.
    ///
    /// `Date.distantFuture` is the infinity, `Date.distantPast` the negative one. Nil for a date that the type cannot hold.
    public init?(_ date: Date) {
        if date == .distantFuture {
            self = .infinity
        } else if date == .distantPast {
            self = .negativeInfinity
        } else {
            guard let time = MicrosecondTime(date) else { return nil }
            let (whole, overflows) = time.seconds.multipliedReportingOverflow(by: 1_000_000)
            let (sum, exceeds) = whole.addingReportingOverflow(time.microseconds)
            guard !overflows, !exceeds, sum != .max, sum != .min else { return nil }
            self.microsecondsSince2000 = sum
        }
    }

    /// Later than every moment.
    public static let infinity = PQTimestampTZ(microsecondsSince2000: .max)
    /// Earlier than every moment.
    public static let negativeInfinity = PQTimestampTZ(microsecondsSince2000: .min)

    /// Whether it is a moment, not one of the infinities.
    public var isFinite: Bool { self.utc.isFinite }

    /// What a clock in UTC shows.
    public var utc: PQTimestamp { PQTimestamp(microsecondsSince2000: self.microsecondsSince2000) }

    /// The nearest `Date`; `Date.distantFuture` and `Date.distantPast` for the infinities.
    public var date: Date {
        switch self.microsecondsSince2000 {
        case .max: .distantFuture
        case .min: .distantPast
        default: MicrosecondTime(sinceMillennium: self.microsecondsSince2000).date
        }
    }
}

extension PQTimestampTZ: Comparable {
    /// Whether the first moment comes earlier.
    public static func < (first: PQTimestampTZ, second: PQTimestampTZ) -> Bool {
        first.microsecondsSince2000 < second.microsecondsSince2000
    }
}

extension PQTimestampTZ: CustomStringConvertible {
    /// As `psql` shows it with `DateStyle` `ISO` in UTC: `2024-02-29 13:30:00.5+00`.
    public var description: String { self.utc.description(zone: "+00") }
}

extension PQTimestampTZ: PQEncodable, PQDecodable {
    /// `timestamp with time zone`.
    public static var pqDataType: PQDataType { .timestamptz }

    /// Encodes as `timestamp with time zone`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(self.microsecondsSince2000)
        return true
    }

    /// Reads `timestamp with time zone` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        self.microsecondsSince2000 = try bytes.microseconds(of: .timestamptz, type, format)
    }
}
