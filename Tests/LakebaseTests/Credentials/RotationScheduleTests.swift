//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import Lakebase

@Suite("When to ask for the next password")
struct RotationScheduleTests {
    private let start = Date(timeIntervalSince1970: 1_000_000)

    private func pause(life: TimeInterval, at age: TimeInterval) -> Duration {
        let credential = MintedCredential(
            token: Secret("x"), mintedAt: self.start, expiresAt: self.start + life)
        return RotationSchedule.pause(for: credential, now: self.start + age, policy: CredentialMinter.policy)
    }

    @Test(arguments: [
        (3600.0, 0.0, Duration.seconds(60)), (3600, 3440, .seconds(40)), (3600, 3480, .seconds(1)),
        (3600, 3600, .seconds(1)), (3600, 9000, .seconds(1)), (300, 230, .seconds(10)), (300, 240, .seconds(1)),
        (10, 0, .seconds(8)), (10, 9, .milliseconds(100)), (1, 0.9, .milliseconds(20)), (3600, -7200, .seconds(60)),
    ])
    func `until the last part of its life, then now and again`(life: Double, age: Double, expected: Duration) {
        #expect(self.pause(life: life, at: age) == expected)
    }

    @Test(arguments: [
        (nil, Duration.seconds(1)), (4, .seconds(4)), (0, .milliseconds(20)), (-5, .milliseconds(20)),
        (900, .seconds(60)),
    ])
    func `after a failure when the cache tries again`(retry: Double?, expected: Duration) {
        let pause = RotationSchedule.pause(afterFailureUntil: retry.map { self.start + $0 }, now: self.start)
        #expect(pause == expected)
    }
}

@Suite("A signal", .timeLimit(.minutes(1)))
struct ChangeSignalTests {
    @Test func `wakes everybody, and lets nobody wait who has missed it`() async {
        let signal = ChangeSignal()
        let count = signal.count
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { await signal.wait(since: count, atMost: .seconds(600)) } }
            signal.signal()
        }
        #expect(signal.count == count + 1)
    }

    @Test func `waits no longer than it may`() async {
        let start = ContinuousClock.now
        let signal = ChangeSignal()
        await signal.wait(since: signal.count, atMost: .milliseconds(30))
        #expect(ContinuousClock.now - start >= .milliseconds(30))
    }
}
