//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A Swift value that can be bound to a query's parameter.
///
/// Values travel beside the text of the query, never in it, so no value can change what a query does.
public protocol PQEncodable: Sendable {
    /// The parameter's type. ``PQDataType/inferred`` lets the server decide.
    static var pqDataType: PQDataType { get }

    /// The type of an array of such values.
    ///
    /// By default the array type of ``pqDataType``, `text[]` where that is left to the server, and left to the server where
    /// there is no built-in one.
    static var pqArrayType: PQDataType { get }

    /// Whether the bytes are PostgreSQL's binary form of the type, or text.
    static var pqFormat: PQFormat { get }

    /// Appends the value's bytes, or does nothing and returns false for NULL.
    ///
    /// - Throws: ``PQError`` when the value has no counterpart in PostgreSQL.
    func pqEncode(into bytes: inout [UInt8]) throws -> Bool

    /// Appends the value's bytes as a parameter of a query, or nothing for NULL, and returns the parameter's type.
    ///
    /// By default as ``pqEncode(into:)``, with ``pqDataType``. A type whose values are of different types in PostgreSQL chooses
    /// here, as `Int` does between `integer` and `bigint`. The form is ``pqFormat``.
    ///
    /// - Throws: As ``pqEncode(into:)``.
    func pqEncodeParameter(into bytes: inout [UInt8]) throws -> (type: PQDataType, isPresent: Bool)

    /// The type of NULL as a parameter of a query; by default ``pqDataType``.
    static var pqNullType: PQDataType { get }
}

extension PQEncodable {
    /// Encodes as ``pqEncode(into:)``.
    public func pqEncodeParameter(into bytes: inout [UInt8]) throws -> (type: PQDataType, isPresent: Bool) {
        (Self.pqDataType, try self.pqEncode(into: &bytes))
    }

    /// The type of the values.
    public static var pqNullType: PQDataType { Self.pqDataType }

    /// Binary.
    public static var pqFormat: PQFormat { .binary }

    /// The array type of ``PQDataType/text`` where the server infers the element's type, else that of the element's
    /// type.
    public static var pqArrayType: PQDataType {
        let element: PQDataType = Self.pqDataType == .inferred ? .text : Self.pqDataType
        return element.arrayType ?? .inferred
    }
}

/// The two forms in which PostgreSQL sends and receives values.
public enum PQFormat: Int32, Sendable {
    /// As in `psql`.
    case text = 0
    /// The binary form of the type's own send and receive functions, with integers in network byte order.
    case binary = 1
}

extension Optional: PQEncodable where Wrapped: PQEncodable {
    /// The wrapped value's type.
    public static var pqDataType: PQDataType { Wrapped.pqDataType }
    /// The type of an array of wrapped values.
    public static var pqArrayType: PQDataType { Wrapped.pqArrayType }
    /// The wrapped value's form.
    public static var pqFormat: PQFormat { Wrapped.pqFormat }

    /// Encodes the wrapped value, or NULL.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        guard let value = self else { return false }
        return try value.pqEncode(into: &bytes)
    }

    /// Encodes the wrapped value as a parameter, or NULL.
    public func pqEncodeParameter(into bytes: inout [UInt8]) throws -> (type: PQDataType, isPresent: Bool) {
        guard let value = self else { return (Self.pqNullType, false) }
        return try value.pqEncodeParameter(into: &bytes)
    }

    /// The wrapped value's type of NULL.
    public static var pqNullType: PQDataType { Wrapped.pqNullType }
}

extension Array where Element == UInt8 {
    /// Appends an integer in network byte order.
    @inlinable
    package mutating func appendBigEndian<Integer: FixedWidthInteger>(_ value: Integer) {
        Swift.withUnsafeBytes(of: value.bigEndian) { self.append(contentsOf: $0) }
    }
}
