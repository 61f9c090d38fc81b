//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A time of day: the type `time`, exactly.
public struct PQTime: Sendable, Hashable {
    /// From 00:00 to 24:00, both included.
    static let range: ClosedRange<Int64> = 0...86_400_000_000

    /// Microseconds since midnight, at most 86,400,000,000, which is 24:00.
    public let microseconds: Int64

    /// The time so many microseconds after midnight; nil for a number outside the day.
    public init?(microseconds: Int64) {
        guard Self.range.contains(microseconds) else { return nil }
        self.microseconds = microseconds
    }

    /// A time by the clock; nil if no clock shows it, but for 24:00.
    public init?(hour: Int, minute: Int, second: Int = 0, microsecond: Int = 0) {
        guard (0...24).contains(hour), (0...59).contains(minute), (0...59).contains(second),
            (0...999_999).contains(microsecond)
        else { return nil }
        self.init(
            microseconds: (Int64(hour) * 3600 + Int64(minute) * 60 + Int64(second)) * 1_000_000 + Int64(microsecond))
    }

    /// 0 to 24.
    public var hour: Int { Int(self.microseconds / 3_600_000_000) }
    /// 0 to 59.
    public var minute: Int { Int(self.microseconds / 60_000_000 % 60) }
    /// 0 to 59.
    public var second: Int { Int(self.microseconds / 1_000_000 % 60) }
    /// 0 to 999,999.
    public var microsecond: Int { Int(self.microseconds % 1_000_000) }

    /// Reads the microseconds of a value.
    init(checked microseconds: Int64) throws(PQDecodingFailure) {
        guard let time = PQTime(microseconds: microseconds) else { throw .invalidValue("not within a day") }
        self = time
    }
}

extension PQTime: Comparable {
    /// Whether the first time comes earlier.
    public static func < (first: PQTime, second: PQTime) -> Bool { first.microseconds < second.microseconds }
}

extension PQTime: CustomStringConvertible {
    /// As `psql` shows it: `13:30:00.5`.
    public var description: String {
        var bytes: [UInt8] = []
        let (second, microsecond) = self.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        CalendarDay.append(secondOfDay: second, microseconds: microsecond, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension PQTime: PQEncodable, PQDecodable {
    /// `time`.
    public static var pqDataType: PQDataType { .time }

    /// Encodes as `time`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(self.microseconds)
        return true
    }

    /// Reads `time` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .time, format == .binary else { throw .typeMismatch }
        guard let microseconds = bytes.bigEndian(as: Int64.self) else { throw .invalidValue("\(bytes.count) bytes") }
        try self.init(checked: microseconds)
    }
}
