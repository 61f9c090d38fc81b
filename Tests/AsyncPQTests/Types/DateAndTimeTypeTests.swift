//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("Dates and times, exactly")
struct DateAndTimeTypeTests {
    @Test func `days from the server's first to its last`() async throws {
        let days: [(PQDate?, String)] = [
            (PQDate(year: 2000, month: 1, day: 1), "2000-01-01"), (PQDate(year: 2024, month: 2, day: 29), "2024-02-29"),
            (PQDate(year: 1900, month: 2, day: 28), "1900-02-28"), (PQDate(year: 1, month: 1, day: 1), "0001-01-01"),
            (PQDate(year: 0, month: 12, day: 31), "0001-12-31 BC"),
            (PQDate(year: -43, month: 3, day: 15), "0044-03-15 BC"),
            (PQDate(year: -4712, month: 1, day: 1), "4713-01-01 BC"),
            (PQDate(year: 5_874_897, month: 12, day: 31), "5874897-12-31"), (.infinity, "infinity"),
            (.negativeInfinity, "-infinity"),
        ]
        try await withConnection { connection in
            for (day, text) in days {
                let day = try #require(day)
                #expect(day.description == text)
                try await expectExact(day, as: "date", text: text, on: connection)
            }
        }
    }

    @Test func `ten thousand days are those of the server's calendar`() async throws {
        try await withConnection { connection in
            let rows = try await connection.query(
                """
                SELECT d, extract(year FROM d)::int, extract(month FROM d)::int, extract(day FROM d)::int
                FROM (SELECT date '2000-01-01' + g * 211 - 1100000 AS d FROM generate_series(0, 9999) AS g) AS s
                """)
            #expect(rows.count == 10_000)
            for row in rows {
                let (date, year, month, day) = try row.decode((PQDate, Int, Int, Int).self)
                let parts = try #require(date.components)
                // The server says -1 for 1 BC.
                let expected = year < 0 ? year + 1 : year
                guard parts == (expected, month, day), PQDate(year: expected, month: month, day: day) == date else {
                    Issue.record("\(date): \(parts) instead of \(expected)-\(month)-\(day)")
                    return
                }
            }
        }
    }

    @Test func `a day that no calendar has is none`() {
        for (year, month, day) in [
            (2023, 2, 29), (1900, 2, 29), (2024, 2, 30), (2024, 4, 31), (2024, 13, 1), (2024, 0, 1), (2024, 1, 0),
            (2024, 1, 32),
            (.max, 1, 1), (.min, 1, 1), (5_900_000, 1, 1), (2024, .max, 1), (2024, 1, .min),
        ] {
            let date = PQDate(year: year, month: month, day: day)
            #expect(date == nil || year == 5_900_000, "\(year)-\(month)-\(day)")
        }
        #expect(PQDate(daysSince2000: .max - 1).components != nil)
        #expect(PQDate(daysSince2000: .min + 1).components != nil)
    }

    @Test func `times of day, midnight at both ends`() async throws {
        let times: [(PQTime?, String)] = [
            (PQTime(hour: 0, minute: 0), "00:00:00"), (PQTime(hour: 24, minute: 0), "24:00:00"),
            (PQTime(hour: 23, minute: 59, second: 59, microsecond: 999_999), "23:59:59.999999"),
            (PQTime(hour: 4, minute: 5, second: 6, microsecond: 100), "04:05:06.0001"),
            (PQTime(microseconds: 1), "00:00:00.000001"),
        ]
        try await withConnection { connection in
            for (time, text) in times {
                let time = try #require(time)
                #expect(time.description == text)
                try await expectExact(time, as: "time", text: text, on: connection)
            }
        }
        #expect(PQTime(microseconds: -1) == nil && PQTime(microseconds: 86_400_000_001) == nil)
        #expect(PQTime(hour: 24, minute: 0, second: 1) == nil && PQTime(hour: 12, minute: 60) == nil)
        #expect(PQTime(hour: .max, minute: .max) == nil)
    }

