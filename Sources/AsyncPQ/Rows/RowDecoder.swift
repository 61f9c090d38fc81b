//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads a row for a `Decodable` type, whose properties are the columns.
///
/// A type asks for its properties in the same order for each row, so that the columns found for the first row are those of
/// all others.
final class RowDecoder: Decoder {
    /// A property that the type asked for.
    private struct Step {
        let name: String
        let column: Int32
        /// How the type of the property is read; nil while not known.
        var reading: (of: ObjectIdentifier, as: CellReading)?
    }

    var result: PQResult
    private(set) var row: Int32 = 0
    private var steps: [Step] = []
    private var next = 0
    /// Reads columns of JSON; created for the first one.
    private lazy var json = JSONDecoder()

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ result: PQResult) { self.result = result }

    func decode<Value: Decodable>(_ type: Value.Type, row: Int32) throws(PQError) -> Value {
        self.row = row
        self.next = 0
        do {
            return try Value(from: self)
        } catch let error as PQError {
            throw error
        } catch {
            let place = "row \(self.result.number(ofRow: row)) cannot be read as \(type)"
            throw PQError(.decodingFailed, "\(place): \(CellReading.reason(error, type))")
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RowContainer<Key>(row: self))
    }

    /// A type that is one value is read from the only column.
    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        guard self.result.columnCount == 1 else {
            throw PQError(
                .decodingFailed,
                "the row has \(self.result.columnCount) columns (\(self.result.columnList)), and a type that is one value "
                    + "is read from one column; read a struct with a property for each")
        }
        return CellDecoder(cell: .column(0, self), json: self.json)
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw PQError(
            .decodingFailed, "a row cannot be read as a list; read a tuple, or a struct with a property for each column"
        )
    }

    // MARK: Columns

    /// The number of the step for a property, whose column is looked up when the type asks for the first time.
    @inline(__always)
    fileprivate func step(_ name: String) throws(PQError) -> Int {
        let next = self.next
        if next < self.steps.count, Self.isSame(self.steps[next].name, name) {
            self.next = next + 1
            return next
        }
        return try self.stepOutOfOrder(name)
    }

    /// Whether two names have the same bytes.
    ///
    /// The names of properties are literals, whose representations are the same each time.
    @inline(__always)
    private static func isSame(_ left: String, _ right: String) -> Bool {
        let isSameRepresentation = withUnsafeBytes(of: left) { left in
            withUnsafeBytes(of: right) { right in
                left.count == 16 && left.load(as: UInt64.self) == right.load(as: UInt64.self)
                    && left.load(fromByteOffset: 8, as: UInt64.self) == right.load(fromByteOffset: 8, as: UInt64.self)
            }
        }
        return isSameRepresentation || left.isExactly(right)
    }

    private func stepOutOfOrder(_ name: String) throws(PQError) -> Int {
        let found: Int
        if let known = self.steps.firstIndex(where: { $0.name.isExactly(name) }) {
            found = known
        } else {
            guard let column = try ColumnNames.find(name, in: self.result) else {
                throw PQError(
                    .decodingFailed,
                    "there is no column for the property \"\(name)\" in row \(self.result.number(ofRow: self.row)); "
                        + "the columns are \(self.result.columnList)")
            }
            found = self.steps.count
            self.steps.append(Step(name: name, column: column))
        }
        self.next = found + 1
        return found
    }

    fileprivate func contains(_ name: String) -> Bool { (try? ColumnNames.find(name, in: self.result)) != nil }

    // MARK: Cells

    /// Reads a property of a type whose own reading is known.
    @inline(__always)
    fileprivate func read<Value: PQDecodable & Decodable>(_ type: Value.Type, _ name: String) throws(PQError) -> Value {
        let column = self.steps[try self.step(name)].column
        do throws(PQDecodingFailure) {
            return try self.result.cell(type, row: self.row, column: column)
        } catch {
            return try self.readOtherwise(type, column, after: error)
        }
    }

    /// Reads a property that may be null.
    @inline(__always)
    fileprivate func readIfPresent<Value: PQDecodable & Decodable>(
        _ type: Value.Type, _ name: String
    ) throws(PQError) -> Value? {
        let column = self.steps[try self.step(name)].column
        guard self.result.bytes(row: self.row, column: column) != nil else { return nil }
        do throws(PQDecodingFailure) {
            return try self.result.cell(type, row: self.row, column: column)
        } catch {
            return try self.readOtherwise(type, column, after: error)
        }
    }

    /// Reads a value from JSON, where the column is of such a type.
    private func readOtherwise<Value: Decodable>(
        _ type: Value.Type, _ column: Int32, after failure: PQDecodingFailure
    ) throws(PQError) -> Value {
        guard failure == .typeMismatch, self.result.columnType(column).isJSON else {
            throw self.result.decodingError(failure, type, row: self.row, column: column)
        }
        return try self.readAny(type, column, as: .json)
    }

    /// Reads a property of any type.
    fileprivate func readAny<Value: Decodable>(_ type: Value.Type, _ name: String) throws(PQError) -> Value {
        let step = try self.step(name)
        let reading: CellReading
        if let known = self.steps[step].reading, known.of == ObjectIdentifier(type) {
            reading = known.as
        } else {
            reading = CellReading(of: type, from: self.result.columnType(self.steps[step].column))
            self.steps[step].reading = (ObjectIdentifier(type), reading)
        }
        return try self.readAny(type, self.steps[step].column, as: reading)
    }

    private func readAny<Value: Decodable>(
        _ type: Value.Type, _ column: Int32, as reading: CellReading
    ) throws(PQError) -> Value {
        do {
            return try CellDecoder(cell: .column(column, self), json: self.json).read(type, as: reading)
        } catch let error as PQError {
            throw error
        } catch let failure as PQDecodingFailure {
            throw self.result.decodingError(failure, type, row: self.row, column: column)
        } catch {
            let failure = PQDecodingFailure.invalidValue(CellReading.reason(error, type))
            throw self.result.decodingError(failure, type, row: self.row, column: column)
        }
    }

    fileprivate func isNull(_ name: String) throws(PQError) -> Bool {
        let step = try self.step(name)
        // The type asks for the value next.
        self.next = step
        return self.result.bytes(row: self.row, column: self.steps[step].column) == nil
    }

    fileprivate func cell(_ name: String) throws(PQError) -> CellDecoder {
        CellDecoder(cell: .column(self.steps[try self.step(name)].column, self), json: self.json)
    }
}

