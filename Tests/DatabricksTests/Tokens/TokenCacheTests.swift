//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

/// A mint whose outcomes are given by hand, one call after another.
final class ManualMint: Sendable {
    typealias Answer = Result<MintedToken<String>, any Error>

    private struct State {
        var calls = 0
        var pending: [CheckedContinuation<MintedToken<String>, any Error>] = []
        var watchers: [(calls: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var calls: Int { self.state.withLock { $0.calls } }

    func mint() async throws -> MintedToken<String> {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready = self.state.withLock { state in
                    state.calls += 1
                    state.pending.append(continuation)
                    let ready = state.watchers.filter { $0.calls <= state.calls }
                    state.watchers.removeAll { $0.calls <= state.calls }
                    return ready
                }
                for watcher in ready { watcher.continuation.resume() }
            }
        } onCancel: {
            self.answer(.failure(CancellationError()))
        }
    }

    /// Returns when the mint has been called this often.
    func called(times: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = self.state.withLock { state in
                if state.calls >= times { return true }
                state.watchers.append((times, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    /// Ends all calls that are under way.
    func answer(_ answer: Answer) {
        let pending = self.state.withLock { state in
            defer { state.pending = [] }
            return state.pending
        }
        for continuation in pending { continuation.resume(with: answer) }
    }
}

/// A wall clock that is turned by hand.
final class ManualClock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { self.time.withLock { $0 } }
    func pass(_ seconds: Double) { self.time.withLock { $0 += seconds } }
}

struct Down: RetryAfterProviding, Equatable {
    var retryAfter: Duration?
}

/// Yields until something holds.
///
/// Every change it is used for comes from tasks that are ready to run.
func eventually(_ condition: () -> Bool) async throws {
    let start = ContinuousClock.now
    while !condition() {
        try #require(ContinuousClock.now - start < .seconds(50), "did not happen")
        await Task.yield()
    }
}

@Suite("Token cache: callers and mints", .timeLimit(.minutes(1)))
struct TokenCacheTests {
    let mint = ManualMint()
    let clock = ManualClock()
    let cache: TokenCache<String>

    init() {
        self.cache = TokenCache(
            now: { [clock] in clock.now },
            jitter: { 0 },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            mint: { [mint] in try await mint.mint() }
        )
    }

    private func token(_ name: String, life: Double = 3_600) -> ManualMint.Answer {
        .success(MintedToken(token: name, expiresAt: self.clock.now + life))
    }

    @Test func `a thousand callers make one mint`() async throws {
        let tokens = try await withThrowingTaskGroup { group in
            for _ in 0..<1_000 { group.addTask { try await self.cache.token() } }
            try await eventually { self.cache.snapshot.waiters == 1_000 }
            self.mint.answer(self.token("one"))
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(tokens == Array(repeating: "one", count: 1_000))
        #expect(self.mint.calls == 1)
        #expect(self.cache.snapshot.mints == 1)
    }

    @Test func `a thousand callers of a dead service make one call and get one error`() async throws {
        let failures = try await withThrowingTaskGroup { group in
            for _ in 0..<1_000 {
                group.addTask {
                    do {
                        _ = try await self.cache.token()
                        return false
                    } catch { return error is Down }
                }
            }
            try await eventually { self.cache.snapshot.waiters == 1_000 }
            self.mint.answer(.failure(Down()))
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(failures == 1_000)
        for _ in 0..<100 { await #expect(throws: Down()) { try await self.cache.token() } }
        #expect(self.mint.calls == 1)
        self.clock.pass(1)
        async let again = self.cache.token()
        await self.mint.called(times: 2)
        self.mint.answer(self.token("one"))
        #expect(try await again == "one")
    }

    @Test func `cancelled waiter leaves alone, even the one that started the mint`() async throws {
        let first = Task { try await self.cache.token() }
        await self.mint.called(times: 1)
        let second = Task { try await self.cache.token() }
        try await eventually { self.cache.snapshot.waiters == 2 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(self.cache.snapshot.waiters == 1)
        #expect(self.cache.snapshot.isMinting)
        self.mint.answer(self.token("one"))
        #expect(try await second.value == "one")
        #expect(self.mint.calls == 1)
    }

    @Test func `when all waiters are cancelled the token is kept for the next caller`() async throws {
        let first = Task { try await self.cache.token() }
        await self.mint.called(times: 1)
        first.cancel()
        _ = await first.result
        self.mint.answer(self.token("one"))
        try await eventually { self.cache.snapshot.mints == 1 }
        #expect(try await self.cache.token() == "one")
        #expect(self.mint.calls == 1)
    }

    @Test func `caller that is cancelled already does not mint`() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await self.cache.token()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(self.mint.calls == 0)
    }

    @Test func `stale token is served at once and renewed once in the background`() async throws {
        try await self.fill()
        self.clock.pass(3_500)
        for _ in 0..<100 { #expect(try await self.cache.token() == "one") }
        await self.mint.called(times: 2)
        self.mint.answer(self.token("two"))
        try await eventually { self.cache.snapshot.mints == 2 }
        #expect(try await self.cache.token() == "two")
        #expect(self.mint.calls == 2)
    }

    @Test func `refresh that fails is a warning while the old token lives`() async throws {
        let log = LogStore()
        let cache = TokenCache(
            now: { [clock] in clock.now }, jitter: { 0 }, logger: log.logger, mint: { [mint] in try await mint.mint() }
        )
        async let first = cache.token()
        await self.mint.called(times: 1)
        self.mint.answer(self.token("canary-one"))
        _ = try await first
        self.clock.pass(3_500)
        #expect(try await cache.token() == "canary-one")
        await self.mint.called(times: 2)
        self.mint.answer(.failure(Down(retryAfter: .seconds(20))))
        try await eventually { cache.snapshot.failures == 1 }
        try await eventually { log.lines.contains { $0.hasPrefix("warning Token could not be renewed") } }
        #expect(cache.snapshot.retryAt == self.clock.now + 20)
        self.clock.pass(19)
        #expect(try await cache.token() == "canary-one")
        #expect(self.mint.calls == 2)
        self.clock.pass(1)
        #expect(try await cache.token() == "canary-one")
        await self.mint.called(times: 3)
        self.mint.answer(self.token("canary-two"))
        try await eventually { cache.snapshot.mints == 2 }
        #expect(!log.text.contains("canary"))
    }

    @Test func `machine that slept two hours waits for a new token`() async throws {
        try await self.fill()
        self.clock.pass(7_200)
        async let next = self.cache.token()
        await self.mint.called(times: 2)
        self.mint.answer(self.token("two"))
        #expect(try await next == "two")
    }

    @Test func `refused token is dropped once, a newer one stays`() async throws {
        try await self.fill()
        #expect(self.cache.invalidate("one"))
        #expect(!self.cache.invalidate("one"))
        async let next = self.cache.token()
        await self.mint.called(times: 2)
        self.mint.answer(self.token("two"))
        #expect(try await next == "two")
        #expect(!self.cache.invalidate("one"))
        #expect(try await self.cache.token() == "two")
    }

    @Test func `mints run inside run() while it runs and outside afterwards`() async throws {
        let run = Task { await self.cache.run() }
        try await self.fill()
        self.cache.invalidate("one")
        let waiter = Task { try await self.cache.token() }
        await self.mint.called(times: 2)
        run.cancel()
        await run.value
        // Whichever of the two ran it, the caller still waits and one mint is under way.
        try await eventually { self.cache.snapshot.isMinting }
        self.mint.answer(self.token("two"))
        let answered = Task {
            while self.cache.snapshot.mints < 2 {
                self.mint.answer(self.token("two"))
                await Task.yield()
            }
        }
        #expect(try await waiter.value == "two")
        await answered.value
    }

    @Test func `shutdown fails those who wait and cancels the mint`() async throws {
        let waiter = Task { try await self.cache.token() }
        await self.mint.called(times: 1)
        self.cache.shutDown()
        let error = await #expect(throws: DatabricksError.self) { try await waiter.value }
        #expect(error?.code == .closed)
        let later = await #expect(throws: DatabricksError.self) { try await self.cache.token() }
        #expect(later?.code == .closed)
        await self.cache.run()
    }

    @Test func `cache that goes away cancels its mint`() async throws {
        let isCancelled = Mutex(false)
        let started = AsyncStream<Void>.makeStream()
        var cache: TokenCache<String>? = TokenCache(
            now: { [clock] in clock.now }, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            mint: {
                started.continuation.yield()
                try await withTaskCancellationHandler {
                    try await Task.sleep(for: .seconds(600))
                } onCancel: {
                    isCancelled.withLock { $0 = true }
                }
                throw Down()
            }
        )
        let waiter = Task { [cache] in try await cache?.token() }
        for await _ in started.stream { break }
        waiter.cancel()
        _ = await waiter.result
        cache = nil
        try await eventually { isCancelled.withLock { $0 } }
    }

    private func fill() async throws {
        async let first = self.cache.token()
        await self.mint.called(times: 1)
        self.mint.answer(self.token("one"))
        #expect(try await first == "one")
    }
}
