//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ

/// Results as CSV, as PostgreSQL's COPY writes it: null is nothing, an empty text is `""`.
struct CSVText: ResultText {
    private var hasHeader = false
    private var results = 0

    mutating func add(_ rows: PQRows, to bytes: inout [UInt8]) throws {
        self.writeHeader(rows, to: &bytes)
        for row in rows {
            for column in 0..<row.count {
                if column > 0 { bytes.append(UInt8(ascii: ",")) }
                if let text = try row.decode(String?.self, at: column) { Self.append(text, to: &bytes) }
            }
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    mutating func finish(_ end: PQRows, to bytes: inout [UInt8]) {
        self.writeHeader(end, to: &bytes)
        self.hasHeader = false
        self.results += 1
    }

    private mutating func writeHeader(_ rows: PQRows, to bytes: inout [UInt8]) {
        guard !self.hasHeader else { return }
        self.hasHeader = true
        if self.results > 0 { bytes.append(UInt8(ascii: "\n")) }
        for (index, column) in rows.columns.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            Self.append(column.name, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let needsQuotes =
            text.isEmpty || text == "\\."
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
