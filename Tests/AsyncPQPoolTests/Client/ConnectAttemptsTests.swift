//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

@testable import AsyncPQPool

@Suite("Attempts to connect")
struct ConnectAttemptsTests {
    private let start = ContinuousClock.now

    private func attempts() -> ConnectAttempts {
        ConnectAttempts(deadline: self.start + .seconds(30), now: self.start)
    }

    private func server(_ state: String) -> PQError {
        PQError(
            .connectionFailed, "refused",
            server: PQServerError(severity: "FATAL", sqlState: SQLState(rawValue: state), message: "no"))
    }

    @Test(arguments: ["57P03", "57P01", "08000", "08001", "08006", "08P01", "53300"])
    func `a server that starts, stops or is full is tried again until the deadline`(state: String) {
        var attempts = self.attempts()
        let error = self.server(state)
        #expect(attempts.failed(error, now: self.start, jitter: 0) == .retry(after: .milliseconds(25)))
        #expect(
            attempts.failed(error, now: self.start + .milliseconds(29_940), jitter: 0)
                == .retry(after: .milliseconds(50)))
        #expect(attempts.failed(error, now: self.start + .milliseconds(29_950), jitter: 0) == .unreachable)
    }

    @Test(arguments: ["28P01", "28000"])
    func `a refused login is not tried again`(state: String) {
        var attempts = self.attempts()
        #expect(attempts.failed(self.server(state), now: self.start, jitter: 0) == .refused)
    }

    @Test(arguments: ["3D000", "42501", "XX000"])
    func `other answers of the server are final`(state: String) {
        var attempts = self.attempts()
        #expect(attempts.failed(self.server(state), now: self.start, jitter: 0) == .giveUp)
    }
}
