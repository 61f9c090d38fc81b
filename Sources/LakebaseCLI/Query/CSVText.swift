//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import ExactText

/// A result as CSV, as PostgreSQL's COPY writes it: null is empty, an empty text is `""`.
struct CSVText: ResultText {
    /// The header line until it is written; an empty line precedes that of a second result.
    private var header: [UInt8]

    init(_ rows: PQRows, isFirst: Bool) {
        self.header = isFirst ? [] : [UInt8(ascii: "\n")]
        for (index, column) in rows.columns.enumerated() {
            if index > 0 { self.header.append(UInt8(ascii: ",")) }
            Self.append(column.name, to: &self.header)
        }
        self.header.append(UInt8(ascii: "\n"))
    }

    mutating func add(_ rows: PQRows, to bytes: inout [UInt8]) throws {
        self.writeHeader(to: &bytes)
        for row in rows {
            for column in 0..<row.count {
                if column > 0 { bytes.append(UInt8(ascii: ",")) }
                if let text = try row.decode(String?.self, at: column) { Self.append(text, to: &bytes) }
            }
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    mutating func finish(to bytes: inout [UInt8]) { self.writeHeader(to: &bytes) }

    private mutating func writeHeader(to bytes: inout [UInt8]) {
        bytes += self.header
        self.header = []
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let needsQuotes =
            text.isEmpty || text.isExactly("\\.")
            || text.utf8.contains { byte in
                byte == quote || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
            }
        guard needsQuotes else { return bytes.append(contentsOf: text.utf8) }
        bytes.append(quote)
        for byte in text.utf8 {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }
}
