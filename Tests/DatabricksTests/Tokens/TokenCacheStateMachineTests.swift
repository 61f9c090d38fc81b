//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

/// The machine with strings for tokens, numbers for callers and a clock that is turned by hand.
private final class Bench {
    typealias Machine = TokenCacheStateMachine<String, Int>

    var machine: Machine
    var now = Date(timeIntervalSince1970: 1_800_000_000)
    var jitter = 0.0

    init(policy: TokenCachePolicy = .init()) { self.machine = Machine(policy: policy) }

    func pass(_ seconds: Double) { self.now += seconds }
    func at(_ time: Date) -> String {
        var copy = self.machine
        return copy.request(9, now: time).text
    }
    func cancel(_ waiter: Int) -> Bool { self.machine.cancel(waiter) }
    func shutDown() -> [Int] { self.machine.shutDown() }
    func abandon(_ id: Machine.MintID) -> Machine.MintID? { self.machine.abandoned(id) }
    func invalidate(_ token: String) -> Bool { self.machine.invalidate { $0 == token } }
    func request(_ waiter: Int = 0) -> Machine.RequestAction { self.machine.request(waiter, now: self.now) }

    func succeed(_ id: Machine.MintID, _ token: String, life: Double = 3_600) -> Machine.MintAction {
        self.machine.succeeded(
            id, MintedToken(token: token, expiresAt: self.now + life), now: self.now, jitter: self.jitter
        )
    }

    func fail(_ id: Machine.MintID, _ name: String, retryAfter: Duration? = nil) -> Machine.MintAction {
        self.machine.failed(id, Failure(name: name), retryAfter: retryAfter, now: self.now, jitter: self.jitter)
    }

    /// Makes the first token.
    func fill(_ token: String = "one", life: Double = 3_600) throws {
        let id = try #require(self.request().mint)
        guard case .serve([0], token) = self.succeed(id, token, life: life) else {
            Issue.record("not served")
            return
        }
    }
}

private struct Failure: Error, Equatable {
    let name: String
}

extension TokenCacheStateMachine.RequestAction where Token == String {
    fileprivate var mint: TokenCacheStateMachine.MintID? {
        switch self {
        case .serveAndMint(_, let id), .waitAndMint(let id): id
        case .serve, .wait, .fail: nil
        }
    }

    fileprivate var text: String {
        switch self {
        case .serve(let token): "serve \(token)"
        case .serveAndMint(let token, _): "serve \(token) and mint"
        case .wait: "wait"
        case .waitAndMint: "wait and mint"
        case .fail(let error): "fail \((error as? Failure)?.name ?? "\(error)")"
        }
    }
}

extension TokenCacheStateMachine.MintAction where Token == String, Waiter == Int {
    fileprivate var text: String {
        switch self {
        case .serve(let waiters, let token): "serve \(waiters) \(token)"
        case .serveOld(let waiters, let token, _, _, _): "serve \(waiters) old \(token)"
        case .fail(let waiters, let error, _, _): "fail \(waiters) \((error as? Failure)?.name ?? "\(error)")"
        case .ignore: "ignore"
        }
    }
}

@Suite("Token cache: decisions")
struct TokenCacheStateMachineTests {
    @Test func `first caller mints, later ones wait for the same mint`() throws {
        let bench = Bench()
        let first = bench.request(1)
        #expect(first.text == "wait and mint")
        #expect(bench.request(2).text == "wait")
        #expect(bench.request(3).text == "wait")
        #expect(bench.machine.snapshot().waiters == 3)
        #expect(bench.succeed(try #require(first.mint), "one").text == "serve [1, 2, 3] one")
        #expect(bench.request(4).text == "serve one")
        #expect(bench.machine.snapshot().mints == 1)
    }

    @Test(
        arguments: [
            // life, last fresh second, last stale second (then ending), dead
            (3_600.0, 3_479.0, 3_481.0, 3_594.0, 3_596.0, 3_600.0),
            (300.0, 239.0, 241.0, 294.0, 296.0, 300.0),
            (30.0, 23.0, 25.0, 28.4, 28.6, 30.0),
            (10.0, 7.9, 8.1, 9.4, 9.6, 10.0),
            (86_400.0, 86_279.0, 86_281.0, 86_394.0, 86_396.0, 86_400.0),
        ]
    )
    func `windows scale with the life`(
        life: Double, fresh: Double, stale: Double, lastStale: Double, ending: Double, dead: Double
    ) throws {
        let bench = Bench()
        try bench.fill(life: life)
        let start = bench.now
        func at(_ seconds: Double) -> String { bench.at(start + seconds) }
        #expect(at(fresh) == "serve one")
        #expect(at(stale) == "serve one and mint")
        #expect(at(lastStale) == "serve one and mint")
        #expect(at(ending) == "wait and mint")
        #expect(at(dead) == "wait and mint")
    }

