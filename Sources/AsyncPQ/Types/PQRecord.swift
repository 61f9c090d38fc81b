//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A row as a value: a composite type, a table's row type, or `ROW(…)`.
///
/// ```swift
/// let (street, number) = try row.decode(PQRecord.self, named: "address").decode((String, Int?).self)
/// ```
public struct PQRecord: Sendable, Hashable {
    /// The fields in their order.
    public let fields: [PQRawValue]

    /// Reads all fields as a tuple.
    ///
    /// - Throws: ``PQError`` with code ``PQError/Code/decodingFailed``, also when the number of fields differs.
    public func decode<each Value: PQDecodable>(_ type: (repeat each Value).Type) throws(PQError) -> (repeat each Value)
    {
        var wanted = 0
        for _ in repeat (each Value).self { wanted += 1 }
        guard wanted == self.fields.count else {
            throw PQError(.decodingFailed, "the record has \(self.fields.count) fields, \(wanted) types were given")
        }
        var index = 0
        func next<Field: PQDecodable>(_ type: Field.Type) throws(PQError) -> Field {
            defer { index += 1 }
            return try self.decode(type, at: index)
        }
        return (repeat try next((each Value).self))
    }

    /// Reads the field at `index`, counted from 0.
    public func decode<Value: PQDecodable>(_ type: Value.Type = Value.self, at index: Int) throws(PQError) -> Value {
        guard self.fields.indices.contains(index) else {
            throw PQError(.decodingFailed, "there is no field \(index), the record has \(self.fields.count)")
        }
        do throws(PQDecodingFailure) {
            return try self.fields[index].decode(type)
        } catch {
            throw PQError(
                .decodingFailed,
                "field \(index) (\(self.fields[index].type)) of a record cannot be read as \(type): \(error.reason(type))"
            )
        }
    }
}

extension PQRecord {
    /// The values of a composite type's fields, in their order.
    ///
    /// Each value has to be of its field's type exactly: an `Int32` for `integer`, an `Int` for `bigint`. The parameter needs a
    /// type from its place in the query, or a cast: `\(PQRecord("Main Street", Int32(7)))::address`.
    ///
    /// - Throws: ``PQError`` for a value that has no binary form and is not text, such as a `Date`, which can be a
    ///   ``PQTimestampTZ``.
    public init<each Value: PQEncodable>(_ values: repeat each Value) throws {
        var fields: [PQRawValue] = []
        func append<Field: PQEncodable>(_ value: Field) throws {
            let isText = Field.pqDataType == .inferred && Field.pqArrayType == PQDataType.text.arrayType
            let type: PQDataType = isText ? .text : Field.pqDataType
            guard Field.pqFormat == .binary || isText else {
                throw PQError(.unsupported, "a \(Field.self) cannot be a field of a record: it has no binary form")
            }
            var bytes: [UInt8] = []
            let isPresent = try value.pqEncode(into: &bytes)
            fields.append(PQRawValue(bytes: isPresent ? bytes : nil, type: type))
        }
        repeat try append(each values)
        self.fields = fields
    }
}

extension PQRecord: PQEncodable, PQDecodable {
    /// Left to the server, since composite types have other identifiers in each database.
    public static var pqDataType: PQDataType { .inferred }

    /// Left to the server too.
    public static var pqArrayType: PQDataType { .inferred }

    /// Encodes in binary form.
    ///
    /// Layout (PostgreSQL source, `record_send`): the number of fields, then each field's type, and its bytes with their length.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        bytes.appendBigEndian(Int32(clamping: self.fields.count))
        for field in self.fields {
            bytes.appendBigEndian(field.type.rawValue)
            bytes.appendField { bytes in
                guard let content = field.bytes else { return false }
                bytes.append(contentsOf: content)
                return true
            }
        }
        return true
    }

    /// Reads `record` and composite types in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .record || type.rawValue >= PQDataType.firstAssigned, format == .binary else {
            throw .typeMismatch
        }
        var reader = BinaryReader(bytes)
        let count = try reader.integer(Int32.self)
        // Each field has its type and its length.
        guard count >= 0, Int(count) <= reader.remaining / 8 else { throw .typeMismatch }
        var fields: [PQRawValue] = []
        for _ in 0..<count {
            let type = PQDataType(rawValue: try reader.integer())
            fields.append(PQRawValue(bytes: try reader.field().map { Array($0) }, type: type))
        }
        try reader.finish()
        self.fields = fields
    }
}
