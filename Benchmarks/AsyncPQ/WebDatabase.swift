//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import BenchmarkSupport

/// The tables of the web tests: `world` with 10,000 rows, and `fortune` with 12.
struct WebDatabase {
    let connection: PQConnection

    /// In no order, with characters that HTML has to escape and some beyond ASCII.
    private static let messages = [
        "A connection that is idle costs nothing; one that is forgotten costs the night.",
        "The index was there. The planner had other plans.",
        "<script>alert(\"Rows may hold scripts.\");</script>",
        "Commit early, commit often, commit before lunch.",
        "フレームワークのベンチマーク",
        "It's only a NULL, said NULL, and was not equal to itself.",
        "Two deadlocks & a timeout walk into a transaction.",
        "Every join is outer until proven inner.",
        "Vacuum now, or be vacuumed later.",
        "A sequence has gaps like a zip has teeth.",
        "Trust the plan, but EXPLAIN it.",
        "Zero rows are also a result.",
    ]

    func fill() async throws {
        try await self.connection.execute(
            script: """
                DROP TABLE IF EXISTS world, fortune;
                CREATE TABLE world (id int PRIMARY KEY, randomnumber int NOT NULL) WITH (fillfactor = 50);
                INSERT INTO world SELECT n, 1 + (random() * 9999)::int FROM generate_series(1, 10000) AS n;
                CREATE TABLE fortune (id int PRIMARY KEY, message text NOT NULL);
                """)
        try await self.connection.executeMany(Self.messages.indices) { index in
            "INSERT INTO fortune VALUES (\(Int32(index + 1)), \(Self.messages[index]))"
        }
        try await self.connection.execute(script: "VACUUM ANALYZE world, fortune")
    }

    /// The values of rows, in the order of their numbers.
    func randomNumbers(_ ids: [Int32]) async throws -> [Int32] {
        try await self.connection.query(
            """
            SELECT randomnumber FROM unnest(\(ids)) WITH ORDINALITY AS asked (id, place) JOIN world USING (id)
            ORDER BY place
            """
        ).map { try $0.decode(Int32.self, at: 0) }
    }

    /// The page that every server makes of the fortunes and of the one that it adds.
    static var page: String {
        let all = [(0, "Additional fortune added at request time.")] + Self.messages.enumerated().map { ($0 + 1, $1) }
        let rows = all.sorted { $0.1.utf8.lexicographicallyPrecedes($1.1.utf8) }.map { id, message in
            "<tr><td>\(id)</td><td>\(Self.escaped(message))</td></tr>"
        }
        return
            "<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table><tr><th>id</th><th>message</th></tr>"
            + rows.joined() + "</table></body></html>"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#x27;"
            default: escaped.append(character)
            }
        }
    }
}
