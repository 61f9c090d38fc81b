//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

private let days = 30

/// A value that is interpolated where the server sees no parameter is refused, before anything is sent.
@Suite("Values in the wrong place")
struct PlaceholderTests {
    private static let hidden: [(query: PQQuery, remedy: String)] = [
        ("SELECT interval '\(days) days'", "interval '1 day'"),
        ("SELECT 'item-\(days)'", "||"),
        ("SELECT 1 WHERE 'abc' LIKE '%\("b")%'", "LIKE '%'"),
        ("SELECT E'it\\'s \(days)'", "||"),
        ("SELECT $$it is \(days)$$", "||"),
        ("SELECT $tag$ $$ \(days) $tag$", "||"),
        ("SELECT 1 AS \"column \(days)\"", "identifier"),
        ("SELECT 1 -- \(days)", "comment"),
        ("SELECT /* /* nested */ \(days) */ 1", "comment"),
        ("SELECT \(days), 'a' || '\(days)'", "value 2"),
        ("SELECT x\(days) FROM (SELECT 1 AS x) AS s", "space"),
        ("SELECT \(days)0", "space"),
    ]

    @Test func `in quotes, comments and names it is an error that names the remedy`() async throws {
        try await withConnection { connection in
            for (query, remedy) in Self.hidden {
                for _ in 0..<3 {
                    let error = try await pqError { try await connection.query(query) }
                    #expect(error.code == .unsupported && error.message.contains(remedy), "\(query): \(error)")
                }
                let stream = try await pqError { try await connection.stream(query) { _ in } }
                #expect(stream.code == .unsupported, "\(query)")
            }
            let alive = try await connection.cell("SELECT 1", as: Int.self)
            #expect(alive == 1)
        }
    }

    @Test func `beside quotes, comments and names it is a parameter`() async throws {
        try await withConnection { connection in
            let number = 7
            for _ in 0..<3 {
                let row = try #require(
                    try await connection.query(
                        """
                        SELECT 'it''s ' || \("a")::text, /* ' */ \(number)::bigint AS "a ' b", -- it's
                            $$ ' $$ || \("b")::text, E'\\'' || \("c")::text, \(number)*interval'1 day' = interval '7 days',
                            \(number)-\(number)
                        """
                    ).first)
                let (one, two, three, four, five, six) = try row.decode((String, Int, String, String, Bool, Int).self)
                #expect(one == "it's a" && two == 7 && three == " ' b" && four == "'c" && five && six == 0)
            }
        }
    }

    @Test func `where a session has backslashes in plain quotes, texts end where the server says`() async throws {
        try await withConnection(change: { $0.settings = ["standard_conforming_strings": "off"] }) { connection in
            for _ in 0..<3 {
                let text = try await connection.cell("SELECT '\\'' || \("a")::text || '\\''", as: String.self)
                #expect(text == "'a'")
            }
        }
    }

    @Test func `a text whose placeholders were written by hand, or that was changed afterwards, is the caller's`()
        async throws
    {
        try await withConnection { connection in
            var query: PQQuery = "SELECT \(7)"
            query.sql = "SELECT '$1 ' || " + query.sql.dropFirst("SELECT ".count) + "::text"
            let changed = try await connection.cell(query, as: String.self)
            #expect(changed == "$1 7")
            var bindings = PQBindings()
            bindings.append("x")
            let own = PQQuery(unsafeSQL: "SELECT '$1' || $1::text", bindings: bindings)
            let handwritten = try await connection.cell(own, as: String.self)
            #expect(handwritten == "$1x")
        }
    }
}
