//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import BoundedTime
import Secrets
import Testing

@Suite("Times that never overflow")
struct BoundedTimeTests {
    static let extremes: [Duration] = [
        .seconds(Int64.max), .seconds(Int64.min), .zero, .seconds(-1), .seconds(1e20), .seconds(-1e20), .nanoseconds(1),
        .seconds(9_300_000_000_000_000), .milliseconds(Int64.max),
    ]

    @Test(arguments: Self.extremes)
    func `a duration is a century at most`(duration: Duration) {
        let bounded = duration.bounded
        #expect(bounded >= .zero - .century && bounded <= .century)
        #expect((bounded > .zero) == (duration > .zero) && (bounded < .zero) == (duration < .zero))
        if duration <= .century, duration >= .zero - .century { #expect(bounded == duration) }
        let now = ContinuousClock.now
        #expect(now.duration(to: now.later(by: duration)) == bounded)
        #expect((0...Int32.max).contains(duration.pollMilliseconds))
    }

    @Test(arguments: Self.extremes)
    func `a time is a century from now at most`(duration: Duration) {
        let now = ContinuousClock.now
        #expect(now.duration(to: (now + duration).bounded(from: now)) == duration.bounded)
    }

    @Test func `milliseconds are rounded up, and below zero there are none`() {
        #expect(Duration.microseconds(1500).pollMilliseconds == 2)
        #expect(Duration.seconds(3).pollMilliseconds == 3001)
        #expect(Duration.seconds(-3).pollMilliseconds == 0 && Duration.milliseconds(-1).pollMilliseconds == 0)
        #expect(Duration.century.pollMilliseconds == .max)
    }

    @Test(arguments: [Duration.seconds(Int64.max), .seconds(9_300_000_000_000_000), .seconds(1e20)])
    func `a connection and its pings take any limit`(limit: Duration) async throws {
        try await withConnection(to: .tcp) {
            $0.connectTimeout = limit
            $0.keepaliveIdle = limit
        } _: { connection in
            try await connection.ping(timeout: limit)
            // A wait on the loop, whose deadline is the farthest there is.
            async let slow = connection.query("SELECT pg_sleep(0.05)")
            _ = try await slow
        }
    }

    @Test(arguments: ["9300000000000000", "9223372036854775807"])
    func `a connection string takes any limit`(seconds: String) async throws {
        let server = try TestServer.shared()
        let configuration = try PQConnection.Configuration(
            connectionString: Secret(
                "host=\(server.folder) port=\(server.port) user=\(TestServer.superuser) dbname=postgres connect_timeout=\(seconds)"
            ))
        let connection = try await PQConnection.connect(configuration, logger: quiet)
        #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
        await connection.close()
    }
}
