//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Testing

@testable import LakebaseCLI

@Suite("arguments")
struct ArgumentTests {
    @Test(
        "times as people type them",
        arguments: [
            ("30s", .seconds(30)), ("5m", .seconds(300)), ("1h", .seconds(3600)), ("250ms", .milliseconds(250)),
            ("7", .seconds(7)), ("1.5s", .milliseconds(1500)), ("0", .zero),
        ] as [(String, Duration)])
    func durations(text: String, duration: Duration) {
        #expect(DurationArgument(argument: text)?.duration == duration)
    }

    @Test("a time is said as it would be typed", arguments: ["30s", "5m", "1h", "250ms", "1500ms", "0s", "90s"])
    func saysDurations(text: String) {
        #expect(DurationArgument(argument: text)?.defaultValueDescription == text)
    }

    @Test("SQL and values may begin with a minus")
    func minus() async throws {
        let query = try await QueryCommand.asyncParse([
            "-c", "-- a comment\nSELECT $1", "--param", "-5", "--param", "--yes",
        ])
        #expect(query.commands == ["-- a comment\nSELECT $1"] && query.parameters == ["-5", "--yes"])
        let long = try await QueryCommand.asyncParse(["--command", "-- a\nSELECT 1", "--command=--b"])
        #expect(long.commands == ["-- a\nSELECT 1", "--b"])
    }

    @Test("a time beyond what a clock counts is none", arguments: ["99999999999d", "1e9", "", ".", "-1s", "1.2.3s"])
    func absurdDurations(text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }

    @Test("addresses")
    func addresses() {
        #expect(ListenAddress(argument: "127.0.0.1:80") == ListenAddress(host: "127.0.0.1", port: 80))
        #expect(ListenAddress(argument: "[::1]:0") == ListenAddress(host: "::1", port: 0))
        #expect(ListenAddress(argument: "localhost:65535") == ListenAddress(host: "localhost", port: 65535))
    }
}
