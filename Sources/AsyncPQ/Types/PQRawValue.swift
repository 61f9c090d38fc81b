//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A cell as the server sent it: its type, and its bytes in the type's binary form.
///
/// Every column can be read as this, also one of a type that this library does not know, and NULL.
public struct PQRawValue: Sendable, Hashable, PQDecodable {
    /// The bytes; nil for NULL.
    public let bytes: [UInt8]?
    /// The column's type; ``PQDataType/inferred`` for NULL.
    public let type: PQDataType
    /// The form the bytes are in.
    public let format: PQFormat

    /// Copies the bytes.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        self.bytes = Array(bytes)
        self.type = type
        self.format = format
    }

    init(bytes: [UInt8]?, type: PQDataType) {
        self.bytes = bytes
        self.type = type
        self.format = .binary
    }

    /// NULL.
    public static func pqDecodeNull() throws(PQDecodingFailure) -> PQRawValue {
        PQRawValue(bytes: nil, type: .inferred)
    }

    /// Reads the bytes as a type.
    ///
    /// - Throws: ``PQDecodingFailure``.
    public func decode<Value: PQDecodable>(_ type: Value.Type = Value.self) throws(PQDecodingFailure) -> Value {
        guard let bytes else { return try Value.pqDecodeNull() }
        let result = bytes.withUnsafeBytes { buffer in
            Result<Value, PQDecodingFailure> { () throws(PQDecodingFailure) in
                try Value(pqBytes: buffer, type: self.type, format: self.format)
            }
        }
        return try result.get()
    }
}
