//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("Rows as Decodable types")
struct DecodableRowTests {
    private enum Color: String, Decodable { case red, green }
    private enum Size: Int, Decodable, PQDecodable { case small = 1, large = 2 }
    private struct Point: Codable, Equatable { var x: Int; var y: Int }
    private struct Label: Decodable, Equatable {
        var text: String
        init(from decoder: any Decoder) throws { self.text = try decoder.singleValueContainer().decode(String.self) }
    }

    private struct Everything: Decodable {
        var id: Int
        var small: Int16
        var byte: UInt8
        var ratio: Double
        var isDone: Bool
        var title: String
        var createdAt: Date
        var price: Decimal
        var key: UUID
        var imageURL: URL
        var body: Data
        var tags: [String]
        var grid: [[Int]]
        var color: Color
        var colors: [Color]
        var size: Size
        var label: Label
        var point: Point
        var points: [Point]
        var words: [String: Int]
        var day: PQDateBox
        var missing: String?
        var noPoint: Point?
        var noColor: Color?
        var noDate: Date?
    }

    /// A type of its own that reads one value.
    private struct PQDateBox: Decodable, PQDecodable {
        var date: PQDate
        init(from decoder: any Decoder) throws { throw PQError(.system, "a column of its own type is read as such") }
        init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
            self.date = try PQDate(pqBytes: bytes, type: type, format: format)
        }
    }

    private static let everything: PQQuery = """
        SELECT 'red' AS color, 7::bigint AS id, 3::int2 AS small, 200 AS byte, 0.5::float8 AS ratio, true AS is_done,
            'a title' AS title, '2026-01-02 03:04:05Z'::timestamptz AS created_at, 12.34::numeric AS price,
            '00000000-0000-0000-0000-000000000001'::uuid AS key, 'https://example.com/a?b=c' AS image_url,
            '\\x0102'::bytea AS body, ARRAY['a', 'b'] AS tags, ARRAY[[1, 2], [3, 4]]::bigint[] AS grid,
            ARRAY['red', 'green'] AS colors, 2 AS size, 'text' AS label, '{"x": 1, "y": 2}'::jsonb AS point,
            '[{"x": 1, "y": 2}, {"x": 3, "y": 4}]'::json AS points, '{"a": 1}'::jsonb AS words, '2026-05-06'::date AS day,
            NULL::text AS missing, NULL::jsonb AS no_point, NULL::text AS no_color, NULL::timestamptz AS "noDate",
            1 AS surplus
        """

    @Test func `each property is read from the column of its name, by its own type`() async throws {
        try await withConnection { connection in
            let rows = try await connection.query(Self.everything)
            for row in try rows.decode(Everything.self) + [rows[0].decode(Everything.self)] {
                #expect(row.id == 7 && row.small == 3 && row.byte == 200 && row.ratio == 0.5 && row.isDone)
                #expect(row.title == "a title" && row.price == Decimal(string: "12.34"))
                #expect(row.createdAt == Date(timeIntervalSince1970: 1_767_323_045))
                #expect(row.key.uuidString == "00000000-0000-0000-0000-000000000001")
                #expect(row.imageURL.absoluteString == "https://example.com/a?b=c" && row.body == Data([1, 2]))
                #expect(row.tags == ["a", "b"] && row.grid == [[1, 2], [3, 4]])
                #expect(row.color == .red && row.colors == [.red, .green] && row.size == .large)
                #expect(row.label.text == "text" && row.point == Point(x: 1, y: 2) && row.words == ["a": 1])
                #expect(row.points == [Point(x: 1, y: 2), Point(x: 3, y: 4)])
                #expect(row.day.date.description == "2026-05-06")
                #expect(row.missing == nil && row.noPoint == nil && row.noColor == nil && row.noDate == nil)
            }
        }
    }

    private struct Pair: Decodable, Equatable {
        var id: Int
        var name: String?
    }

    @Test func `many rows are read, with NULL in some of them`() async throws {
        try await withConnection { connection in
            let pairs = try await connection.query(
                "SELECT NULLIF('n' || g, 'n2') AS name, g AS id FROM generate_series(1, 1000) g"
            ).decode(Pair.self)
            #expect(pairs.count == 1000 && pairs[0] == Pair(id: 1, name: "n1") && pairs[1] == Pair(id: 2, name: nil))
            #expect(pairs[999] == Pair(id: 1000, name: "n1000"))
            #expect(try await connection.query("SELECT 1 AS id WHERE false").decode(Pair.self) == [])
        }
    }

    private struct Names: Decodable {
        var createdAt: Int
        var a: Int
        var renamed: Int
        var address2: Int
        enum CodingKeys: String, CodingKey { case createdAt, a, renamed = "other_name", address2 }
    }

    @Test func `a name that is exact goes before one that is folded, and coding keys are names`() async throws {
        try await withConnection { connection in
            let row = try #require(
                try await connection.query(
                    #"SELECT 1 AS created_at, 2 AS "createdAt", 3 AS "A", 4 AS other_name, 5 AS renamed, 6 AS address_2"#
                ).first)
            let names = try row.decode(Names.self)
            #expect(names.createdAt == 2 && names.a == 3 && names.renamed == 4 && names.address2 == 6)
            let two = try #require(try await connection.query(#"SELECT 1 AS created_at, 2 AS "CreatedAt""#).first)
            let error = try await pqError { try two.decode(Names.self) }
            for part in ["createdAt", "created_at", "CreatedAt", "AS"] {
                #expect(error.message.contains(part), "\(error)")
            }
        }
    }

    @Test func `what does not fit is an error that names column, type and row, and no value`() async throws {
        try await withConnection { connection in
            func fails<Value: Decodable>(_ query: PQQuery, _ type: Value.Type, _ parts: [String]) async throws {
                let error = try await pqError { try await connection.query(query).decode(type) }
                #expect(error.code == .decodingFailed)
                for part in parts { #expect(error.message.contains(part), "\(part) in \(error)") }
                #expect(!error.message.contains("canary"), "\(error)")
            }
            struct Colored: Decodable { var color: Color }
            struct Pointed: Decodable { var point: Point }
            struct Small: Decodable { var byte: UInt8 }
            struct Listed: Decodable { var colors: [Color] }
            try await fails("SELECT 1 AS id, 'x' AS nam", Pair.self, ["\"name\"", "row 0", "id, nam"])
            try await fails("SELECT 'x' AS name", Pair.self, ["\"id\"", "row 0", "name"])
            try await fails(
                "SELECT NULLIF(g, 3) AS id, 'x' AS name FROM generate_series(1, 4) g", Pair.self,
                ["row 2", "column 0", "\"id\"", "integer", "Int", "NULL"])
            try await fails("SELECT true AS id, 'x' AS name", Pair.self, ["row 0", "\"id\"", "boolean", "Int"])
            try await fails(
                "SELECT 1 AS id, 5 AS name", Pair.self, ["row 0", "column 1", "\"name\"", "integer", "String"])
            try await fails("SELECT 'canary' AS color", Colored.self, ["\"color\"", "text", "Color", "row 0"])
            try await fails("SELECT NULL::text AS color", Colored.self, ["\"color\"", "Color", "NULL"])
            try await fails(
                "SELECT '{\"x\": \"canary\"}'::jsonb AS point", Pointed.self, ["\"point\"", "jsonb", "Point", "x"])
            try await fails("SELECT 'canary' AS point", Pointed.self, ["\"point\"", "text", "Point", "json"])
            try await fails("SELECT NULL::jsonb AS point", Pointed.self, ["\"point\"", "Point", "NULL"])
            try await fails("SELECT 256 AS byte", Small.self, ["\"byte\"", "UInt8", "range"])
            try await fails("SELECT -1 AS byte", Small.self, ["\"byte\"", "UInt8", "range"])
            try await fails("SELECT ARRAY['red', NULL] AS colors", Listed.self, ["\"colors\"", "NULL"])
            try await fails("SELECT ARRAY['red', 'canary'] AS colors", Listed.self, ["\"colors\"", "Color"])
        }
    }

    private class Base: Decodable { var id: Int = 0 }
    private final class Derived: Base {
        var name = ""
        private enum CodingKeys: String, CodingKey { case name }
        required init(from decoder: any Decoder) throws {
            self.name = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .name)
            try super.init(from: decoder)
        }
    }

    /// A type that keeps the decoder for later.
    private struct Lazy: Decodable {
        var decoder: any Decoder
        init(from decoder: any Decoder) throws { self.decoder = decoder }
    }

    @Test func `inherited properties, dictionaries, and types that look twice or keep their decoder`() async throws {
        try await withConnection { connection in
            let rows = try await connection.query("SELECT g AS id, 'n' || g AS name FROM generate_series(1, 3) g")
            let derived = try rows.decode(Derived.self)
            #expect(derived.map(\.id) == [1, 2, 3] && derived.map(\.name) == ["n1", "n2", "n3"])
            struct Sparse: Decodable {
                var present: Bool
                var absent: Bool
                var name: String
                enum CodingKeys: CodingKey { case id, name, other }
                init(from decoder: any Decoder) throws {
                    let container = try decoder.container(keyedBy: CodingKeys.self)
                    self.present = container.contains(.id)
                    self.absent = container.contains(.other)
                    self.name = try container.decode(String.self, forKey: .name)
                    self.name += try container.decode(String.self, forKey: .name)
                }
            }
            let sparse = try rows.decode(Sparse.self)
            #expect(sparse.map(\.name) == ["n1n1", "n2n2", "n3n3"] && sparse.allSatisfy { $0.present && !$0.absent })
            let numbers = try await connection.query("SELECT 1 AS a, 2 AS b").decode([String: Int].self)
            #expect(numbers == [["a": 1, "b": 2]])
            let kept = try rows.decode(Lazy.self)
            #expect(try kept.map { try Pair(from: $0.decoder).id } == [1, 2, 3])
        }
    }

    @Test func `one column is read as one value, whatever else the type is`() async throws {
        try await withConnection { connection in
            let rows = try await connection.query("SELECT g FROM generate_series(1, 2) g")
            #expect(try rows.decode(Int.self) == [1, 2] && rows[0].decode(Size.self) == .small)
            #expect(try rows.decode(Int?.self) == [1, 2])
            #expect(try await connection.query("SELECT ARRAY[1, 2]").decode([Int].self) == [[1, 2]])
            #expect(try await connection.query("SELECT 'green'").decode(Color.self) == [.green])
            let error = try await pqError {
                try await connection.query("SELECT 'green' AS a, 1 AS b").decode(Color.self)
            }
            #expect(error.message.contains("2 columns (a, b)"), "\(error)")
        }
    }

    // MARK: One value, and the first row

    @Test func `one value is read from one row of one column only`() async throws {
        try await withConnection { connection in
            #expect(try await connection.query("SELECT 7").value(as: Int.self) == 7)
            let text: String? = try await connection.query("SELECT NULL::text").value()
            #expect(text == nil)
            for (query, part) in [
                ("SELECT 1 AS a, 2 AS b", "1 row and 2 columns (a, b)"),
                ("SELECT 1 AS a WHERE false", "0 rows and 1 column (a)"),
                ("SELECT g FROM generate_series(1, 3) g", "3 rows and 1 column (g)"),
                ("CREATE TEMP TABLE no_rows (a int)", "0 rows and 0 columns"),
            ] as [(PQQuery, String)] {
                let error = try await pqError { try await connection.query(query).value(as: Int.self) }
                #expect(error.code == .decodingFailed && error.message.hasSuffix(part), "\(error)")
            }
        }
    }

    @Test func `the first row is read as a tuple or a struct, and no row is nil`() async throws {
        try await withConnection { connection in
            let rows = try await connection.query("SELECT g AS id, 'n' || g AS name FROM generate_series(1, 3) g")
            let tuple = try #require(try rows.first(as: (Int, String).self))
            #expect(tuple == (1, "n1"))
            #expect(try rows.first(as: Pair.self) == Pair(id: 1, name: "n1"))
            let none = try await connection.query("SELECT 1 AS id, 'x' AS name WHERE false")
            #expect(try none.first(as: Pair.self) == nil && none.first(as: (Int, String).self) == nil)
        }
    }
}
