//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

@testable import Lakebase

@Suite("Attempts to log in")
struct LoginAttemptsTests {
    private let start = ContinuousClock.now

    private func attempts(_ seconds: Int = 30, usesTokens: Bool = true) -> LoginAttempts {
        LoginAttempts(deadline: self.start + .seconds(seconds), usesTokens: usesTokens, now: self.start)
    }

    private func server(_ state: String) -> PQError {
        PQError(
            .connectionFailed, "refused",
            server: PQServerError(severity: "FATAL", sqlState: SQLState(rawValue: state), message: "no"))
    }

    @Test(arguments: ["28P01", "28000"])
    func `a refused login is tried once more with another credential`(state: String) {
        var attempts = self.attempts()
        #expect(attempts.failed(self.server(state), now: self.start, jitter: 0) == .mintAgain)
        #expect(attempts.failed(self.server(state), now: self.start, jitter: 0) == .giveUp(.rejected))
    }

    @Test func `a second refusal is final also when the compute slept in between`() {
        var attempts = self.attempts()
        #expect(attempts.failed(self.server("28P01"), now: self.start, jitter: 0) == .mintAgain)
        #expect(attempts.failed(self.server("57P03"), now: self.start, jitter: 0) == .retry(after: .milliseconds(25)))
        #expect(attempts.failed(self.server("28P01"), now: self.start, jitter: 0) == .giveUp(.rejected))
    }

    @Test func `without tokens there is nothing to mint`() {
        var attempts = self.attempts(usesTokens: false)
        #expect(attempts.failed(self.server("28P01"), now: self.start, jitter: 0) == .giveUp(.rejected))
    }

    @Test(arguments: ["57P03", "57P01", "08000", "08001", "08006", "08P01", "53300"])
    func `a compute that wakes or stops is tried again`(state: String) {
        var attempts = self.attempts()
        #expect(attempts.failed(self.server(state), now: self.start, jitter: 0) == .retry(after: .milliseconds(25)))
    }

    @Test(arguments: [PQError.Code.connectionFailed, .timedOut, .connectionClosed])
    func `a host that refuses, is silent or hangs up is tried again`(code: PQError.Code) {
        var attempts = self.attempts(usesTokens: false)
        let error = PQError(code, "no answer")
        #expect(attempts.failed(error, now: self.start, jitter: 0) == .retry(after: .milliseconds(25)))
    }

    @Test(arguments: [
        PQError.Code.tlsFailed, .invalidConfiguration, .unsupported, .system, .decodingFailed,
    ])
    func `what no waiting mends is not tried again`(code: PQError.Code) {
        var attempts = self.attempts()
        #expect(attempts.failed(PQError(code, "no"), now: self.start, jitter: 0) == .giveUp(.other))
    }

    @Test(arguments: ["3D000", "42501", "XX000"])
    func `other answers of the server are final`(state: String) {
        var attempts = self.attempts()
        #expect(attempts.failed(self.server(state), now: self.start, jitter: 0) == .giveUp(.other))
    }

    @Test func `a name that cannot be looked up for the moment is tried as long as a compute that wakes`() {
        var attempts = self.attempts()
        var error = PQError(.nameResolutionFailed, "later")
        error.isTemporary = true
        #expect(attempts.failed(error, now: self.start, jitter: 0) == .retry(after: .milliseconds(25)))
        #expect(
            attempts.failed(error, now: self.start + .seconds(20), jitter: 0) == .retry(after: .milliseconds(50)))
        #expect(attempts.failed(error, now: self.start + .seconds(30), jitter: 0) == .giveUp(.unreachable))
    }

    @Test func `a name that is said not to exist is tried for three seconds`() {
        var attempts = self.attempts()
        let error = PQError(.nameResolutionFailed, "no such name")
        #expect(attempts.failed(error, now: self.start, jitter: 0) == .retry(after: .milliseconds(25)))
        #expect(
            attempts.failed(error, now: self.start + .seconds(2), jitter: 0) == .retry(after: .milliseconds(50)))
        #expect(attempts.failed(error, now: self.start + .seconds(3), jitter: 0) == .giveUp(.other))
    }

    @Test func `the pauses double, and stay below a second with their jitter`() {
        var attempts = self.attempts()
        let expected = [25, 50, 100, 200, 400, 600, 600]
        for pause in expected {
            #expect(
                attempts.failed(self.server("57P03"), now: self.start, jitter: 0)
                    == .retry(after: .milliseconds(pause)))
        }
    }

    @Test func `jitter adds up to half of a pause`() {
        var (some, all) = (self.attempts(), self.attempts())
        let error = self.server("57P03")
        #expect(some.failed(error, now: self.start, jitter: 0.5) == .retry(after: .microseconds(31_250)))
        #expect(all.failed(error, now: self.start, jitter: 1) == .retry(after: .microseconds(37_500)))
    }

    @Test func `it ends when the next attempt would begin after the deadline`() {
        var attempts = self.attempts(30)
        let error = self.server("57P03")
        #expect(
            attempts.failed(error, now: self.start + .milliseconds(29_900), jitter: 0)
                == .retry(after: .milliseconds(25)))
        #expect(
            attempts.failed(error, now: self.start + .milliseconds(29_950), jitter: 0) == .giveUp(.unreachable))
        var late = self.attempts(0)
        #expect(late.failed(error, now: self.start, jitter: 0) == .giveUp(.unreachable))
    }
}
