//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import ExactText

/// A result as JSON: an array of objects.
struct JSONText: ResultText {
    /// How a column's values are written.
    enum Kind: Sendable {
        case text
        /// Unchanged digits.
        case number
        /// Unchanged digits, but `NaN` and `Infinity` as text.
        case floatingPoint
        case bool
        /// Unchanged JSON.
        case json

        init(_ type: PQDataType) {
            switch type {
            case .int2, .int4, .int8, .oid: self = .number
            case .float4, .float8: self = .floatingPoint
            case .bool: self = .bool
            case .json, .jsonb: self = .json
            case _: self = .text
            }
        }
    }

    /// The columns: the beginning of each member, and the kind of its value.
    private let columns: [(key: [UInt8], kind: Kind)]
    private var rows = 0

    init(_ rows: PQRows) {
        var names: Set<ExactText> = []
        self.columns = rows.columns.enumerated().map { index, column in
            var (name, number) = (column.name, 1)
            while !names.insert(ExactText(name)).inserted {
                number += 1
                name = "\(column.name)_\(number)"
            }
            var key: [UInt8] = Array((index == 0 ? "{" : ",").utf8)
            Self.append(quoting: name, to: &key)
            key.append(UInt8(ascii: ":"))
            return (key, Kind(column.dataType))
        }
    }

    mutating func add(_ rows: PQRows, to bytes: inout [UInt8]) throws {
        for row in rows {
            bytes.append(contentsOf: (self.rows == 0 ? "[" : ",\n ").utf8)
            self.rows += 1
            for (index, column) in self.columns.enumerated() {
                bytes.append(contentsOf: column.key)
                try Self.append(row.decode(String?.self, at: index), column.kind, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    mutating func finish(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: (self.rows == 0 ? "[]\n" : "]\n").utf8)
    }

    private static func append(_ value: String?, _ kind: Kind, to bytes: inout [UInt8]) {
        guard let value else { return bytes.append(contentsOf: "null".utf8) }
        switch kind {
        case .number, .json: bytes.append(contentsOf: value.utf8)
        case .floatingPoint where value.utf8.allSatisfy(Self.isOfNumber): bytes.append(contentsOf: value.utf8)
        case .bool: bytes.append(contentsOf: (value.isExactly("t") ? "true" : "false").utf8)
        case .text, .floatingPoint: self.append(quoting: value, to: &bytes)
        }
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
    }

    /// Appends a text in quotes, with control characters as escapes.
    static func append(quoting text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                bytes.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
            case _: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