    @Test func `jitter renews later, by a quarter of the margin at most`() throws {
        let bench = Bench()
        bench.jitter = 1
        try bench.fill()
        bench.pass(3_600 - 91)
        #expect(bench.request().text == "serve one")
        bench.pass(2)
        #expect(bench.request().text == "serve one and mint")
    }

    @Test func `stale token is served while one refresh runs`() throws {
        let bench = Bench()
        try bench.fill()
        bench.pass(3_500)
        let refresh = try #require(bench.request(1).mint)
        #expect(bench.request(2).text == "serve one")
        #expect(bench.request(3).text == "serve one")
        #expect(bench.succeed(refresh, "two").text == "serve [] two")
        #expect(bench.request(4).text == "serve two")
        #expect(bench.machine.snapshot().mints == 2)
    }

    @Test func `refresh that fails leaves the old token until its true end`() throws {
        let bench = Bench()
        try bench.fill()
        bench.pass(3_500)
        #expect(bench.fail(try #require(bench.request().mint), "down").text == "serve [] old one")
        #expect(bench.request().text == "serve one")
        #expect(bench.machine.snapshot().failures == 1)
        // Its pause over, another attempt; callers at the very end wait for it and get the old token when it fails.
        bench.pass(97)
        let last = bench.request(7)
        #expect(last.text == "wait and mint")
        #expect(bench.fail(try #require(last.mint), "down").text == "serve [7] old one")
        #expect(bench.request().text == "serve one")
        bench.pass(3)
        let dead = bench.request(8)
        #expect(dead.text == "wait and mint")
        #expect(bench.fail(try #require(dead.mint), "down").text == "fail [8] down")
        #expect(bench.request().text == "fail down")
    }