/// The columns of a row by the names of properties.
private struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let row: RowDecoder

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] {
        (0..<self.row.result.columnCount).compactMap { Key(stringValue: self.row.result.columnName($0)) }
    }

    func contains(_ key: Key) -> Bool { self.row.contains(key.stringValue) }
    func decodeNil(forKey key: Key) throws -> Bool { try self.row.isNull(key.stringValue) }

    // The types that the compiler asks for by name, without looking at what they conform to.
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try self.row.read(type, key.stringValue) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try self.row.read(type, key.stringValue) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try self.row.read(type, key.stringValue) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try self.row.read(type, key.stringValue) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try self.row.read(type, key.stringValue) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try self.row.read(type, key.stringValue) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try self.row.read(type, key.stringValue) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try self.row.read(type, key.stringValue) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try self.row.read(type, key.stringValue) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try self.any(type, key) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try self.any(type, key) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try self.any(type, key) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try self.any(type, key) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try self.any(type, key) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try self.any(type, key) }

    private func any<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value {
        try self.row.readAny(type, key.stringValue)
    }

    // The default would take a column that is missing for NULL.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try self.optional(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try self.optional(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try self.optional(type, key) }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try self.optional(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try self.optional(type, key) }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try self.optional(type, key) }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try self.optional(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try self.optional(type, key) }
    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try self.optional(type, key) }
    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try self.anyOptional(type, key) }
    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try self.anyOptional(type, key) }
    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try self.anyOptional(type, key) }
    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try self.anyOptional(type, key) }
    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try self.anyOptional(type, key) }
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try self.anyOptional(type, key)
    }

    private func optional<Value: PQDecodable & Decodable>(_ type: Value.Type, _ key: Key) throws -> Value? {
        try self.row.readIfPresent(type, key.stringValue)
    }

    private func anyOptional<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value? {
        try self.row.isNull(key.stringValue) ? nil : self.any(type, key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try self.row.cell(key.stringValue).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try self.row.cell(key.stringValue).unkeyedContainer()
    }

    /// The row itself: what a class inherits is in columns beside its own.
    func superDecoder() throws -> any Decoder { self.row }
    func superDecoder(forKey key: Key) throws -> any Decoder { try self.row.cell(key.stringValue) }
}
