//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How a type is read from a cell.
enum CellReading {
    /// As the type itself defines it.
    case own(any PQDecodable.Type)
    /// From JSON.
    case json
    /// As the type itself defines it, and otherwise from JSON.
    case ownOrJSON(any PQDecodable.Type)
    /// By the type's `init(from:)`, which asks for one value.
    case single

    init<Value>(of type: Value.Type, from column: PQDataType) {
        switch (type as? any PQDecodable.Type, column.isJSON) {
        case (let own?, false): self = .own(own)
        case (let own?, true): self = .ownOrJSON(own)
        case (nil, true): self = .json
        case (nil, false): self = .single
        }
    }

    /// The reason why a type did not decode, without the value, which its own error may quote.
    static func reason(_ error: any Error, _ type: Any.Type) -> String {
        guard let error = error as? DecodingError else {
            if let failure = error as? PQDecodingFailure { return failure.reason(type) }
            return "its init(from:) threw \(Swift.type(of: error))"
        }
        func at(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "" : " at \(context.codingPath.map(\.stringValue).joined(separator: "."))"
        }
        switch error {
        case .typeMismatch(let wanted, let context): return "not a \(wanted)\(at(context))"
        case .valueNotFound(let wanted, let context): return "null instead of a \(wanted)\(at(context))"
        case .keyNotFound(let key, let context): return "without the key \"\(key.stringValue)\"\(at(context))"
        case .dataCorrupted(let context): return "not valid for \(type)\(at(context))"
        @unknown default: return "not valid for \(type)"
        }
    }
}

extension PQDataType {
    var isJSON: Bool { self == .json || self == .jsonb }
}

/// Reads one value for a `Decodable` type: a cell, or an element of an array in a cell.
struct CellDecoder: Decoder, SingleValueDecodingContainer {
    enum Cell {
        case column(Int32, RowDecoder)
        case element(PQRawValue)
    }

    let cell: Cell
    let json: JSONDecoder

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    private var type: PQDataType {
        switch self.cell {
        case .column(let column, let decoder): decoder.result.columnType(column)
        case .element(let value): value.type
        }
    }

    // MARK: Reading

    func read<Value: Decodable>(_ type: Value.Type, as reading: CellReading) throws -> Value {
        switch reading {
        case .own(let own): return try self.read(own, returning: type)
        case .json: return try self.readJSON(type)
        case .single:
            if self.decodeNil(), !(type is any ExpressibleByNilLiteral.Type) {
                throw PQDecodingFailure.unexpectedNull
            }
            if type == URL.self, let url = URL(string: try self.value(String.self)) as? Value { return url }
            return try Value(from: self)
        case .ownOrJSON(let own):
            do {
                return try self.read(own, returning: type)
            } catch PQDecodingFailure.typeMismatch {
                return try self.readJSON(type)
            }
        }
    }

    private func read<Own: PQDecodable, Value>(_ own: Own.Type, returning type: Value.Type) throws -> Value {
        // The same type by another name.
        guard let value = try self.value(own) as? Value else { throw PQDecodingFailure.typeMismatch }
        return value
    }

    private func value<Value: PQDecodable>(_ type: Value.Type) throws(PQDecodingFailure) -> Value {
        switch self.cell {
        case .column(let column, let decoder):
            try decoder.result.cell(type, row: decoder.row, column: column)
        case .element(let value): try value.decode(type)
        }
    }

    private func readJSON<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if self.decodeNil() {
            guard let null = type as? any ExpressibleByNilLiteral.Type, let value = Self.null(null) as? Value else {
                throw PQDecodingFailure.unexpectedNull
            }
            return value
        }
        return try self.json.decode(type, from: Data(try self.value(String.self).utf8))
    }

    private static func null<Null: ExpressibleByNilLiteral>(_ type: Null.Type) -> Null { nil }

    // MARK: Decoder

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw PQDecodingFailure.invalidValue(
            "of type \(self.type), and a type with properties is read from json or jsonb; use to_jsonb(column), or "
                + "conform the type to PQDecodable")
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        ElementContainer(elements: try self.value([PQRawValue].self), json: self.json)
    }

    // MARK: Single value

    func decodeNil() -> Bool {
        switch self.cell {
        case .column(let column, let decoder): decoder.result.bytes(row: decoder.row, column: column) == nil
        case .element(let value): value.bytes == nil
        }
    }

    func decode(_ type: Bool.Type) throws -> Bool { try self.value(type) }
    func decode(_ type: String.Type) throws -> String { try self.value(type) }
    func decode(_ type: Double.Type) throws -> Double { try self.value(type) }
    func decode(_ type: Float.Type) throws -> Float { try self.value(type) }
    func decode(_ type: Int.Type) throws -> Int { try self.value(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try self.value(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try self.value(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try self.value(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try self.value(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try self.narrowed() }
    func decode(_ type: UInt.Type) throws -> UInt { try self.narrowed() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try self.narrowed() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try self.narrowed() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try self.narrowed() }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try self.read(type, as: CellReading(of: type, from: self.type))
    }

    /// PostgreSQL has no such type; a value that does not fit is an error.
    private func narrowed<Integer: FixedWidthInteger>() throws(PQDecodingFailure) -> Integer {
        guard let value = Integer(exactly: try self.value(Int64.self)) else {
            throw .invalidValue("out of range of \(Integer.self)")
        }
        return value
    }
}

/// The elements of an array whose type is not ``PQDecodable``, such as enumerations that are only `Decodable`.
private struct ElementContainer: UnkeyedDecodingContainer {
    let elements: [PQRawValue]
    let json: JSONDecoder
    var currentIndex = 0

    var codingPath: [any CodingKey] { [] }
    var count: Int? { self.elements.count }
    var isAtEnd: Bool { self.currentIndex >= self.elements.count }

    private mutating func next() throws(PQDecodingFailure) -> CellDecoder {
        guard !self.isAtEnd else { throw .invalidValue("an array of \(self.elements.count) elements") }
        defer { self.currentIndex += 1 }
        return CellDecoder(cell: .element(self.elements[self.currentIndex]), json: self.json)
    }

    mutating func decodeNil() throws -> Bool {
        guard !self.isAtEnd, self.elements[self.currentIndex].bytes == nil else { return false }
        self.currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        do {
            return try self.next().decode(type)
        } catch PQDecodingFailure.unexpectedNull {
            throw PQDecodingFailure.nullElement(type)
        }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { try self.next().container(keyedBy: type) }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try self.next().unkeyedContainer() }

    mutating func superDecoder() throws -> any Decoder { try self.next() }
}
