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
    ///
    /// Bytes that are not UTF-8 are an error, never repaired.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        var content = bytes[...]
        if format == .text || Self.isTextual(type) {
            // The bytes are the text.
        } else if type == .char {
            self = try Self.character(bytes)
            return
        } else if type == .jsonb || type == .jsonpath {
            guard content.popFirst() == 1 else { throw .invalidValue("\(type) of an unknown version") }
        } else if type.rawValue >= PQDataType.firstUserType {
            // Enumerations and citext are text; composites and arrays begin with counts, in which there is a NUL.
            guard !bytes.contains(0) else { throw .typeMismatch }
            if bytes.first == 1 {
                // ltree, lquery and ltxtquery begin with their version. Other text would not begin with this control character.
                content = content.dropFirst()
                guard content.allSatisfy(Self.isOfLabelPath) else { throw .typeMismatch }
            }
            guard let text = String(utf8: content) else { throw .typeMismatch }
            self = text
            return
        } else {
            throw .typeMismatch
        }
        guard let text = String(utf8: content) else {
            throw .invalidValue("not UTF-8; convert it in the query, or read its bytes as bytea")
        }
        self = text
    }

    /// The text; nil if the bytes are not UTF-8.
    private init?(utf8 bytes: UnsafeRawBufferPointer.SubSequence) {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        // The general validation takes several times as long for a short text.
        guard bytes.isASCII else {
            self.init(validating: bytes, as: UTF8.self)
            return
        }
        self = bytes.withMemoryRebound(to: UInt8.self) { String(decoding: $0, as: UTF8.self) }
    }

    /// The text of a `"char"`, which is any byte, as PostgreSQL 16 and newer write it: nothing for 0, `\344` for one beyond
    /// ASCII.
    private static func character(_ bytes: UnsafeRawBufferPointer) throws(PQDecodingFailure) -> String {
        guard bytes.count == 1, let byte = bytes.first else { throw .invalidValue("\(bytes.count) bytes") }
        guard byte != 0 else { return "" }
        return byte < 0x80 ? String(UnicodeScalar(byte)) : "\\" + String(byte, radix: 8)
    }

    /// Whether a byte can be part of a label path (`ltree`) or of a pattern for one: letters of any language, digits,
    /// and operators.
    private static func isOfLabelPath(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...0xFF: true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "._-*{},@%|!&() ".utf8.contains(byte)
        }
    }

    /// Whether the binary form of a type is its text.
    private static func isTextual(_ type: PQDataType) -> Bool {
        switch type {
        case .text, .varchar, .bpchar, .name, .unknown, .json, .xml: true
        default: false
        }
    }
}

extension PQEncodable where Self: RawRepresentable, RawValue: PQEncodable {
    /// The raw value's type.
    public static var pqDataType: PQDataType { RawValue.pqDataType }
    /// The type of an array of raw values; left to the server where the type of one is, since an enumeration of the database has
    /// an array type of its own.
    public static var pqArrayType: PQDataType {
        RawValue.pqDataType == .inferred ? .inferred : RawValue.pqArrayType
    }
    /// The raw value's form.
    public static var pqFormat: PQFormat { RawValue.pqFormat }
    /// The raw value's type of NULL.
    public static var pqNullType: PQDataType { RawValue.pqNullType }
    /// Encodes the raw value.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool { try self.rawValue.pqEncode(into: &bytes) }
    /// Encodes the raw value as a parameter.
    public func pqEncodeParameter(into bytes: inout [UInt8]) throws -> (type: PQDataType, isPresent: Bool) {
        try self.rawValue.pqEncodeParameter(into: &bytes)
    }
}

extension PQDecodable where Self: RawRepresentable, RawValue: PQDecodable {
    /// Reads the raw value.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        let raw = try RawValue(pqBytes: bytes, type: type, format: format)
        guard let value = Self(rawValue: raw) else { throw .invalidValue("no \(Self.self) has this raw value") }
        self = value
    }
}

extension UnsafeRawBufferPointer {
    /// Whether all bytes are ASCII.
    fileprivate var isASCII: Bool {
        var (index, seen): (Int, UInt64) = (0, 0)
        while index + 8 <= self.count {
            seen |= self.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < self.count {
            seen |= UInt64(self[index])
            index += 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }
}
