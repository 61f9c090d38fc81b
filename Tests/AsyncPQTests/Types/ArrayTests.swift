//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("Arrays")
struct ArrayTests {
    private func check<Value: PQEncodable & PQDecodable & Equatable>(
        _ value: [Value], _ type: String, text: String, on connection: PQConnection
    ) async throws {
        let rows = try await connection.query("SELECT v, v::text FROM (SELECT \(value)::\(unescaped: type) AS v) AS s")
        let (back, shown) = try #require(rows.first).decode(([Value], String).self)
        #expect(back == value)
        #expect(shown == text)
    }

    @Test func `elements of every type, empty ones and NULLs among them`() async throws {
        try await withConnection { connection in
            try await self.check([Int]([]), "bigint[]", text: "{}", on: connection)
            try await self.check([1, -2, Int.max], "bigint[]", text: "{1,-2,9223372036854775807}", on: connection)
            try await self.check([Int32(7)], "integer[]", text: "{7}", on: connection)
            try await self.check([Int16(7)], "smallint[]", text: "{7}", on: connection)
            try await self.check([1, nil, 3], "bigint[]", text: "{1,NULL,3}", on: connection)
            try await self.check([Int?.none], "bigint[]", text: "{NULL}", on: connection)
            try await self.check(["", "a,b", "\"", "NULL"], "text[]", text: #"{"","a,b","\"","NULL"}"#, on: connection)
            try await self.check(["x", nil], "text[]", text: "{x,NULL}", on: connection)
            try await self.check([true, false], "boolean[]", text: "{t,f}", on: connection)
            try await self.check([1.5, -.infinity], "double precision[]", text: "{1.5,-Infinity}", on: connection)
            try await self.check([Data(), Data([255])], "bytea[]", text: #"{"\\x","\\xff"}"#, on: connection)
            let id = UUID()
            try await self.check([id], "uuid[]", text: "{\(id.uuidString.lowercased())}", on: connection)
        }
    }

    @Test func `an array is one parameter for ANY`() async throws {
        try await withConnection { connection in
            let ids = [2, 4, 9]
            let rows = try await connection.query("SELECT g FROM generate_series(1, 5) g WHERE g = ANY(\(ids))")
            #expect(try rows.decode(Int.self) == [2, 4])
        }
    }

    @Test func `a thousand elements`() async throws {
        try await withConnection { connection in
            let values = (0..<1000).map { "value \($0)" }
            let back = try await connection.cell(
                "SELECT array_agg(x ORDER BY n) FROM unnest(\(values)::text[]) WITH ORDINALITY AS u(x, n)",
                as: [String].self)
            #expect(back == values)
        }
    }

    @Test func `two dimensions, and a NULL where none is expected, are errors that say so`() async throws {
        try await withConnection { connection in
            let square = try await pqError {
                try await connection.cell("SELECT '{{1,2},{3,4}}'::int[]", as: [Int].self)
            }
            #expect(square.message.contains("2 dimensions"))
            let null = try await pqError { try await connection.cell("SELECT '{1,NULL}'::int[]", as: [Int].self) }
            #expect(null.message.contains("NULL"))
            let scalar = try await pqError { try await connection.cell("SELECT 1", as: [Int].self) }
            #expect(scalar.code == .decodingFailed)
        }
    }

    @Test func `bytes that are no array do not trap`() {
        var generator = SeededGenerator(seed: 5)
        var header: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 2, 0, 0, 0, 1]
        for round in 0..<5000 {
            var bytes = header
            bytes += (0..<Int.random(in: 0..<30, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if round % 3 == 0 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = 0xFF }
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
            bytes.withUnsafeBytes { raw in
                _ = try? [Int](pqBytes: raw, type: .init(rawValue: 1016), format: .binary)
                _ = try? [String?](pqBytes: raw, type: .init(rawValue: 1009), format: .binary)
                _ = try? Decimal(pqBytes: raw, type: .numeric, format: .binary)
                _ = try? Date(pqBytes: raw, type: .date, format: .binary)
                _ = try? UUID(pqBytes: raw, type: .uuid, format: .binary)
                _ = try? PQJSON<Int>(pqBytes: raw, type: .jsonb, format: .binary)
            }
        }
        header.removeAll()
    }
}
