//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@Suite("RFC 3339 times and protocol buffer durations")
struct RFC3339Tests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0.0),
            ("2026-01-02T03:04:05Z", 1_767_323_045),
            ("2026-01-02T03:04:05.25Z", 1_767_323_045.25),
            ("2026-01-02T03:04:05.123456789Z", 1_767_323_045.123456789),
            ("2026-01-02T05:04:05+02:00", 1_767_323_045),
            ("2026-01-01T21:34:05-05:30", 1_767_323_045),
            ("2026-01-02t03:04:05z", 1_767_323_045),
            ("2024-02-29T12:00:00Z", 1_709_208_000),
            ("2000-02-29T00:00:00Z", 951_782_400),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("2016-12-31T23:59:60Z", 1_483_228_800),
        ]
    )
    func `reads`(text: String, seconds: Double) throws {
        let date = try #require(RFC3339.date(from: text))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.000_001)
    }

    @Test(
        arguments: [
            "", "Z", "now", "1767323045", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z",
            "2026-01-02T03:04Z",
            "2026-13-02T03:04:05Z", "2026-00-02T03:04:05Z", "2026-02-29T03:04:05Z", "1900-02-29T00:00:00Z",
            "2026-01-32T03:04:05Z", "2026-01-00T03:04:05Z", "2026-01-02T24:04:05Z", "2026-01-02T03:60:05Z",
            "2026-01-02T03:04:61Z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+0200", "2026-01-02T03:04:05+24:00",
            "2026-01-02T03:04:05Z ", " 2026-01-02T03:04:05Z", "2026-01-02T03:04:05ZZ", "-026-01-02T03:04:05Z",
            "２０２６-01-02T03:04:05Z", "2026-01-02T03:04:05." + String(repeating: "1", count: 100) + "Z", "\u{0}",
        ]
    )
    func `refuses`(text: String) {
        #expect(RFC3339.date(from: text) == nil)
    }

    @Test(
        arguments: [
            (0.0, "1970-01-01T00:00:00Z"), (1_767_323_045, "2026-01-02T03:04:05Z"),
            (1_767_323_045.5, "2026-01-02T03:04:05.5Z"), (-0.25, "1969-12-31T23:59:59.75Z"),
            (1_767_323_044.999_999_9, "2026-01-02T03:04:05Z"), (1e18, "9999-12-31T23:59:59Z"),
            (-1e18, "0000-01-01T00:00:00Z"), (.infinity, "9999-12-31T23:59:59Z"), (.nan, "1970-01-01T00:00:00Z"),
        ]
    )
    func `writes`(seconds: Double, text: String) {
        #expect(RFC3339.string(from: Date(timeIntervalSince1970: seconds)) == text)
    }

    @Test func `reads what it writes, for every day of four centuries`() throws {
        for day in 0..<146_097 {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400 - 6_311_433_600)
            #expect(RFC3339.date(from: RFC3339.string(from: date)) == date)
        }
    }

    @Test(
        arguments: [
            ("300s", Duration.seconds(300)), ("0s", .zero), ("1.5s", .milliseconds(1_500)), ("-2s", .seconds(-2)),
            ("-0.25s", .milliseconds(-250)), ("0.000000001s", .nanoseconds(1)), ("604800s", .seconds(604_800)),
        ]
    )
    func `durations go both ways`(text: String, duration: Duration) throws {
        #expect(try #require(ProtobufDuration(text)).duration == duration)
        #expect(ProtobufDuration(duration).description == text)
    }

    @Test(arguments: [
        "", "s", "300", "5m", "1.s", ".5s", "1..5s", "--1s", "1e3s", " 1s", "1 s", "9999999999999s", "0.0000000001s",
        "+1s",
    ])
    func `refuses durations`(text: String) {
        #expect(ProtobufDuration(text) == nil)
    }
}
