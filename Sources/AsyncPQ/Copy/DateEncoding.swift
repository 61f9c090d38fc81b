//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The binary form of a `Date`, which queries send as text.
enum DateEncoding {
    static let types: Set<PQDataType> = [.timestamptz, .timestamp, .date]

    static func isDate(_ type: Any.Type) -> Bool { type == Date.self || type == Date?.self }

    /// Appends a value that is a `Date` or an optional one; returns false for NULL.
    ///
    /// - Throws: ``PQError`` for a time outside of the type's range.
    static func append(_ value: some Sendable, as type: PQDataType, to bytes: inout [UInt8]) throws(PQError) -> Bool {
        guard let date = value as? Date else { return false }
        let isInfinite = date == .distantFuture || date == .distantPast
        let time = isInfinite ? MicrosecondTime(seconds: 0, microseconds: 0) : MicrosecondTime(date)
        if type == .date {
            let day = time.flatMap { Int32(exactly: CalendarDay.floorDivide($0.seconds, by: 86_400)) }
            guard let day else { throw Self.outOfRange }
            bytes.appendBigEndian(isInfinite ? (date == .distantFuture ? Int32.max : Int32.min) : day)
        } else {
            guard let time else { throw Self.outOfRange }
            let (seconds, isTooLarge) = time.seconds.multipliedReportingOverflow(by: 1_000_000)
            let (count, isStillTooLarge) = seconds.addingReportingOverflow(time.microseconds)
            guard !isTooLarge, !isStillTooLarge else { throw Self.outOfRange }
            bytes.appendBigEndian(isInfinite ? (date == .distantFuture ? Int64.max : Int64.min) : count)
        }
        return true
    }

    private static var outOfRange: PQError {
        PQError(.unsupported, "a Date is outside the range of PostgreSQL's dates")
    }
}
