//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension String: PQEncodable, PQDecodable {
    /// Left to the server, so that a string fits wherever a literal in quotes would: `uuid`, `jsonb`, enumerations, and
    /// so on.
    public static var pqDataType: PQDataType { .inferred }

    /// Text.
    public static var pqFormat: PQFormat { .text }

    /// Encodes as text.
    ///
    /// - Throws: ``PQError`` for a string with a NUL, which PostgreSQL's text cannot hold.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        let start = bytes.count
        bytes.append(contentsOf: self.utf8)
        guard !bytes[start...].contains(0) else {
            throw PQError(.unsupported, "a text parameter contains a NUL character, which PostgreSQL cannot store")
        }
        return true
    }

    /// Reads the types whose binary form is their text; any type when the result is in text form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        if format == .text || Self.textual.contains(type) {
            self = String(decoding: bytes, as: UTF8.self)
        } else if type.rawValue >= Self.firstUserType {
            // Enumerations and citext are text; composites and arrays begin with counts, in which there is a NUL.
            guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else { throw .typeMismatch }
            self = text
        } else if type == .jsonb, bytes.first == 1 {
            self = String(decoding: bytes.dropFirst(), as: UTF8.self)
        } else {
            throw .typeMismatch
        }
    }

    private static let textual: Set<PQDataType> = [.text, .varchar, .bpchar, .name, .unknown, .json, .xml, .char]
    /// Identifiers from here on belong to types made by users and extensions (`FirstNormalObjectId`), such as
    /// enumerations and citext.
    private static let firstUserType: UInt32 = 16384
}

extension PQEncodable where Self: RawRepresentable, RawValue: PQEncodable {
    /// The raw value's type.
    public static var pqDataType: PQDataType { RawValue.pqDataType }
    /// The raw value's form.
    public static var pqFormat: PQFormat { RawValue.pqFormat }
    /// Encodes the raw value.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool { try self.rawValue.pqEncode(into: &bytes) }
}

extension PQDecodable where Self: RawRepresentable, RawValue: PQDecodable {
    /// Reads the raw value.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        let raw = try RawValue(pqBytes: bytes, type: type, format: format)
        guard let value = Self(rawValue: raw) else { throw .invalidValue("no \(Self.self) has this raw value") }
        self = value
    }
}
