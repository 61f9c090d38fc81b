//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("Ranges")
struct RangeTests {
    @Test func `ranges of every built-in type`() async throws {
        let day = PQDate(daysSince2000: 8825)
        let moment = PQTimestamp(microsecondsSince2000: 762_523_200_500_000)
        try await withConnection { connection in
            try await connection.query("SET TIME ZONE 'UTC'")
            try await expectExact(PQRange(Int32(-1)..<5), as: "int4range", text: "[-1,5)", on: connection)
            try await expectExact(
                PQRange(1..<Int.max), as: "int8range", text: "[1,9223372036854775807)", on: connection)
            try await expectExact(PQRange(Int64(3)...), as: "int8range", text: "[3,)", on: connection)
            try await expectExact(PQRange(..<5), as: "int8range", text: "(,5)", on: connection)
            try await expectExact(
                PQRange<Int>.between(.unbounded, .unbounded), as: "int8range", text: "(,)", on: connection)
            try await expectExact(PQRange<Int>.empty, as: "int8range", text: "empty", on: connection)
            try await expectExact(
                PQRange.between(.exclusive(Decimal(15) / 10), .inclusive(2)), as: "numrange", text: "(1.5,2]",
                on: connection)
            try await expectExact(
                PQRange(PQNumeric(1)...PQNumeric.infinity), as: "numrange", text: "[1,Infinity]", on: connection)
            try await expectExact(
                PQRange(day..<PQDate(daysSince2000: 8826)), as: "daterange", text: "[2024-02-29,2024-03-01)",
                on: connection)
            try await expectExact(
                PQRange(...moment), as: "tsrange", text: "(,\"2024-02-29 12:00:00.5\"]", on: connection)
            try await expectExact(
                PQRange(PQTimestampTZ(utc: moment)...), as: "tstzrange", text: "[\"2024-02-29 12:00:00.5+00\",)",
                on: connection)
            let date = Date(timeIntervalSince1970: 1_709_208_000.5)
            try await expectExact(
                PQRange(date..<date + 1), as: "tstzrange",
                text: "[\"2024-02-29 12:00:00.5+00\",\"2024-02-29 12:00:01.5+00\")", on: connection)
        }
        #expect(PQRange(1..<5).description == "[1,5)" && PQRange<Int>.empty.description == "empty")
        #expect(
            PQRange.between(.exclusive(1), .inclusive(5)).description == "(1,5]" && PQRange(..<5).description == "(,5)")
    }

    @Test func `a range knows what is in it, as the server does`() async throws {
        let ranges: [PQRange<Int>] = [
            .empty, PQRange(1..<3), PQRange(1...3), PQRange(2...), PQRange(..<2), PQRange(...2),
            .between(.exclusive(1), .exclusive(3)),
            .between(.unbounded, .unbounded), PQRange(2..<2),
        ]
        try await withConnection { connection in
            for range in ranges {
                for value in 0...4 {
                    let expected = try await connection.cell("SELECT \(range) @> \(Int64(value))", as: Bool.self)
                    #expect(range.contains(value) == expected, "\(value) in \(range)")
                }
            }
        }
    }

    @Test func `Swift's own ranges are bound and read`() async throws {
        try await withConnection { connection in
            #expect(try await connection.cell("SELECT \(1..<5)", as: Range<Int>.self) == 1..<5)
            #expect(try await connection.cell("SELECT int4range(1, 5, '[]')", as: Range<Int32>.self) == 1..<6)
            #expect(try await connection.cell("SELECT int4range(1, 5, '[]')", as: Range<Int>.self) == 1..<6)
            for other in ["'empty'::int8range", "int8range(1, NULL)", "numrange(1, 2, '[]')"] {
                let error = try await pqError {
                    other.contains("num")
                        ? try await connection.cell("SELECT \(unescaped: other)", as: Range<Decimal>.self).isEmpty
                        : try await connection.cell("SELECT \(unescaped: other)", as: Range<Int>.self).isEmpty
                }
                #expect(error.message.contains("PQRange"), "\(error)")
            }
        }
    }

    @Test func `multiranges, and ranges of a type of one's own`() async throws {
        try await withConnection { connection in
            let busy: PQMultirange<Int> = [PQRange(1..<3), PQRange(5...)]
            try await expectExact(busy, as: "int8multirange", text: "{[1,3),[5,)}", on: connection)
            #expect(busy.description == "{[1,3),[5,)}")
            try await expectExact(PQMultirange<PQDate>(), as: "datemultirange", text: "{}", on: connection)
            let merged = try await connection.cell(
                "SELECT \(PQMultirange([PQRange(1..<3), PQRange(2..<9), .empty]))", as: PQMultirange<Int>.self)
            #expect(merged == [PQRange(1..<9)])
            try await connection.execute(script: "CREATE TYPE pg_temp.span AS RANGE (subtype = double precision)")
            let span = PQRange.between(.inclusive(Level(value: 0.5)), .exclusive(Level(value: 1.5)))
            try await expectExact(span, as: "pg_temp.span", text: "[0.5,1.5)", on: connection)
        }
    }

    /// A bound of a range type that the database defines.
    private struct Level: PQRangeBound, Hashable {
        var value: Double
        init(value: Double) { self.value = value }
        static var pqDataType: PQDataType { .float8 }
        static var pqRangeType: PQDataType { .inferred }
        static var pqMultirangeType: PQDataType { .inferred }
        static func < (first: Level, second: Level) -> Bool { first.value < second.value }
        func pqEncode(into bytes: inout [UInt8]) -> Bool { self.value.pqEncode(into: &bytes) }
        init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
            self.value = try Double(pqBytes: bytes, type: type, format: format)
        }
    }
}
