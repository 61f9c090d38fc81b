//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Date: PQEncodable, PQDecodable {
    /// `timestamp with time zone`.
    public static var pqDataType: PQDataType { .timestamptz }

    /// Encodes as `timestamp with time zone`, rounded to microseconds.
    ///
    /// - Throws: ``PQError`` for a time outside PostgreSQL's range (4713 BC to AD 294276).
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        let microseconds = ((self.timeIntervalSince1970 - Self.postgresEpoch) * 1_000_000).rounded()
        // The extremes of the type stand for infinity.
        guard let value = Int64(exactly: microseconds), value > Int64.min, value < Int64.max else {
            throw PQError(.unsupported, "a Date parameter is outside the range of timestamptz")
        }
        bytes.appendBigEndian(value)
        return true
    }

    /// Reads `timestamp with time zone`, `timestamp` (taken as UTC) and `date` (midnight UTC), all in binary form.
    ///
    /// `infinity` becomes `Date.distantFuture`, `-infinity` `Date.distantPast`.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard format == .binary else { throw .typeMismatch }
        if type == .timestamptz || type == .timestamp {
            guard let value = bytes.bigEndian(as: Int64.self) else { throw .invalidValue("\(bytes.count) bytes") }
            switch value {
            case .max: self = .distantFuture
            case .min: self = .distantPast
            // Whole seconds and the rest apart, since one division would lose microseconds.
            default:
                let (seconds, rest) = value.quotientAndRemainder(dividingBy: 1_000_000)
                self = Date(timeIntervalSince1970: Double(seconds) + Self.postgresEpoch + Double(rest) / 1_000_000)
            }
        } else if type == .date {
            guard let days = bytes.bigEndian(as: Int32.self) else { throw .invalidValue("\(bytes.count) bytes") }
            switch days {
            case .max: self = .distantFuture
            case .min: self = .distantPast
            default: self = Date(timeIntervalSince1970: Double(days) * 86_400 + Self.postgresEpoch)
            }
        } else {
            throw .typeMismatch
        }
    }

    /// 2000-01-01 00:00 UTC, where PostgreSQL counts from, in seconds since 1970.
    private static var postgresEpoch: TimeInterval { 946_684_800 }
}
