//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

/// A date goes to whatever type its column has, and no setting of the session makes another time of it.
@Suite("Dates and their columns")
struct DateColumnTests {
    private static let zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"]
    /// 2024-03-31 00:30:00.123456 UTC: half an hour before Berlin's clocks change, and another day in New York.
    private static let moment = Date(timeIntervalSince1970: 1_711_845_000.123456)

    @Test(arguments: zip(Self.zones, ["ISO, DMY", "SQL, MDY", "German", "Postgres, DMY", "SQL, DMY"]))
    func `each type stores it in UTC, finds it again and gives it back, in a session of any zone`(
        zone: String, style: String
    ) async throws {
        try await withConnection(change: { $0.settings = ["TimeZone": zone, "DateStyle": style] }) { connection in
            try await connection.execute(
                script: "CREATE TEMP TABLE moments (id int, tz timestamptz, ts timestamp, day date)")
            let moment = Self.moment
            let day = Date(timeIntervalSince1970: 1_711_843_200)
            // More than twice, so that a prepared statement would be used too.
            for id in 0..<4 {
                try await connection.query(
                    "INSERT INTO moments VALUES (\(id), \(moment), \(moment), \(moment))")
                let rows = try await connection.query("SELECT tz, ts, day FROM moments WHERE id = \(id)")
                #expect(try #require(rows.first).decode((Date, Date, Date).self) == (moment, moment, day))
                let texts = try await connection.query(
                    """
                    SELECT to_char(tz AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), to_char(ts, 'YYYY-MM-DD HH24:MI:SS.US'),
                        to_char(day, 'YYYY-MM-DD')
                    FROM moments WHERE id = \(id)
                    """)
                #expect(
                    try #require(texts.first).decode((String, String, String).self)
                        == ("2024-03-31 00:30:00.123456", "2024-03-31 00:30:00.123456", "2024-03-31"))
                for column in ["tz", "ts", "day"] {
                    let found = try await connection.cell(
                        "SELECT count(*) FROM moments WHERE \(identifier: column) = \(moment) AND id = \(id)",
                        as: Int.self)
                    #expect(found == 1, "\(column)")
                    let any = try await connection.cell(
                        "SELECT count(*) FROM moments WHERE \(identifier: column) = ANY(\([moment, .distantPast])) AND id = \(id)",
                        as: Int.self)
                    #expect(any == 1, "\(column)")
                }
            }
        }
    }

    @Test func `arrays of dates, NULLs and infinities among them, fit arrays of each type`() async throws {
        try await withConnection(change: { $0.settings = ["TimeZone": "America/New_York"] }) { connection in
            try await connection.execute(
                script: "CREATE TEMP TABLE lists (tz timestamptz[], ts timestamp[], days date[])")
            let days = [Date(timeIntervalSince1970: 0), nil, .distantFuture, .distantPast]
            for list in [days, []] {
                try await connection.query("INSERT INTO lists VALUES (\(list), \(list), \(list))")
                let back = try await connection.query("DELETE FROM lists RETURNING *")
                #expect(try #require(back.first).decode(([Date?], [Date?], [Date?]).self) == (list, list, list))
            }
        }
    }

    @Test func `infinite dates are written as they are read`() async throws {
        try await withConnection { connection in
            for (date, text) in [(Date.distantFuture, "infinity"), (.distantPast, "-infinity")] {
                for type in ["timestamptz", "timestamp", "date"] {
                    let row = try await connection.query(
                        "SELECT v, v::text FROM (SELECT \(date)::\(unescaped: type) AS v) AS s")
                    #expect(try #require(row.first).decode((Date, String).self) == (date, text))
                }
            }
        }
    }

    @Test(arguments: ["9999-12-31 23:59:59.999999", "5000-06-30 23:59:59.999999", "2024-12-31 23:59:59.999999"])
    func `the last microsecond of a year stays in it, there and back`(text: String) async throws {
        try await withConnection { connection in
            for type in ["timestamptz", "timestamp"] {
                let date = try await connection.cell(
                    "SELECT (\(text + "+00"))::\(unescaped: type)", as: Date.self)
                let back = try await connection.cell(
                    "SELECT to_char(\(date)::timestamp, 'YYYY-MM-DD HH24:MI:SS.US')", as: String.self)
                #expect(back == text, "\(type)")
            }
        }
    }

    @Test func `the server reads ten thousand dates from 4713 BC to 294276 as they are meant`() async throws {
        var generator = SeededGenerator(seed: 5)
        let first: Int64 = -210_866_803_200
        let last: Int64 = 9_224_318_015_999
        var seconds = (0..<9000).map { _ in Int64.random(in: first...last, using: &generator) }
        // Around the year 1, leap days, and the ends.
        seconds += (0..<1000).map { _ in Int64.random(in: -62_300_000_000 ... -62_000_000_000, using: &generator) }
        seconds += (1896...2105).map { Int64($0 - 1970) * 31_556_952 + 5_097_600 }
        seconds += [first, last, -62_135_596_800, -62_135_596_801, 0, -1, 951_782_400, 951_868_799, 4_107_542_399]
        let dates = seconds.map { Date(timeIntervalSince1970: Double($0)) }
        try await withConnection { connection in
            let back = try await connection.query(
                """
                SELECT extract(epoch FROM d)::bigint, extract(epoch FROM t)::bigint
                FROM ROWS FROM (unnest(\(dates)::timestamptz[]), unnest(\(dates)::timestamp[])) WITH ORDINALITY AS u(d, t, n)
                ORDER BY n
                """
            ).decode((Int64, Int64).self)
            #expect(back.map { $0.0 } == seconds)
            #expect(back.map { $0.1 } == seconds)
        }
    }

    @Test func `where the server cannot tell the type, it says so instead of guessing`() async throws {
        try await withConnection { connection in
            let moment = Self.moment
            let vague = try await pqError { try await connection.query("SELECT date_trunc('day', \(moment))") }
            #expect(vague.sqlState == .ambiguousFunction && vague.hint?.contains("cast") == true, "\(vague)")
            let cast = try await connection.cell(
                "SELECT \(moment)::timestamptz + interval '1 day' > \(moment)", as: Bool.self)
            #expect(cast)
            #expect(try await connection.cell("SELECT now() - \(moment) > interval '1 day'", as: Bool.self))
            #expect(try await connection.cell("SELECT coalesce(\(moment), now())", as: Date.self) == moment)
        }
    }
}
