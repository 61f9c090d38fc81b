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
        // Whole seconds and the rest apart, from the number that Date itself keeps: anything else loses microseconds.
        let interval = self.timeIntervalSinceReferenceDate
        let whole = interval.rounded(.down)
        guard abs(whole) < 9e12 else {
            throw PQError(.unsupported, "a Date parameter is outside the range of timestamptz")
        }
        let fraction = Int64(((interval - whole) * 1_000_000).rounded())
        bytes.appendBigEndian((Int64(whole) + Self.referenceOffset) * 1_000_000 + fraction)
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
                self = Date(
                    timeIntervalSinceReferenceDate: Double(seconds - Self.referenceOffset) + Double(rest) / 1_000_000)
            }
        } else if type == .date {
            guard let days = bytes.bigEndian(as: Int32.self) else { throw .invalidValue("\(bytes.count) bytes") }
            switch days {
            case .max: self = .distantFuture
            case .min: self = .distantPast
            default: self = Date(timeIntervalSinceReferenceDate: Double(Int64(days) * 86_400 - Self.referenceOffset))
            }
        } else {
            throw .typeMismatch
        }
    }

    /// Seconds from 2000-01-01 00:00 UTC, where PostgreSQL counts from, to 2001, where `Date` does.
    private static var referenceOffset: Int64 { 31_622_400 }
}
