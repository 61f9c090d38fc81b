//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("Arrays of several dimensions")
struct NestedArrayTests {
    @Test func `arrays of arrays travel both ways`() async throws {
        try await withConnection { connection in
            try await expectExact([[1, 2], [3, 4]], as: "bigint[]", text: "{{1,2},{3,4}}", on: connection)
            try await expectExact(
                [[[1], [2]], [[3], [4]]], as: "bigint[]", text: "{{{1},{2}},{{3},{4}}}", on: connection)
            try await expectExact([[1, nil], [nil, 4]], as: "bigint[]", text: "{{1,NULL},{NULL,4}}", on: connection)
            try await expectExact(
                [["a", ""], ["NULL", "\""]], as: "text[]", text: #"{{a,""},{"NULL","\""}}"#, on: connection)
            try await expectExact([[1.5], [-0.5]], as: "double precision[]", text: "{{1.5},{-0.5}}", on: connection)
            try await expectExact([[Decimal(1)], [Decimal(2)]], as: "numeric[]", text: "{{1},{2}}", on: connection)
            let empty: [[Int]] = [[], []]
            #expect(try await connection.cell("SELECT \(empty)::bigint[]", as: [[Int]].self) == [])
            try await connection.query("SET TIME ZONE 'UTC'")
            let moments = [[Date(timeIntervalSince1970: 0), nil], [nil, Date(timeIntervalSince1970: 86_400.5)]]
            #expect(try await connection.cell("SELECT \(moments)::timestamptz[]", as: [[Date?]].self) == moments)
            let documents = [[PQJSON(["a\"{},": 1])], [PQJSON([:])]]
            #expect(
                try await connection.cell("SELECT \(documents)::jsonb[]", as: [[PQJSON<[String: Int]>]].self)
                    == documents)
            #expect(try await connection.cell("SELECT \([[Date]]([[]]))::timestamptz[]", as: [[Date]].self) == [])
        }
    }

    @Test func `dimensions and lower bounds are kept by PQArray`() async throws {
        try await withConnection { connection in
            let shifted = try #require(
                PQArray(
                    [1, 2, 3, 4, nil, 6],
                    dimensions: [.init(length: 2, lowerBound: -1), .init(length: 3, lowerBound: 5)]))
            try await expectExact(shifted, as: "bigint[]", text: "[-1:0][5:7]={{1,2,3},{4,NULL,6}}", on: connection)
            try await expectExact(PQArray(["a"], lowerBound: 0), as: "text[]", text: "[0:0]={a}", on: connection)
            try await expectExact(PQArray([Int]()), as: "bigint[]", text: "{}", on: connection)
            let six = try #require(PQArray([7], dimensions: Array(repeating: .init(length: 1), count: 6)))
            try await expectExact(six, as: "bigint[]", text: "{{{{{{7}}}}}}", on: connection)
            #expect(
                try await connection.cell("SELECT '1 2'::int2vector", as: PQArray<Int>.self)
                    == PQArray([1, 2], lowerBound: 0))
        }
        #expect(PQArray([1], dimensions: [.init(length: 2)]) == nil && PQArray([1], dimensions: []) == nil)
        #expect(PQArray([1], dimensions: [.init(length: .max), .init(length: .max)]) == nil)
        #expect(PQArray([1], dimensions: [.init(length: -1), .init(length: -1)]) == nil)
        #expect(PQArray([1], dimensions: Array(repeating: .init(length: 1), count: 7)) == nil)
    }

    @Test func `what is not rectangular, or has other dimensions than the type, is an error that says so`() async throws
    {
        try await withConnection { connection in
            let jagged = try await pqError { try await connection.query("SELECT \([[1], [2, 3]])") }
            #expect(jagged.message.contains("differ in length"))
            let holes = try await pqError { try await connection.query("SELECT \([[1], nil])") }
            #expect(holes.code == .unsupported)
            let seven = try await pqError { try await connection.query("SELECT \([[[[[[[1]]]]]]])") }
            #expect(seven.message.contains("7 dimensions"))
            for (sql, count) in [("'{1}'", 1), ("'{{{1}}}'", 3)] {
                let error = try await pqError {
                    try await connection.cell("SELECT \(unescaped: sql)::bigint[]", as: [[Int]].self)
                }
                #expect(error.code == .decodingFailed && error.message.contains("\(count) dimension"), "\(error)")
            }
        }
    }

    @Test func `each type that travels alone travels in arrays`() async throws {
        func check<Value: PQEncodable & PQDecodable & Equatable>(
            _ values: [Value], _ type: String, on connection: PQConnection
        ) async throws {
            #expect(
                try await connection.cell("SELECT \(values)::\(unescaped: type)[]", as: [Value].self) == values,
                "\(type)")
            #expect(
                try await connection.cell("SELECT \(values)", as: [Value].self) == values, "\(type) by its own type")
        }
        try await withConnection { connection in
            try await check([PQDate(daysSince2000: 1), .infinity], "date", on: connection)
            try await check([try #require(PQTime(microseconds: 5))], "time", on: connection)
            let five = try #require(PQTime(microseconds: 5))
            try await check([try #require(PQTimeTZ(five, secondsFromUTC: 60))], "timetz", on: connection)
            try await check([PQTimestamp(microsecondsSince2000: 5), .negativeInfinity], "timestamp", on: connection)
            try await check([PQTimestampTZ(microsecondsSince2000: 5), .infinity], "timestamptz", on: connection)
            try await check([PQInterval(months: 1, days: 2, microseconds: 3)], "interval", on: connection)
            try await check([Duration.seconds(5)], "interval", on: connection)
            try await check([PQNumeric.nan, 5, .infinity], "numeric", on: connection)
            try await check([try #require(PQInet("::1"))], "inet", on: connection)
            try await check([try #require(PQMACAddress([1, 2, 3, 4, 5, 6]))], "macaddr", on: connection)
            try await check([try #require(PQMACAddress8([1, 2, 3, 4, 5, 6, 7, 8]))], "macaddr8", on: connection)
            try await check([try #require(PQBits("101"))], "varbit", on: connection)
            try await check([UInt32.max], "oid", on: connection)
            try await check([PQRange(1..<5), .empty, PQRange(7...)], "int8range", on: connection)
            try await check([1..<5], "int8range", on: connection)
            try await check([PQMultirange([PQRange(Int32(1)..<5)])], "int4multirange", on: connection)
        }
    }
}
