//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

/// What the server inferred of a parameter's type does not outlive the column that it was inferred from.
@Suite("Inferred types of parameters")
struct InferredTypeTests {
    /// Whether a statement of that text was prepared and then used; one that is not kept is given back later.
    private func isPrepared(_ text: String, _ connection: PQConnection) async throws -> Bool {
        try await connection.cell(
            """
            SELECT count(*) FROM pg_prepared_statements
            WHERE statement = \(text)::text AND generic_plans + custom_plans > 0
            """, as: Int.self) == 1
    }

    @Test func `a date is the same instant after its column got another type`() async throws {
        let moment = Date(timeIntervalSince1970: 1_711_845_000)
        try await withConnection(change: { $0.settings = ["TimeZone": "America/New_York"] }) { connection in
            try await connection.execute(script: "CREATE TEMP TABLE moved (at timestamp)")
            for type in ["timestamp", "timestamptz", "timestamp"] {
                try await connection.execute(
                    script: "ALTER TABLE moved ALTER at TYPE \(type) USING at AT TIME ZONE 'UTC'")
                for _ in 0..<4 { try await connection.query("INSERT INTO moved VALUES (\(moment))") }
                for _ in 0..<4 {
                    let count = try await connection.cell(
                        "SELECT count(*) FROM moved WHERE at = \(moment)", as: Int.self)
                    #expect(count == 4, "\(type)")
                }
                let stored = try await connection.query("DELETE FROM moved RETURNING at").decode(Date.self)
                #expect(stored == [moment, moment, moment, moment], "\(type)")
            }
        }
    }

    @Test func `a text is stored as it is after its column became text`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE codes (code int, at timestamp, flag bool)")
            for _ in 0..<4 {
                try await connection.query(
                    "INSERT INTO codes VALUES (\("007"), \("2024-02-29 12:00+05"), \("yes"))")
            }
            try await connection.execute(
                script:
                    "ALTER TABLE codes ALTER code TYPE text, ALTER at TYPE timestamptz, ALTER flag TYPE text; DELETE FROM codes"
            )
            for _ in 0..<4 {
                try await connection.query(
                    "INSERT INTO codes VALUES (\("007"), \("2024-02-29 12:00+05"), \("yes"))")
            }
            let rows = try await connection.query("SELECT code, at, flag FROM codes").decode(
                (String, Date, String).self)
            #expect(rows.count == 4)
            for row in rows { #expect(row == ("007", Date(timeIntervalSince1970: 1_709_190_000), "yes")) }
        }
    }

    @Test func `a statement stays prepared whose inferred types are texts, JSON or enumerations, or that casts`()
        async throws
    {
        enum Mood: String, PQEncodable { case sad, happy }
        try await withConnection { connection in
            try await connection.execute(
                script: """
                    CREATE TYPE pg_temp.mood AS ENUM ('sad', 'happy');
                    CREATE TEMP TABLE kept (name text, body jsonb, mood pg_temp.mood, at timestamptz, id uuid, n int)
                    """)
            for number in 0..<3 {
                try await connection.query("INSERT INTO kept (name) VALUES (\("a"))")
                try await connection.query("INSERT INTO kept (body) VALUES (\(PQJSON([number])))")
                try await connection.query("INSERT INTO kept (mood) VALUES (\(Mood.happy))")
                try await connection.query("INSERT INTO kept (at) VALUES (\(Date())::timestamptz)")
                try await connection.query("INSERT INTO kept (id, n) VALUES (\(UUID()), \(number))")
                try await connection.query("INSERT INTO kept (at) VALUES (\(Date()))")
            }
            for text in [
                "(name) VALUES ($1)", "(body) VALUES ($1)", "(mood) VALUES ($1)", "(at) VALUES ($1::timestamptz)",
                "(id, n) VALUES ($1, $2)",
            ] {
                #expect(try await self.isPrepared("INSERT INTO kept \(text)", connection), "\(text)")
            }
            #expect(try await !self.isPrepared("INSERT INTO kept (at) VALUES ($1)", connection))
            #expect(try await connection.cell("SELECT count(*) FROM kept", as: Int.self) == 18)
        }
    }

    @Test func `a cancellation while a statement is prepared leaves nothing half done`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE half (name text, at timestamptz)")
            for round in 0..<40 {
                let query = PQQuery(stringInterpolation: Self.insert(round))
                _ = try await connection.query(query)
                let task = Task { try await connection.query(query) }
                try await Task.sleep(for: .microseconds(round * 20))
                task.cancel()
                let done: Int
                if case .success = await task.result { done = 1 } else { done = 0 }
                let count = try await connection.cell(
                    "WITH gone AS (DELETE FROM half RETURNING 1) SELECT count(*) FROM gone", as: Int.self)
                #expect(count == 1 + done, "round \(round)")
            }
        }
    }

    /// A text of its own for each number.
    private static func insert(_ number: Int) -> PQQuery.StringInterpolation {
        var text = PQQuery.StringInterpolation(literalCapacity: 60, interpolationCount: 2)
        text.appendLiteral("INSERT INTO half /* \(number) */ VALUES (")
        text.appendInterpolation("a")
        text.appendLiteral(", ")
        text.appendInterpolation(Date())
        text.appendLiteral(")")
        return text
    }
}
