//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A Swift type that a cell of a result can be read as.
public protocol PQDecodable: Sendable {
    /// Reads a cell that is not NULL.
    ///
    /// - Parameter bytes: The cell's bytes, valid during the call only.
    /// - Parameter type: The column's type.
    /// - Parameter format: The form the bytes are in.
    /// - Throws: ``PQDecodingFailure``.
    init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure)

    /// The value for NULL; throws unless the type can represent it.
    static func pqDecodeNull() throws(PQDecodingFailure) -> Self
}

/// The reason why a cell cannot be decoded as a type.
///
/// The row adds which cell it was.
public enum PQDecodingFailure: Error, Sendable, Hashable {
    /// NULL was read as a type that is not optional.
    case unexpectedNull
    /// The Swift type cannot be read from a column of this type.
    case typeMismatch
    /// The bytes are not a valid binary form of the type, or the value does not fit.
    case invalidValue(String)

    /// Cause and remedy, after "cannot be read as a type".
    func reason(_ type: Any.Type) -> String {
        switch self {
        case .unexpectedNull: "it is NULL; read it as \(type)? instead"
        case .typeMismatch: "this type cannot be read from that column; cast the column in the query"
        case .invalidValue(let what): "its value is \(what)"
        }
    }
}

extension PQDecodingFailure {
    /// NULL was read as an element of an array, of a type that is not optional.
    static func nullElement(_ type: Any.Type) -> PQDecodingFailure {
        .invalidValue("an array with a NULL; read its elements as \(type)?")
    }
}

extension PQDecodable {
    /// Throws ``PQDecodingFailure/unexpectedNull``.
    public static func pqDecodeNull() throws(PQDecodingFailure) -> Self { throw .unexpectedNull }
}

extension Optional: PQDecodable where Wrapped: PQDecodable {
    /// Reads the wrapped type.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        self = .some(try Wrapped(pqBytes: bytes, type: type, format: format))
    }

    /// `nil`.
    public static func pqDecodeNull() throws(PQDecodingFailure) -> Wrapped? { nil }
}

extension UnsafeRawBufferPointer {
    /// The whole buffer as one integer in network byte order, or nil when the size differs.
    @inlinable
    package func bigEndian<Integer: FixedWidthInteger>(as type: Integer.Type = Integer.self) -> Integer? {
        guard self.count == MemoryLayout<Integer>.size else { return nil }
        return Integer(bigEndian: self.loadUnaligned(as: Integer.self))
    }

    /// An integer in network byte order at `offset`, or nil past the end.
    @inlinable
    package func bigEndian<Integer: FixedWidthInteger>(at offset: Int, as type: Integer.Type) -> Integer? {
        guard offset >= 0, offset <= self.count - MemoryLayout<Integer>.size else { return nil }
        return Integer(bigEndian: self.loadUnaligned(fromByteOffset: offset, as: Integer.self))
    }
}
