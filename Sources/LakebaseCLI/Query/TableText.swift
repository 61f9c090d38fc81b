//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ

/// A result as a table.
///
/// The columns are as wide as the first rows need; a wider value later on moves its line and nothing else, so that a result
/// of any size is printed in bounded memory.
struct TableText: ResultText {
    /// The number of rows from which the widths are taken.
    private static let sample = 1000

    private let header: [String]
    private let isNumeric: [Bool]
    private let isFirst: Bool
    private var pending: [[String]] = []
    /// Set once the header is printed.
    private var widths: [Int]?
    private var rows = 0

    init(_ rows: PQRows, isFirst: Bool) {
        let columns = rows.columns
        self.isFirst = isFirst
        self.header = columns.map { Self.visible($0.name) }
        self.isNumeric = columns.map { column in
            switch column.dataType {
            case .int2, .int4, .int8, .oid, .float4, .float8, .numeric: true
            case _: false
            }
        }
    }

    mutating func add(_ rows: PQRows, to bytes: inout [UInt8]) throws {
        for row in rows {
            self.rows += 1
            let cells = try (0..<row.count).map { index in
                try row.decode(String?.self, at: index).map { Self.visible($0) } ?? "NULL"
            }
            if let widths {
                self.append(cells, widths, to: &bytes)
            } else {
                self.pending.append(cells)
                if self.pending.count >= Self.sample { self.layOut(to: &bytes) }
            }
        }
    }

    mutating func finish(to bytes: inout [UInt8]) {
        self.layOut(to: &bytes)
        bytes.append(contentsOf: "(\(self.rows) \(self.rows == 1 ? "row" : "rows"))\n".utf8)
    }

    /// Prints the rows of a result that failed half-way.
    mutating func abandon(to bytes: inout [UInt8]) {
        if self.rows > 0 { self.layOut(to: &bytes) }
    }

    private mutating func layOut(to bytes: inout [UInt8]) {
        guard self.widths == nil else { return }
        let widths = self.header.indices.map { column in
            self.pending.reduce(self.header[column].count) { max($0, $1[column].count) }
        }
        self.widths = widths
        if !self.isFirst { bytes.append(UInt8(ascii: "\n")) }
        self.append(self.header, widths, to: &bytes)
        bytes.append(contentsOf: widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+").utf8)
        bytes.append(UInt8(ascii: "\n"))
        for cells in self.pending { self.append(cells, widths, to: &bytes) }
        self.pending = []
    }

    private func append(_ cells: [String], _ widths: [Int], to bytes: inout [UInt8]) {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: max(0, widths[index] - cell.count))
            line += index == 0 ? " " : " | "
            line += self.isNumeric[index] ? padding + cell : cell + padding
        }
        bytes.append(contentsOf: line.utf8)
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// A text with control characters as escapes.
    static func visible(_ text: String, keepsLines: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: Self.isControl) else { return text }
        var visible = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where keepsLines: visible += "\n"
            case "\n": visible += "\\n"
            case "\r": visible += "\\r"
            case "\t": visible += "\\t"
            case _ where Self.isControl(scalar): visible += "\\u{\(String(scalar.value, radix: 16))}"
            case _: visible.unicodeScalars.append(scalar)
            }
        }
        return visible
    }

    /// C0 and C1, and the marks that turn the direction of text.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }
}
