//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("Records, and hstore")
struct RecordTests {
    @Test func `a composite value travels both ways`() async throws {
        try await withConnection { connection in
            try await connection.execute(
                script: "CREATE TYPE pg_temp.address AS (street text, number integer, since date)")
            let address = try PQRecord("Main \"Street\", (7)", Int32(7), PQDate(daysSince2000: 0))
            try await expectExact(
                address, as: "pg_temp.address", text: #"("Main ""Street"", (7)",7,2000-01-01)"#, on: connection)
            let back = try await connection.cell("SELECT \(address)::pg_temp.address", as: PQRecord.self)
            let fields = try back.decode((String, Int, PQDate?).self)
            #expect(fields == ("Main \"Street\", (7)", 7, PQDate(daysSince2000: 0)))
            let empty = try PQRecord(String?.none, Int32?.none, PQDate?.none)
            #expect(try await connection.cell("SELECT \(empty)::pg_temp.address::text", as: String.self) == "(,,)")
            let list = [address, empty]
            #expect(
                try await connection.cell(
                    "SELECT \(address)::pg_temp.address = ANY (ARRAY[\(list[0])::pg_temp.address])", as: Bool.self))
            let rows = try await connection.cell(
                "SELECT array_agg(a) FROM (SELECT \(address)::pg_temp.address AS a) AS s", as: [PQRecord].self)
            #expect(rows == [address])
        }
    }

    @Test func `arrays of rows without a type of their own are read`() async throws {
        try await withConnection { connection in
            let rows = try await connection.cell("SELECT ARRAY[ROW(1, 'a'), NULL, ROW(2)]", as: [PQRecord?].self)
            #expect(rows.count == 3 && rows[1] == nil)
            let first = try #require(rows[0]).decode((Int, String).self)
            #expect(first == (1, "a"))
            #expect(try rows[2]?.decode(Int.self, at: 0) == 2)
        }
    }

    @Test func `anonymous rows are read, field by field`() async throws {
        try await withConnection { connection in
            let record = try await connection.cell(
                "SELECT ROW(1, 'a'::text, NULL, ARRAY[1, 2], ROW(true))", as: PQRecord.self)
            let (number, text, none, list, inner) = try record.decode((Int, String, Int?, [Int], PQRecord).self)
            #expect(number == 1 && text == "a" && none == nil && list == [1, 2])
            #expect(try inner.decode(Bool.self, at: 0))
            #expect(try await connection.cell("SELECT ROW()", as: PQRecord.self).fields.isEmpty)
            #expect(throws: PQError.self, "too few types") { try record.decode((Int, String).self) }
            for index in [5, -1, 1, 2] {
                #expect(throws: PQError.self, "field \(index)") { try record.decode(Int.self, at: index) }
            }
        }
        #expect(throws: PQError.self) { try PQRecord(Date()) }
    }

    @Test func `every cell can be had as its bytes`() async throws {
        try await withConnection { connection in
            let point = try await connection.cell("SELECT point(1, 2)", as: PQRawValue.self)
            #expect(point.type.rawValue == 600 && point.bytes?.count == 16)
            let null = try await connection.cell("SELECT NULL::point", as: PQRawValue.self)
            #expect(null.bytes == nil)
            #expect(try await connection.cell("SELECT 7::int", as: PQRawValue.self).decode(Int.self) == 7)
        }
    }

    @Test func `hstore keeps keys that only Unicode takes for equal, and NULL`() async throws {
        let composed = "\u{E9}", decomposed = "e\u{301}"
        var store: PQHstore = ["a": "1", "b": nil, "": "", "=>\"": "x, y"]
        store[composed] = "one"
        store[decomposed] = "two"
        #expect(store.count == 6 && store.contains(key: "b") && !store.contains(key: "c"))
        var copy = store
        copy.remove(key: "b")
        #expect(copy.count == 5 && !copy.contains(key: "b"))
        try await withConnection { connection in
            guard try await connection.has("hstore") else { return }
            try await connection.inRolledBackTransaction { connection in
                try await connection.query("CREATE SCHEMA stores")
                try await connection.query("CREATE EXTENSION hstore SCHEMA stores")
                let back = try await connection.cell("SELECT \(store)::stores.hstore", as: PQHstore.self)
                #expect(back == store && back[composed] == "one" && back[decomposed] == "two")
                #expect(back.contains(key: "b") && back["b"] == nil)
                #expect(try await connection.cell("SELECT \(PQHstore())::stores.hstore", as: PQHstore.self).count == 0)
                #expect(
                    try await connection.cell(
                        "SELECT (\(store)::stores.hstore OPERATOR(stores.->) '=>\"')", as: String.self) == "x, y")
            }
        }
    }
}
