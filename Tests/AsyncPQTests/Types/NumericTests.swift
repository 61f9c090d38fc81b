//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("Numeric")
struct NumericTests {
    /// Texts of decimal numbers with up to 38 digits and the point anywhere.
    private func numbers(_ count: Int, seed: UInt64) -> [String] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let digits = Int.random(in: 1...38, using: &generator)
            let scale = Int.random(in: 0...38, using: &generator)
            var text = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &generator)) }.joined()
            if Bool.random(using: &generator) { text = text.replacing(/[1-8]/, with: "0") }
            if scale > 0 {
                text = String(repeating: "0", count: max(0, scale + 1 - text.count)) + text
                text.insert(".", at: text.index(text.endIndex, offsetBy: -scale))
            }
            return (Bool.random(using: &generator) ? "-" : "") + text
        }
    }

    @Test func `eight hundred numbers of odd scales are what the server's text says`() async throws {
        try await withConnection { connection in
            let texts = self.numbers(800, seed: 42)
            let rows = try await connection.query(
                "SELECT t::numeric, t::numeric::text FROM unnest(\(texts)) WITH ORDINALITY AS u(t, n) ORDER BY n")
            #expect(rows.count == 800)
            for row in rows {
                let (value, text) = try row.decode((Decimal, String).self)
                let expected = try #require(Decimal(string: text))
                #expect(value == expected, "\(text)")
                let same = try await connection.cell("SELECT \(value)::numeric = \(text)::numeric", as: Bool.self)
                #expect(same, "\(text) went out as \(value)")
            }
        }
    }

    @Test(arguments: [
        "0", "0.0", "-0.00", "1", "10000", "99999999", "0.0001", "0.00001", "1000000000000", "1e20", "1e37", "1e40",
        "1e100",
        "123456789012345678901234567890.12345678", "1e-30", "1e-100",
        "1.00000000000000000000000000000000000000000000000000",
        "-9999.9999", "-10000.0001", "NaN",
    ])
    func `numbers that Decimal can hold are exact`(text: String) async throws {
        try await withConnection { connection in
            let value = try await connection.cell("SELECT \(text)::numeric", as: Decimal.self)
            #expect(value.isNaN == (text == "NaN"))
            let same = try await connection.cell("SELECT \(value)::numeric = \(text)::numeric", as: Bool.self)
            #expect(same, "\(text) was read as \(value)")
        }
    }

    @Test func `what aggregates make of whole numbers is read as Int and as Double`() async throws {
        try await withConnection { connection in
            let (sum, average) = try await connection.query(
                "SELECT sum(n), avg(n) FROM generate_series(1::bigint, 4) AS n")[0]
                .decode((Int, Double).self)
            #expect(sum == 10 && average == 2.5)
            for value in [0, -1, 10_000, 99_990_000, -120_000_000, Int.max, Int.min, Int.max - 1] {
                #expect(try await connection.cell("SELECT \(unescaped: "\(value)")::numeric") == value)
                #expect(try await connection.cell("SELECT \(unescaped: "\(value)")::numeric + 0.00") == value)
                #expect(
                    try await connection.cell("SELECT \(unescaped: "\(value)")::numeric", as: Double.self)
                        == Double(value))
            }
            let texts = [
                "1.5", "0.1", "-2.25e-30", "1e300", "123456789012345678901234567890.125", "NaN", "Infinity",
                "-Infinity",
            ]
            for text in texts {
                let read = try await connection.cell("SELECT \(text)::numeric", as: Double.self)
                #expect(read == Double(text) || read.isNaN && text == "NaN", "\(text): \(read)")
            }
            #expect(try await connection.cell("SELECT 0.1::numeric", as: Float.self) == 0.1)
            for (sql, type, reason) in [
                ("1.5", "Int", "fraction"), ("0.0001", "Int", "fraction"),
                ("9223372036854775808", "Int", "out of range"),
                ("-9223372036854775809", "Int", "out of range"), ("'NaN'", "Int", "not finite"),
                ("1e16000", "Int", "out of range"),
                ("300", "Int16", ""), ("40000", "Int16", "out of range"), ("1e400", "Double", "out of range"),
                ("1e39", "Float", "out of range"),
            ] {
                let rows = try await connection.query("SELECT \(unescaped: sql)::numeric")
                let read = {
                    switch type {
                    case "Int": _ = try rows[0].decode(Int.self, at: 0)
                    case "Int16": _ = try rows[0].decode(Int16.self, at: 0)
                    case "Float": _ = try rows[0].decode(Float.self, at: 0)
                    default: _ = try rows[0].decode(Double.self, at: 0)
                    }
                }
                if reason.isEmpty {
                    try read()
                } else {
                    #expect(try await pqError(read).message.contains(reason), "\(sql) as \(type)")
                }
            }
        }
    }

    @Test(arguments: [
        "1e-200", "1e200", "123456789012345678901234567890123456789", "Infinity", "-Infinity",
        "0.123456789012345678901234567890123456789", "1e16000", "1e-16000",
    ])
    func `numbers that Decimal cannot hold are errors and never rounded`(text: String) async throws {
        try await withConnection { connection in
            let error = try await pqError { try await connection.cell("SELECT \(text)::numeric", as: Decimal.self) }
            #expect(error.code == .decodingFailed)
        }
    }

    @Test func `a digit outside of 0 to 9999 is refused`() {
        for digit: UInt16 in [10_000, 0x7FFF, 0x8000, 0xFFFF] {
            var bytes: [UInt8] = []
            for value: UInt16 in [3, 2, 0, 0, 12, digit, 34] { bytes.appendBigEndian(value) }
            _ = bytes.withUnsafeBytes { raw in
                #expect(throws: PQDecodingFailure.self) {
                    _ = try Decimal(pqBytes: raw, type: .numeric, format: .binary)
                }
            }
        }
    }
}
