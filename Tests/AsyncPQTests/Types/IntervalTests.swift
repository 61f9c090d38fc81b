//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

@Suite("Intervals")
struct IntervalTests {
    @Test func `months, days and microseconds stay apart`() async throws {
        let intervals: [(PQInterval, String)] = [
            (PQInterval(), "PT0S"), (PQInterval(months: 14, days: 3, microseconds: 14_706_500_000), "P1Y2M3DT4H5M6.5S"),
            (PQInterval(months: -14, days: -3, microseconds: -14_706_500_000), "P-1Y-2M-3DT-4H-5M-6.5S"),
            (PQInterval(microseconds: 1), "PT0.000001S"), (PQInterval(microseconds: -1), "PT-0.000001S"),
            (PQInterval(days: 1), "P1D"), (PQInterval(microseconds: 86_400_000_000), "PT24H"),
            (PQInterval(months: 1, days: -1), "P1M-1D"), (PQInterval(microseconds: -500_000), "PT-0.5S"),
            (PQInterval(microseconds: .max), "PT2562047788H54.775807S"),
            (PQInterval(microseconds: .min + 1), "PT-2562047788H-54.775807S"),
            (PQInterval(months: .max - 1), "P178956970Y6M"), (PQInterval(days: .min + 1), "P-2147483647D"),
        ]
        try await withConnection { connection in
            try await connection.query("SET intervalstyle = 'iso_8601'")
            for (interval, text) in intervals {
                #expect(interval.description == text)
                try await expectExact(interval, as: "interval", text: text, on: connection)
            }
        }
    }

    @Test func `infinite intervals, where the server has them`() async throws {
        try await withConnection { connection in
            guard
                try await connection.cell("SELECT current_setting('server_version_num')::int", as: Int.self) >= 170_000
            else { return }
            try await expectExact(PQInterval.infinity, as: "interval", text: "infinity", on: connection)
            try await expectExact(PQInterval.negativeInfinity, as: "interval", text: "-infinity", on: connection)
            let error = try await pqError {
                try await connection.cell("SELECT 'infinity'::interval", as: Duration.self)
            }
            #expect(error.message.contains("infinite"))
        }
    }

    @Test func `a Duration is an interval without months`() async throws {
        try await withConnection { connection in
            for duration in [
                Duration.zero, .microseconds(1), .seconds(-90), .milliseconds(1500), .seconds(86_400 * 400),
            ] {
                #expect(try await connection.cell("SELECT \(duration)", as: Duration.self) == duration)
            }
            #expect(
                try await connection.cell("SELECT timestamp '2024-03-03 04:00' - '2024-02-28 03:00'", as: Duration.self)
                    == .seconds(4 * 86_400 + 3600))
            #expect(
                try await connection.cell("SELECT \(Duration.nanoseconds(1500))", as: Duration.self) == .microseconds(2)
            )
            #expect(
                try await connection.cell("SELECT \(Duration.nanoseconds(-1500))", as: Duration.self)
                    == .microseconds(-2))
            let months = try await pqError { try await connection.cell("SELECT interval '1 month'", as: Duration.self) }
            #expect(months.message.contains("PQInterval"))
            let long = try await pqError { try await connection.query("SELECT \(Duration.seconds(Int64.max))") }
            #expect(long.code == .unsupported)
        }
    }
}
