//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Date: PQEncodable, PQDecodable {
    /// Left to the server, so that a date fits `timestamp with time zone`, `timestamp` and `date` alike.
    ///
    /// With a type of its own it would be converted to the column's, by the session's time zone, and would be another time.
    public static var pqDataType: PQDataType { .inferred }

    /// Left to the server too.
    public static var pqArrayType: PQDataType { .inferred }

    /// Text.
    public static var pqFormat: PQFormat { .text }

    /// Encodes as date and time in UTC, rounded to microseconds, which every type of date and time reads rightly.
    ///
    /// A `timestamp` gets the time in UTC, a `date` the day in UTC. `Date.distantFuture` is `infinity`, `Date.distantPast`
    /// `-infinity`.
    ///
    /// - Throws: ``PQError`` for a time that no type of PostgreSQL can hold.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        if self == .distantFuture {
            bytes.append(contentsOf: "infinity".utf8)
        } else if self == .distantPast {
            bytes.append(contentsOf: "-infinity".utf8)
        } else {
            guard let time = MicrosecondTime(self) else {
                throw PQError(.unsupported, "a Date parameter is outside the range of PostgreSQL's dates")
            }
            time.appendText(to: &bytes)
        }
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
            default: self = MicrosecondTime(sinceMillennium: value).date
            }
        } else if type == .date {
            guard let days = bytes.bigEndian(as: Int32.self) else { throw .invalidValue("\(bytes.count) bytes") }
            switch days {
            case .max: self = .distantFuture
            case .min: self = .distantPast
            default: self = MicrosecondTime(seconds: Int64(days) * 86_400, microseconds: 0).date
            }
        } else {
            throw .typeMismatch
        }
    }
}
