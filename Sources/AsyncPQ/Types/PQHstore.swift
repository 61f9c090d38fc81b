//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// Keys with values that can be NULL: the type `hstore` of the extension of that name.
///
/// Keys are told apart by their bytes, as the server does. A key has one value; the last one given to it stays.
public struct PQHstore: Sendable, Hashable {
    private var values: [ExactText: String?] = [:]

    /// Nothing.
    public init() {}

    /// Keys with their values, nil for NULL.
    public init(_ pairs: some Sequence<(key: String, value: String?)>) {
        for (key, value) in pairs { self.values[ExactText(key)] = .some(value) }
    }

    /// How many keys there are.
    public var count: Int { self.values.count }

    /// All keys, ordered by their bytes.
    public var keys: [String] {
        self.values.keys.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Whether there is such a key, with a value or with NULL.
    public func contains(key: String) -> Bool { self.values[ExactText(key)] != nil }

    /// The value of a key; nil for NULL, and where there is no such key.
    ///
    /// Setting nil sets NULL.
    public subscript(key: String) -> String? {
        get { self.values[ExactText(key)] ?? nil }
        set { self.values[ExactText(key)] = .some(newValue) }
    }

    /// Takes a key out.
    public mutating func remove(key: String) { self.values[ExactText(key)] = nil }
}

extension PQHstore: ExpressibleByDictionaryLiteral {
    /// Keys with their values, nil for NULL.
    public init(dictionaryLiteral elements: (String, String?)...) {
        self.init(elements.lazy.map { (key: $0.0, value: $0.1) })
    }
}

extension PQHstore: PQEncodable, PQDecodable {
    /// Left to the server, since the types of extensions have other identifiers in each database.
    public static var pqDataType: PQDataType { .inferred }

    /// Left to the server too: `hstore[]`.
    public static var pqArrayType: PQDataType { .inferred }

    /// Encodes as `hstore`.
    ///
    /// Layout (PostgreSQL source, `hstore_send`): the number of pairs, then each key and each value with its length, -1 for NULL.
    ///
    /// - Throws: ``PQError`` for text with a NUL, which PostgreSQL's text cannot hold.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        bytes.appendBigEndian(Int32(clamping: self.count))
        for key in self.keys {
            try bytes.appendField { bytes in try key.pqEncode(into: &bytes) }
            try bytes.appendField { bytes in try self[key].pqEncode(into: &bytes) }
        }
        return true
    }

    /// Reads `hstore` in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type.rawValue >= PQDataType.firstUserType, format == .binary else { throw .typeMismatch }
        var reader = BinaryReader(bytes)
        let count = try reader.integer(Int32.self)
        guard count >= 0 else { throw .typeMismatch }
        for _ in 0..<count {
            guard let key = try reader.field() else { throw .typeMismatch }
            let value = try reader.field()
            self.values[ExactText(try Self.text(key))] = .some(
                try value.map { bytes throws(PQDecodingFailure) in try Self.text(bytes) })
        }
        try reader.finish()
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) throws(PQDecodingFailure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidValue("not UTF-8") }
        return text
    }
}
