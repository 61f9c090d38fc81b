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

    @Test func `a name that cannot be looked up for the moment is tried as long as a server that starts`() {
        var attempts = self.attempts()
        var error = PQError(.nameResolutionFailed, "later")
        error.isTemporary = true
        #expect(attempts.failed(error, now: self.start, jitter: 0) == .retry(after: .milliseconds(25)))
        #expect(
            attempts.failed(error, now: self.start + .seconds(20), jitter: 0) == .retry(after: .milliseconds(50)))
        #expect(attempts.failed(error, now: self.start + .seconds(30), jitter: 0) == .unreachable)
    }

    @Test func `a name that is said not to exist is tried for three seconds`() {
        var attempts = self.attempts()
        let error = PQError(.nameResolutionFailed, "no such name")
        #expect(attempts.failed(error, now: self.start, jitter: 0) == .retry(after: .milliseconds(25)))
        #expect(
            attempts.failed(error, now: self.start + .seconds(2), jitter: 0) == .retry(after: .milliseconds(50)))
        #expect(attempts.failed(error, now: self.start + .seconds(3), jitter: 0) == .giveUp)
    }
}
