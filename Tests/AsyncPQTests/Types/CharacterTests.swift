//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("The type \"char\", and short numbers")
struct CharacterTests {
    @Test func `each byte of a "char" can be read, beyond ASCII too`() async throws {
        try await withConnection { connection in
            // A "char" is made of a signed byte; the cast of an integer takes all of them.
            let rows = try await connection.query(
                "SELECT n, n::\"char\" FROM pg_catalog.generate_series(-128, 127) AS n")
            for (number, text) in try rows.decode((Int32, String).self) {
                let byte = UInt8(truncatingIfNeeded: number)
                let expected =
                    switch byte {
                    case 0: ""
                    case 1..<0x80: String(UnicodeScalar(byte))
                    default: "\\" + String(byte, radix: 8)
                    }
                #expect(text == expected, "\(number)")
            }
            if await connection.serverVersion >= 160_000 {
                // The server's own text, from which it reads the same byte again.
                let same = try await connection.cell(
                    "SELECT bool_and(n::\"char\"::text::\"char\" = n::\"char\") FROM generate_series(-128, 127) AS n",
                    as: Bool.self)
                #expect(same)
            }
        }
    }

    @Test func `a short number is the Decimal of its text, whatever its digits and its place`() throws {
        var generator = SeededGenerator(seed: 9)
        var texts = ["0", "0.000", "-0", "1", "-1", "10000", "0.0001", "1.50", "9999999999999999", "1e100", "-12e-60"]
        for _ in 0..<20_000 {
            let digits = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                String(Int.random(in: 0...9, using: &generator))
            }.joined()
            texts.append(
                "\(Bool.random(using: &generator) ? "-" : "")\(digits)e\(Int.random(in: -40...40, using: &generator))")
        }
        for text in texts {
            let number = try #require(PQNumeric(text), "\(text)")
            let value = try #require(Decimal(exactly: number), "\(text)")
            let expected = try #require(Decimal(string: text), "\(text)")
            #expect(value == expected && PQNumeric(value.description) == number, "\(text): \(value)")
        }
    }
}
