//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

/// A session whose encoding is not UTF-8 any more neither stores nor gives a wrong text.
@Suite("The session's encoding")
struct SessionEncodingTests {
    @Test(arguments: ["LATIN1", "SJIS", "SQL_ASCII", "EUC_JP"])
    func `after SET client_encoding text is refused with the remedy, and never repaired`(encoding: String) async throws
    {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE words (word text, number int)")
            // Japanese encodings have this one too.
            let word = "\u{3B1}\u{3B2}"
            let other = encoding == "LATIN1" ? "\u{E9}" : word
            for _ in 0..<2 { try await connection.query("INSERT INTO words VALUES (\(other), \(-1))") }
            _ = try await connection.query("SELECT word FROM words WHERE word = \(other)")
            try await connection.query("SET client_encoding TO \(unescaped: encoding)")

            for _ in 0..<3 {
                let rows = try await connection.query("SELECT word, number, 'plain' FROM words")
                let row = try #require(rows.first)
                for error in [
                    try await pqError { try row.decode(String.self, at: 0) },
                    try await pqError { try await connection.cell("SELECT ARRAY[word] FROM words", as: [String].self) },
                    try await pqError {
                        try await connection.cell("SELECT to_jsonb(word) FROM words", as: PQJSON<String>.self)
                    },
                ] {
                    #expect(error.code == .decodingFailed && error.message.contains(encoding), "\(error)")
                    #expect(error.message.contains("RESET client_encoding"), "\(error)")
                }
                #expect(try row.decode(Int.self, at: 1) == -1)
                #expect(try row.decode(String.self, at: 2) == "plain")
            }
            for _ in 0..<3 {
                for error in [
                    try await pqError { try await connection.query("INSERT INTO words VALUES (\(other), \(-1))") },
                    try await pqError { try await connection.query("INSERT INTO words VALUES ((\([other]))[1], 1)") },
                    try await pqError {
                        try await connection.query("INSERT INTO words VALUES ('\(unescaped: other)', 1)")
                    },
                    try await pqError {
                        try await connection.execute(script: "INSERT INTO words VALUES ('\(other)', 1)")
                    },
                    try await pqError { try await connection.stream("SELECT '\(unescaped: other)'") { _ in } },
                ] {
                    #expect(error.code == .unsupported && error.message.contains("RESET client_encoding"), "\(error)")
                }
            }
            try await connection.query("INSERT INTO words VALUES (\("plain"), \(-2))")

            try await connection.query("RESET client_encoding")
            let words = try await connection.query("SELECT word, number FROM words ORDER BY number DESC").decode(
                (String, Int).self)
            #expect(words.map(\.0) == [other, other, "plain"] && words.map(\.1) == [-1, -1, -2])
        }
    }

    @Test func `bytes that are no UTF-8 are an error`() async throws {
        try await withConnection { connection in
            // A byte, which need not be a character: written as the server does.
            let text = try await connection.cell("SELECT (-1)::\"char\"", as: String.self)
            #expect(text == "\\377")
        }
        let bytes: [UInt8] = [0x61, 0xFF]
        for type in [PQDataType.text, .varchar, .json, .jsonb, .init(rawValue: 99_999)] {
            for format in [PQFormat.text, .binary] {
                _ = bytes.withUnsafeBytes { raw in
                    #expect(throws: PQDecodingFailure.self, "\(type)") {
                        try String(pqBytes: raw, type: type, format: format)
                    }
                }
            }
        }
    }
}
