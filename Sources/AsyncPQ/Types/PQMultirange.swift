//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Ranges that do not touch, in order: `int4multirange` and its kin.
///
/// PostgreSQL 14 and newer have it.
///
/// The server brings what it is sent into this form: ranges that overlap become one, empty ones vanish.
public struct PQMultirange<Bound: PQRangeBound>: Sendable, Equatable, ExpressibleByArrayLiteral {
    /// The ranges.
    public var ranges: [PQRange<Bound>]

    /// Any ranges.
    public init(_ ranges: [PQRange<Bound>] = []) { self.ranges = ranges }

    /// Any ranges.
    public init(arrayLiteral elements: PQRange<Bound>...) { self.ranges = elements }
}

extension PQMultirange: CustomStringConvertible {
    /// As the server shows it, but for quotes: `{[1,5),[7,)}`.
    public var description: String { "{\(self.ranges.map(\.description).joined(separator: ","))}" }
}

extension PQMultirange: PQEncodable, PQDecodable {
    /// The multirange type of the bounds.
    public static var pqDataType: PQDataType { Bound.pqMultirangeType }

    /// Encodes in binary form: the number of ranges, then each with its length.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        bytes.appendBigEndian(Int32(clamping: self.ranges.count))
        for range in self.ranges {
            try bytes.appendField { bytes in try range.pqEncode(into: &bytes) }
        }
        return true
    }

    /// Reads a multirange in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard format == .binary, let range = type.rangeOfMultirange else { throw .typeMismatch }
        var reader = BinaryReader(bytes)
        let count = try reader.integer(Int32.self)
        guard count >= 0 else { throw .invalidValue("\(count) ranges") }
        self.ranges = []
        for _ in 0..<count {
            guard let bytes = try reader.field() else { throw .invalidValue("a range that is NULL") }
            self.ranges.append(try PQRange(pqBytes: bytes, type: range, format: .binary))
        }
        try reader.finish()
    }
}
