//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A time of day with its distance from UTC: the type `time with time zone`, exactly.
public struct PQTimeTZ: Sendable, Hashable {
    /// The time that the clock shows.
    public let time: PQTime
    /// Seconds east of UTC, less than 16 hours in both directions.
    public let secondsFromUTC: Int

    /// A time at a distance from UTC; nil for one of 16 hours or more.
    public init?(_ time: PQTime, secondsFromUTC: Int) {
        guard secondsFromUTC.magnitude < 16 * 3600 else { return nil }
        self.time = time
        self.secondsFromUTC = secondsFromUTC
    }
}

extension PQTimeTZ: CustomStringConvertible {
    /// As `psql` shows it: `13:30:00+02`, `13:30:00-03:30`.
    public var description: String {
        let (hours, rest) = Int(self.secondsFromUTC.magnitude).quotientAndRemainder(dividingBy: 3600)
        func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        var text = "\(self.time)\(self.secondsFromUTC < 0 ? "-" : "+")\(digits(hours))"
        if rest > 0 { text += ":\(digits(rest / 60))" }
        if rest % 60 > 0 { text += ":\(digits(rest % 60))" }
        return text
    }
}

extension PQTimeTZ: PQEncodable, PQDecodable {
    /// `time with time zone`.
    public static var pqDataType: PQDataType { .timetz }

    /// Encodes as `time with time zone`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(self.time.microseconds)
        // The server counts to the west (PostgreSQL source, `timetz_send`).
        bytes.appendBigEndian(Int32(clamping: -self.secondsFromUTC))
        return true
    }

    /// Reads `time with time zone` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .timetz, format == .binary else { throw .typeMismatch }
        var reader = BinaryReader(bytes)
        let time = try PQTime(checked: try reader.integer())
        let west = try reader.integer(Int32.self)
        try reader.finish()
        guard let value = PQTimeTZ(time, secondsFromUTC: -Int(west)) else {
            throw .invalidValue("more than 16 hours from UTC")
        }
        self = value
    }
}
