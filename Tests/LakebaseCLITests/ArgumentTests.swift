//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

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

    @Test("addresses")
    func addresses() {
        #expect(ListenAddress(argument: "127.0.0.1:80") == ListenAddress(host: "127.0.0.1", port: 80))
        #expect(ListenAddress(argument: "[::1]:0") == ListenAddress(host: "::1", port: 0))
        #expect(ListenAddress(argument: "localhost:65535") == ListenAddress(host: "localhost", port: 65535))
    }
}
