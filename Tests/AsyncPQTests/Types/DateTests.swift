//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("Dates")
struct DateTests {
    @Test func `five hundred times between 1900 and 2130 keep their microseconds`() async throws {
        var generator = SeededGenerator(seed: 2)
        // Microseconds since 1970.
        let times = (0..<500).map { _ in
            Int64.random(in: -2_208_988_800_000_000...5_049_129_600_000_000, using: &generator)
        }
        try await withConnection { connection in
            let dates = try await connection.query(
                """
                SELECT t, to_timestamp(0) + make_interval(secs => t / 1000000) + make_interval(secs => (t % 1000000) / 1000000.0) FROM unnest(\(times)) WITH ORDINALITY AS u(t, n) ORDER BY n
                """
            ).decode((Int64, Date).self)
            #expect(dates.count == 500)
            let back = try await connection.query(
                """
                SELECT (extract(epoch FROM d) * 1000000)::bigint
                FROM unnest(\(dates.map { $0.1 })::timestamptz[]) WITH ORDINALITY AS u(d, n) ORDER BY n
                """
            ).decode(Int64.self)
            #expect(back == times)
        }
    }

    @Test func `the ends of the range, infinity, and the types without a zone`() async throws {
        try await withConnection { connection in
            #expect(try await connection.cell("SELECT 'infinity'::timestamptz", as: Date.self) == .distantFuture)
            #expect(try await connection.cell("SELECT '-infinity'::timestamptz", as: Date.self) == .distantPast)
            #expect(try await connection.cell("SELECT 'infinity'::date", as: Date.self) == .distantFuture)
            #expect(try await connection.cell("SELECT '-infinity'::timestamp", as: Date.self) == .distantPast)
            let start = Date(timeIntervalSince1970: 0)
            #expect(try await connection.cell("SELECT '1970-01-01 00:00'::timestamp", as: Date.self) == start)
            #expect(try await connection.cell("SELECT '1970-01-01'::date", as: Date.self) == start)
            #expect(try await connection.cell("SELECT '1970-01-01 01:00+01'::timestamptz", as: Date.self) == start)
            let first = try await connection.cell("SELECT '4713-01-01 BC'::date", as: Date.self)
            #expect(first.timeIntervalSince1970 == -210_863_520_000)
            let last = try await connection.cell("SELECT '294276-12-31 23:59:59+00'::timestamptz", as: Date.self)
            #expect(last.timeIntervalSince1970 == 9_224_318_015_999)
        }
    }

    @Test func `a time that PostgreSQL cannot hold is an error and not a wrong time`() async throws {
        try await withConnection { connection in
            for seconds in [Double.infinity, -.infinity, .nan, 1e18, -1e18] {
                let date = Date(timeIntervalSince1970: seconds)
                let error = try await pqError { try await connection.query("SELECT \(date)::timestamptz") }
                #expect(error.code == .unsupported, "\(seconds): \(error)")
            }
            // Fits in 64 bits but not in a calendar; the server says no.
            let error = try await pqError {
                try await connection.query("SELECT \(Date(timeIntervalSince1970: -1e12))::timestamptz")
            }
            #expect(error.sqlState == .datetimeFieldOverflow)
            #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
        }
    }
}
