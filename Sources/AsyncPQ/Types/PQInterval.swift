//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A span of time: the type `interval`, exactly.
///
/// Months, days and microseconds stay apart, since months differ in length and so do days where clocks change. Two intervals are
/// equal here if all three are; the server also calls `1 day` and `24 hours` equal.
public struct PQInterval: Sendable, Hashable {
    /// Twelve are a year.
    public var months: Int32
    /// Seven are a week.
    public var days: Int32
    /// Hours, minutes and seconds.
    public var microseconds: Int64

    /// An interval of these parts, each of which can be negative.
    public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.microseconds = microseconds
    }

    /// The interval of a duration, rounded to microseconds; nil if it is too long.
    public init?(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let half: Int64 = attoseconds < 0 ? -500_000_000_000 : 500_000_000_000
        let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, exceeds) = whole.addingReportingOverflow((attoseconds + half) / 1_000_000_000_000)
        guard !overflows, !exceeds else { return nil }
        self.init(microseconds: sum)
    }

    /// Longer than every interval.
    ///
    /// PostgreSQL 17 and newer have it.
    public static let infinity = PQInterval(months: .max, days: .max, microseconds: .max)
    /// The negative of ``infinity``.
    ///
    /// PostgreSQL 17 and newer have it.
    public static let negativeInfinity = PQInterval(months: .min, days: .min, microseconds: .min)

    /// Whether it is not one of the infinities.
    public var isFinite: Bool { self != .infinity && self != .negativeInfinity }

    /// The duration with days of 24 hours; nil if it has months or is not finite.
    public var duration: Duration? {
        guard self.months == 0, self.isFinite else { return nil }
        return .seconds(Int64(self.days) * 86_400) + .microseconds(self.microseconds)
    }
}

extension PQInterval: CustomStringConvertible {
    /// As ISO 8601 has it, which the server reads too: `P1Y2M3DT4H5M6.5S`.
    public var description: String {
        guard self.isFinite else { return self == .infinity ? "infinity" : "-infinity" }
        var date = ""
        let (years, months) = self.months.quotientAndRemainder(dividingBy: 12)
        if years != 0 { date += "\(years)Y" }
        if months != 0 { date += "\(months)M" }
        if self.days != 0 { date += "\(self.days)D" }
        var time = ""
        let (hours, rest) = self.microseconds.quotientAndRemainder(dividingBy: 3_600_000_000)
        let (minutes, last) = rest.quotientAndRemainder(dividingBy: 60_000_000)
        if hours != 0 { time += "\(hours)H" }
        if minutes != 0 { time += "\(minutes)M" }
        if last != 0 || (time.isEmpty && date.isEmpty) {
            let (seconds, fraction) = last.quotientAndRemainder(dividingBy: 1_000_000)
            time += last < 0 ? "-\(seconds.magnitude)" : "\(seconds)"
            if fraction != 0 {
                var bytes = [UInt8(ascii: ".")]
                CalendarDay.append(Int64(fraction.magnitude), digits: 6, to: &bytes)
                while bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
                time += String(decoding: bytes, as: UTF8.self)
            }
            time += "S"
        }
        return "P\(date)\(time.isEmpty ? "" : "T\(time)")"
    }
}

extension PQInterval: PQEncodable, PQDecodable {
    /// `interval`.
    public static var pqDataType: PQDataType { .interval }

    /// Encodes as `interval`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(self.microseconds)
        bytes.appendBigEndian(self.days)
        bytes.appendBigEndian(self.months)
        return true
    }

    /// Reads `interval` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .interval, format == .binary else { throw .typeMismatch }
        var reader = BinaryReader(bytes)
        self.microseconds = try reader.integer()
        self.days = try reader.integer()
        self.months = try reader.integer()
        try reader.finish()
    }
}

extension Duration: PQEncodable, PQDecodable {
    /// `interval`.
    public static var pqDataType: PQDataType { .interval }

    /// Encodes as `interval`, rounded to microseconds.
    ///
    /// - Throws: ``PQError`` for a duration of more than 292,000 years.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        guard let interval = PQInterval(self) else {
            throw PQError(.unsupported, "a Duration parameter is outside the range of PostgreSQL's intervals")
        }
        return interval.pqEncode(into: &bytes)
    }

    /// Reads `interval` in binary form, with days of 24 hours.
    ///
    /// An interval with months, whose lengths differ, is an error: read it as ``PQInterval``.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        let interval = try PQInterval(pqBytes: bytes, type: type, format: format)
        guard let duration = interval.duration else {
            throw .invalidValue(
                interval.isFinite ? "an interval with months; read it as PQInterval" : "an infinite interval")
        }
        self = duration
    }
}
