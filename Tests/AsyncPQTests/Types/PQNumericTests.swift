//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("Numeric without loss")
struct PQNumericTests {
    @Test(arguments: [
        "0", "0.00", "1", "-1", "10", "9999", "10000", "-10000.0001", "0.0001", "0.00001", "100000000",
        "0.00000000001230",
        "12345678901234567890123456789012345678901234567890.98765432109876543210", "1.00000000000000000000", "NaN",
        "Infinity", "-Infinity",
    ])
    func `numbers keep all digits and the zeros after the point`(text: String) async throws {
        let number = try #require(PQNumeric(text))
        #expect(number.description == text)
        try await withConnection { connection in
            try await expectExact(number, as: "numeric", text: text, on: connection)
        }
    }

    @Test func `a thousand digits before the point and as many after it, and the longest there is`() async throws {
        let long = String(repeating: "1234567890", count: 100) + "." + String(repeating: "0987654321", count: 100)
        let longest = String(repeating: "9", count: 131_072) + "." + String(repeating: "9", count: 16_383)
        try await withConnection { connection in
            for text in [long, "-\(long)", longest] {
                let number = try #require(PQNumeric(text))
                #expect(try await connection.cell("SELECT \(number)::text", as: String.self) == text)
                #expect(
                    try await connection.cell("SELECT \(text)::text::numeric", as: PQNumeric.self).description == text)
            }
        }
        #expect(PQNumeric("9\(longest)") == nil && PQNumeric("\(longest)9") == nil)
    }

    @Test func `a thousand random numbers are what the server's text says`() async throws {
        var generator = SeededGenerator(seed: 11)
        let texts = (0..<1000).map { _ in
            let digits = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                String(Int.random(in: 0...9, using: &generator))
            }
            let exponent = Bool.random(using: &generator) ? "e\(Int.random(in: -60...60, using: &generator))" : ""
            let point = Int.random(in: 0...digits.count, using: &generator)
            return (Bool.random(using: &generator) ? "-" : "") + digits[..<point].joined() + "."
                + digits[point...].joined() + exponent
        }
        try await withConnection { connection in
            let rows = try await connection.query(
                "SELECT t::numeric, t::numeric::text FROM unnest(\(texts)) WITH ORDINALITY AS u(t, n) ORDER BY n")
            var previous: PQNumeric?
            for (row, text) in zip(rows, texts) {
                let (value, shown) = try row.decode((PQNumeric, String).self)
                #expect(value.description == shown)
                let number = try #require(PQNumeric(text), "\(text)")
                #expect(number == value && number.description == shown, "\(text)")
                if let previous {
                    let order = try await connection.cell("SELECT \(previous) < \(value)", as: Bool.self)
                    #expect((previous < value) == order)
                }
                previous = value
            }
            let sorted = try await connection.query(
                "SELECT n FROM unnest(\(texts)) AS t, LATERAL (SELECT t::numeric AS n) AS s ORDER BY n"
            )
            .decode(PQNumeric.self)
            #expect(sorted == texts.compactMap { PQNumeric($0) }.sorted())
        }
    }

    @Test func `values compare as the server's do`() throws {
        #expect(PQNumeric("1.0") == PQNumeric("1.00") && PQNumeric("1.0")?.hashValue == PQNumeric("1.00")?.hashValue)
        #expect(PQNumeric.nan == .nan && PQNumeric("-0.0") == 0 && PQNumeric("-0")?.description == "0")
        let ordered: [PQNumeric] = [.negativeInfinity, -20_000, -1, 0, 1, 20_000, .infinity, .nan]
        #expect(ordered.shuffled().sorted() == ordered)
        #expect(
            PQNumeric(Int.min).description == String(Int.min) && PQNumeric(UInt64.max).description == String(UInt64.max)
        )
    }

    @Test func `text that is no number is none`() {
        for text in [
            "", "-", "+", ".", "e5", "1e", "1.2.3", "--1", "0x10", "1 ", " 1", "1_000", "-NaN", "nan1", "1e99999999999",
            "١", "1e+-5",
        ] {
            #expect(PQNumeric(text) == nil, "\(text)")
        }
        #expect(PQNumeric("1.") == 1 && PQNumeric(".5")?.description == "0.5" && PQNumeric("+1e2") == 100)
        #expect(PQNumeric("1e999999") == nil && PQNumeric("1e-999999") == nil)
    }

    @Test func `Decimal is bound in binary form, and what it cannot hold is said`() async throws {
        try await withConnection { connection in
            for text in ["1.50", "-12345678901234567890.123", "0", "99999999999999999999999999999999999999"] {
                let value = try #require(Decimal(string: text))
                #expect(try await connection.cell("SELECT \(value) = \(text)::text::numeric", as: Bool.self))
            }
            #expect(try await connection.cell("SELECT \(Decimal.nan)::text", as: String.self) == "NaN")
            let long = try await pqError { try await connection.cell("SELECT 2::numeric ^ 200", as: Decimal.self) }
            #expect(long.message.contains("PQNumeric"), "\(long)")
            let infinite = try await pqError {
                try await connection.cell("SELECT 'Infinity'::numeric", as: Decimal.self)
            }
            #expect(infinite.message.contains("not finite"), "\(infinite)")
        }
    }
}