    @Test func `times with a zone keep it`() async throws {
        let noon = try #require(PQTime(hour: 12, minute: 30, second: 0, microsecond: 500_000))
        try await withConnection { connection in
            for (seconds, text) in [
                (0, "12:30:00.5+00"), (7200, "12:30:00.5+02"), (-12_600, "12:30:00.5-03:30"),
                (1, "12:30:00.5+00:00:01"),
                (57_599, "12:30:00.5+15:59:59"), (-57_599, "12:30:00.5-15:59:59"),
            ] {
                let time = try #require(PQTimeTZ(noon, secondsFromUTC: seconds))
                #expect(time.description == text)
                try await expectExact(time, as: "timetz", text: text, on: connection)
            }
        }
        #expect(PQTimeTZ(noon, secondsFromUTC: 57_600) == nil && PQTimeTZ(noon, secondsFromUTC: .min) == nil)
    }

    @Test func `timestamps keep every microsecond from 4713 BC to 294276`() async throws {
        let texts = [
            "2000-01-01 00:00:00", "1999-12-31 23:59:59.999999", "2024-02-29 12:30:00.5",
            "0044-03-15 12:00:00.000001 BC",
            "4713-01-01 00:00:00 BC", "294276-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999", "infinity",
            "-infinity",
        ]
        try await withConnection { connection in
            try await connection.query("SET TIME ZONE 'UTC'")
            for text in texts {
                let plain = try await connection.cell("SELECT \(text)::text::timestamp", as: PQTimestamp.self)
                #expect(plain.description == text)
                try await expectExact(plain, as: "timestamp", text: text, on: connection)
                if let (date, time) = plain.components { #expect(PQTimestamp(date, time) == plain) }
                let moment = PQTimestampTZ(utc: plain)
                let shown =
                    text.contains("infinity")
                    ? text
                    : text.hasSuffix(" BC") ? "\(text.dropLast(3))+00 BC" : "\(text)+00"
                #expect(moment.description == shown)
                try await expectExact(moment, as: "timestamptz", text: shown, on: connection)
            }
        }
        #expect(PQTimestamp(PQDate(daysSince2000: .max - 1), try #require(PQTime(microseconds: 0))) == nil)
        #expect(PQTimestamp(.infinity, try #require(PQTime(microseconds: 0))) == nil)
    }

    @Test func `timestamps beyond the server's limits, as no server sends them, have a day and a time too`() {
        let day: Int64 = 86_400_000_000
        let all: [Int64] = [.min + 1, .min + day, -1, .max - 1]
        for micros in all {
            let time = PQTimestamp(microsecondsSince2000: micros).components?.time
            let expected: Int64 = (micros % day + day) % day
            #expect(time?.microseconds == expected)
            #expect(!"\(PQTimestampTZ(microsecondsSince2000: micros))".isEmpty)
        }
    }

    @Test func `a moment is the nearest one of a Date, and back`() throws {
        for seconds in [0, 0.000001, -0.000001, 1e9, -1e9, 63_113_904_000.5] {
            let date = Date(timeIntervalSinceReferenceDate: seconds)
            #expect(abs(try #require(PQTimestampTZ(date)).date.timeIntervalSince(date)) < 2e-5)
        }
        #expect(PQTimestampTZ(.distantFuture) == .infinity && PQTimestampTZ(.distantPast) == .negativeInfinity)
        #expect(PQTimestampTZ.infinity.date == .distantFuture && PQTimestampTZ.negativeInfinity.date == .distantPast)
        for seconds in [1e300, -1e300, 1.9e14, -1.9e14, .nan, .infinity] {
            #expect(PQTimestampTZ(Date(timeIntervalSinceReferenceDate: seconds)) == nil, "\(seconds)")
        }
    }
}
