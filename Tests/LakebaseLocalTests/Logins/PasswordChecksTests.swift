//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseLocal

@Suite("Turns to have a password checked") struct PasswordChecksTests {
    private let checks = PasswordChecks(limit: 2)

    private func isWaiting(_ count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while self.checks.waiting != count {
            try #require(ContinuousClock.now < deadline, "\(self.checks.waiting) wait")
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    @Test func `no more than so many have a turn, and the others wait in order`() async throws {
        let (first, second) = (try await self.checks.turn(), try await self.checks.turn())
        async let third = self.checks.turn()
        try await self.isWaiting(1)
        async let fourth = self.checks.turn()
        try await self.isWaiting(2)
        first.end()
        // Once is enough.
        first.end()
        let next = try await third
        try await self.isWaiting(1)
        second.end()
        _ = try await fourth
        next.end()
    }

    @Test func `a login that is given up keeps nobody waiting, and one that is dropped gives its turn back`()
        async throws
    {
        let first = try await self.checks.turn()
        let held = try await self.checks.turn()
        let given = Task { try await self.checks.turn() }
        try await self.isWaiting(1)
        given.cancel()
        await #expect(throws: CancellationError.self) { _ = try await given.value }
        try await self.isWaiting(0)
        first.end()
        do { _ = try await self.checks.turn() }
        // Nobody has ended that one; it went away.
        _ = try await self.checks.turn()
        held.end()
    }
}
