//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Encodes rows in the binary format of COPY.
///
/// Layout: PostgreSQL documentation, "Binary Format" of the command COPY.
final class BinaryRowEncoder {
    private let table: String
    private let columns: [CopyColumn]
    /// The type of the last value of each column, and its conversion.
    private var latest: [(type: ObjectIdentifier, conversion: CopyColumn.Conversion)?]

    /// Signature, flags, and the length of an extension that there is none of.
    static let header: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [0, 0, 0, 0, 0, 0, 0, 0]
    /// The number of columns that stands for the end.
    static let trailer: [UInt8] = [0xFF, 0xFF]

    /// - Parameter table: The table's name, for errors.
    init(table: String, columns: [CopyColumn]) {
        self.table = table
        self.columns = columns
        self.latest = Array(repeating: nil, count: columns.count)
    }

    /// Appends a row, or nothing when it throws.
    func append<each Value: PQEncodable>(_ values: repeat each Value, to bytes: inout [UInt8]) throws {
        let start = bytes.count
        var count = 0
        for _ in repeat (each Value).self { count += 1 }
        guard count == self.columns.count else {
            throw PQError(
                .unsupported,
                "a row of \(count) values does not fit the \(self.columns.count) columns of \(self.table): "
                    + self.columns.map(\.name).joined(separator: ", "))
        }
        bytes.appendBigEndian(Int16(clamping: count))
        var index = 0
        do {
            for value in repeat each values {
                try self.append(value, at: index, to: &bytes)
                index += 1
            }
        } catch {
            bytes.removeSubrange(start...)
            throw error
        }
    }

    private func append<Value: PQEncodable>(_ value: Value, at index: Int, to bytes: inout [UInt8]) throws {
        let column = self.columns[index]
        switch try self.conversion(Value.self, at: index) {
        case .none: try bytes.appendField { bytes in try value.pqEncode(into: &bytes) }
        case .jsonb:
            try bytes.appendField { bytes in
                bytes.append(1)
                if try value.pqEncode(into: &bytes) { return true }
                bytes.removeLast()
                return false
            }
        case .date: try bytes.appendField { bytes in try DateEncoding.append(value, as: column.type, to: &bytes) }
        case .widenedFloat:
            try bytes.appendField { bytes in
                var own: [UInt8] = []
                guard try value.pqEncode(into: &own) else { return false }
                guard let bits = own.withUnsafeBytes({ $0.bigEndian(as: UInt32.self) }) else {
                    throw self.misfit(Value.self, column)
                }
                bytes.appendBigEndian(Double(Float(bitPattern: bits)).bitPattern)
                return true
            }
        case .integer(let from, let to):
            try bytes.appendField { bytes in
                let start = bytes.count
                guard try value.pqEncode(into: &bytes) else { return false }
                guard bytes.count == start + from, let number = Self.integer(bytes[start...]) else {
                    throw self.misfit(Value.self, column)
                }
                guard Self.fits(number, to) else {
                    throw PQError(
                        .unsupported,
                        "\(self.place(column)) cannot hold the value of an \(Value.self): it is out of range")
                }
                bytes.removeSubrange(start...)
                Swift.withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0.suffix(to)) }
                return true
            }
        }
    }

    private func conversion<Value: PQEncodable>(
        _ type: Value.Type, at index: Int
    ) throws(PQError) -> CopyColumn.Conversion {
        let id = ObjectIdentifier(type)
        if let latest = self.latest[index], latest.type == id { return latest.conversion }
        guard let conversion = self.columns[index].conversion(of: type) else {
            throw self.misfit(type, self.columns[index])
        }
        self.latest[index] = (id, conversion)
        return conversion
    }

    private func place(_ column: CopyColumn) -> String {
        "the column \"\(column.name)\" (\(column.typeName)) of \(self.table)"
    }

    private func misfit<Value: PQEncodable>(_ type: Value.Type, _ column: CopyColumn) -> PQError {
        let given = Value.pqDataType == .inferred ? "" : " (\(Value.pqDataType))"
        return PQError(
            .unsupported,
            "\(self.place(column)) cannot take a \(type)\(given): give it a value of the column's type")
    }

    /// The integer of 2, 4 or 8 bytes.
    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard let first = bytes.first, bytes.count <= 8 else { return nil }
        return bytes.reduce(first & 0x80 == 0 ? 0 : -1) { $0 << 8 | Int64($1) }
    }

    private static func fits(_ number: Int64, _ width: Int) -> Bool {
        switch width {
        case 2: Int16(exactly: number) != nil
        case 4: Int32(exactly: number) != nil
        default: true
        }
    }
}
