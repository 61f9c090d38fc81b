//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension UUID: PQEncodable, PQDecodable {
    /// `uuid`.
    public static var pqDataType: PQDataType { .uuid }

    /// Encodes as `uuid`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        Swift.withUnsafeBytes(of: self.uuid) { bytes.append(contentsOf: $0) }
        return true
    }

    /// Reads `uuid`.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .uuid else { throw .typeMismatch }
        if format == .text {
            guard let value = UUID(uuidString: String(decoding: bytes, as: UTF8.self)) else {
                throw .invalidValue("not a UUID")
            }
            self = value
        } else {
            guard bytes.count == 16 else { throw .invalidValue("\(bytes.count) bytes") }
            self = UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
        }
    }
}

extension Data: PQEncodable, PQDecodable {
    /// `bytea`.
    public static var pqDataType: PQDataType { .bytea }

    /// Encodes as `bytea`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(contentsOf: self)
        return true
    }

    /// Reads `bytea` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .bytea, format == .binary else { throw .typeMismatch }
        self = Data(bytes)
    }
}