    @Test func `after a failure everybody gets the same error until the pause is over`() throws {
        let bench = Bench()
        let first = bench.request(1)
        _ = bench.request(2)
        #expect(bench.fail(try #require(first.mint), "down").text == "fail [1, 2] down")
        for waiter in 3..<100 { #expect(bench.request(waiter).text == "fail down") }
        bench.pass(0.99)
        #expect(bench.request().text == "fail down")
        bench.pass(0.02)
        let again = bench.request(100)
        #expect(again.text == "wait and mint")
        #expect(bench.succeed(try #require(again.mint), "one").text == "serve [100] one")
        #expect(bench.machine.snapshot().failures == 0)
        #expect(bench.machine.snapshot().lastError == nil)
        #expect(bench.machine.snapshot().retryAt == nil)
    }

    @Test func `pauses double up to their limit and start over after a success`() throws {
        let bench = Bench()
        var pauses: [Double] = []
        for _ in 0..<8 {
            let id = try #require(bench.request().mint)
            guard case .fail(_, _, _, let pause) = bench.fail(id, "down") else { throw Failure(name: "not failed") }
            pauses.append(pause)
            bench.pass(pause)
        }
        #expect(pauses == [1, 2, 4, 8, 15, 15, 15, 15])
        try bench.fill()
        _ = bench.machine.invalidate { _ in true }
        let id = try #require(bench.request().mint)
        guard case .fail(_, _, 1, 1) = bench.fail(id, "down") else { throw Failure(name: "did not start over") }
    }

    @Test(arguments: [(0, 1.0), (7, 7.0), (100, 100.0), (100_000, 300.0)])
    func `Retry-After is honoured, never shortens our pause and has a limit`(asked: Int, pause: Double) throws {
        let bench = Bench()
        let id = try #require(bench.request().mint)
        guard case .fail(_, _, _, pause) = bench.fail(id, "busy", retryAfter: .seconds(asked)) else {
            throw Failure(name: "another pause")
        }
        bench.pass(pause - 0.01)
        #expect(bench.request().text == "fail busy")
        bench.pass(0.02)
        #expect(bench.request().text == "wait and mint")
    }

    @Test(arguments: [0.0, -1, -86_400, .infinity, -.infinity, .nan])
    func `token that ended before it came is an error, not a miss for ever`(life: Double) throws {
        let bench = Bench()
        let id = try #require(bench.request(1).mint)
        let action = bench.succeed(id, "dead", life: life)
        guard case .fail([1], let error as DatabricksError, _, _) = action else { throw Failure(name: action.text) }
        #expect(error.code == .invalidResponse)
        #expect(error.message.contains("clock"))
        #expect(bench.request(2).text.hasPrefix("fail"))
        #expect(bench.machine.snapshot().mints == 0)
    }

    @Test func `token that claims a century is renewed after a day`() throws {
        let bench = Bench()
        try bench.fill(life: 100 * 365 * 86_400)
        bench.pass(86_400 - 200)
        #expect(bench.request().text == "serve one")
        bench.pass(200)
        #expect(bench.request().text == "wait and mint")
    }

    @Test func `clock that jumps forward while the machine slept ends the token`() throws {
        let bench = Bench()
        try bench.fill()
        bench.pass(7_200)
        #expect(bench.request().text == "wait and mint")
    }

    @Test func `clock that is set back gives the token up`() throws {
        let bench = Bench()
        try bench.fill()
        bench.pass(3_000)
        #expect(bench.request().text == "serve one")
        bench.pass(-7_200)
        let action = bench.request(5)
        #expect(action.text == "wait and mint")
        #expect(bench.succeed(try #require(action.mint), "two").text == "serve [5] two")
        #expect(bench.request().text == "serve two")
        bench.pass(3_601)
        #expect(bench.request().text == "wait and mint")
    }

    @Test func `small steps back neither drop the token nor lengthen its life`() throws {
        let bench = Bench()
        try bench.fill()
        var lived = 0.0
        // Every minute the clock loses four seconds; by the clock the token would live far longer than its hour.
        while lived < 3_480 {
            #expect(bench.request().text == "serve one")
            bench.pass(60)
            lived += 60
            _ = bench.machine.freshToken(now: bench.now)
            bench.pass(-4)
        }
        #expect(bench.request().text == "serve one and mint")
    }

    @Test func `pause after a failure survives a clock that is set back`() throws {
        let bench = Bench()
        _ = bench.fail(try #require(bench.request().mint), "down")
        bench.pass(-86_400)
        #expect(bench.request().text == "fail down")
        bench.pass(1.1)
        #expect(bench.request().text == "wait and mint")
    }

    @Test func `cancelled waiter leaves and the mint goes on`() throws {
        let bench = Bench()
        let first = bench.request(1)
        _ = bench.request(2)
        let mint = try #require(first.mint)
        #expect(bench.cancel(1))
        #expect(!bench.cancel(1))
        #expect(bench.succeed(mint, "one").text == "serve [2] one")
        #expect(!bench.cancel(2))
    }

    @Test func `only the refused token is dropped`() throws {
        let bench = Bench()
        try bench.fill()
        #expect(!bench.invalidate("two"))
        #expect(bench.request().text == "serve one")
        #expect(bench.invalidate("one"))
        #expect(bench.machine.snapshot().expiresAt == nil)
        #expect(bench.request().text == "wait and mint")
    }

    @Test func `outcome of an abandoned mint is ignored`() throws {
        let bench = Bench()
        let lost = try #require(bench.request(1).mint)
        let again = try #require(bench.abandon(lost))
        #expect(bench.abandon(lost) == nil)
        #expect(bench.succeed(lost, "lost").text == "ignore")
        #expect(bench.fail(lost, "lost").text == "ignore")
        #expect(bench.cancel(1))
        #expect(bench.abandon(again) == nil)
        #expect(bench.request(2).text == "wait and mint")
    }

    @Test func `after shutdown nothing is served`() throws {
        let bench = Bench()
        let mint = try #require(bench.request(1).mint)
        #expect(bench.shutDown() == [1])
        #expect(bench.succeed(mint, "late").text == "ignore")
        #expect(bench.request(2).text.hasPrefix("fail closed"))
        let fresh = bench.machine.freshToken(now: bench.now)
        #expect(fresh == nil)
    }
}
