//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Decides for each caller of a token cache: serve, wait, mint or fail.
///
/// It holds no clock, makes no calls and resumes no callers: events come in with the time, actions go out. A token goes
/// through four windows:
///
/// | window | a caller gets | a mint is started | |---|---|---| | fresh | the token | no | | stale | the token | yes,
/// in the background | | ending | a new token; the old one if that fails and it still lives | yes | | dead | a new
/// token, or the error | yes |
///
/// One mint runs at a time. After a failure none is started until a pause is over: until then a token that lives is
/// served, and without one every caller gets the same error at once.
///
/// Time is the wall clock, because that is what ends a token while a laptop sleeps. A clock that jumps forward ends
/// tokens early, which costs a mint. A clock that is set back would keep a dead token for good: pauses continue where
/// they were, and a token is dropped when the step is larger than TokenCachePolicy/clockTolerance, because its
/// remaining lifetime is unknown.
package struct TokenCacheStateMachine<Token: Sendable, Waiter: Hashable & Sendable>: Sendable {
    /// Identifies one mint, so that the result of an abandoned one is not taken for the current one's.
    package struct MintID: Hashable, Sendable {
        fileprivate let number: Int
    }

    struct Held {
        var token: Token
        var mintedAt: Date
        var expiresAt: Date
        /// The same times by the machine's own clock, which never goes back.
        var staleFrom: Date
        var endingFrom: Date
        var deadFrom: Date
    }

    struct Failure {
        var error: any Error
        var count: Int
        var pause: TimeInterval
        var retryFrom: Date
    }

    struct Flight {
        var id: MintID
        var waiters: [Waiter] = []
    }

    enum Window { case none, fresh, stale, ending, dead }

    private let policy: TokenCachePolicy
    private var held: Held?
    private var failure: Failure?
    private var flight: Flight?
    private var mints = 0
    private var lastNumber = 0
    private var isShutDown = false
    private var lastNow: Date?
    /// The correction of the wall clock that keeps time from going back.
    private var correction: TimeInterval = 0

    /// Creates an empty cache.
    package init(policy: TokenCachePolicy = .init()) {
        self.policy = policy
    }

    // MARK: A caller

    /// The action for a caller.
    package enum RequestAction {
        /// Return this token.
        case serve(Token)
        /// Return this token, and start a mint.
        case serveAndMint(Token, MintID)
        /// Wait for the mint that is running.
        case wait
        /// Start a mint and wait for it.
        case waitAndMint(MintID)
        /// Throw this error.
        case fail(any Error)
    }

    /// The token, when it is fresh and nothing else needs to be decided.
    package mutating func freshToken(now: Date) -> Token? {
        guard !self.isShutDown, case .fresh = self.window(at: self.advance(to: now)) else { return nil }
        return self.held?.token
    }

    /// Handles a request for a token.
    package mutating func request(_ waiter: Waiter, now: Date) -> RequestAction {
        guard !self.isShutDown else { return .fail(DatabricksError.cacheIsShutDown) }
        let time = self.advance(to: now)
        let window = self.window(at: time)
        switch (window, self.held) {
        case (.fresh, let held?):
            return .serve(held.token)
        case (.stale, let held?):
            guard self.flight == nil, self.pause(at: time) == nil else { return .serve(held.token) }
            return .serveAndMint(held.token, self.takeOff(waiters: []))
        case (.ending, let held?):
            if self.flight == nil, self.pause(at: time) != nil { return .serve(held.token) }
            return self.join(waiter)
        case (.none, _), (.dead, _), (_, nil):
            if self.flight == nil, let failure = self.pause(at: time) { return .fail(failure.error) }
            return self.join(waiter)
        }
    }

    private mutating func join(_ waiter: Waiter) -> RequestAction {
        if self.flight != nil {
            self.flight?.waiters.append(waiter)
            return .wait
        }
        return .waitAndMint(self.takeOff(waiters: [waiter]))
    }

    private mutating func takeOff(waiters: [Waiter]) -> MintID {
        self.lastNumber += 1
        let id = MintID(number: self.lastNumber)
        self.flight = Flight(id: id, waiters: waiters)
        return id
    }

    /// Handles a caller that stops waiting.
    ///
    /// - Returns: Whether it was waiting. The mint continues for the others, and for the cache.
    package mutating func cancel(_ waiter: Waiter) -> Bool {
        guard let index = self.flight?.waiters.firstIndex(of: waiter) else { return false }
        self.flight?.waiters.remove(at: index)
        return true
    }

    // MARK: A mint

    /// The action after a mint has ended.
    package enum MintAction {
        /// Return this token to these callers.
        case serve([Waiter], Token)
        /// Return the old token, which is still valid, to these callers, and log a warning.
        case serveOld([Waiter], Token, any Error, failures: Int, pause: TimeInterval)
        /// Throw this error to these callers.
        case fail([Waiter], any Error, failures: Int, pause: TimeInterval)
        /// Ignore the result of a mint that was abandoned.
        case ignore
    }

    /// Handles a mint that succeeded.
    ///
    /// - Parameters:
    ///   - id: The mint's name.
    ///   - minted: A token that has ended already counts as a failure.
    ///   - now: The wall clock when the answer was there.
    ///   - jitter: 0 to 1.
    package mutating func succeeded(_ id: MintID, _ minted: MintedToken<Token>, now: Date, jitter: Double) -> MintAction
    {
        guard let flight = self.flight, flight.id == id else { return .ignore }
        let time = self.advance(to: now)
        let claimed = minted.expiresAt.timeIntervalSince(now)
        guard claimed.isFinite, claimed > 0 else {
            let error = DatabricksError.tokenExpiredOnArrival(expiresAt: minted.expiresAt, now: now)
            return self.failed(id, error, retryAfter: nil, now: now, jitter: jitter)
        }
        let life = min(claimed, self.policy.maximumLife.timeInterval)
        let end = time.addingTimeInterval(life)
        self.held = Held(
            token: minted.token,
            mintedAt: now,
            expiresAt: minted.expiresAt,
            staleFrom: end.addingTimeInterval(-self.policy.margin(life: life, jitter: jitter)),
            endingFrom: end.addingTimeInterval(-self.policy.reserve(life: life)),
            deadFrom: end
        )
        self.mints += 1
        self.failure = nil
        self.flight = nil
        return .serve(flight.waiters, minted.token)
    }

    /// Handles a mint that failed.
    ///
    /// - Parameters:
    ///   - id: The mint's name.
    ///   - error: Why it failed.
    ///   - retryAfter: The pause that the server asked for.
    ///   - now: The wall clock.
    ///   - jitter: 0 to 1.
    package mutating func failed(
        _ id: MintID, _ error: any Error, retryAfter: Duration?, now: Date, jitter: Double
    ) -> MintAction {
        guard let flight = self.flight, flight.id == id else { return .ignore }
        let time = self.advance(to: now)
        let count = (self.failure?.count ?? 0) + 1
        let pause = self.policy.pause(failures: count, retryAfter: retryAfter, jitter: jitter)
        self.failure = Failure(error: error, count: count, pause: pause, retryFrom: time.addingTimeInterval(pause))
        self.flight = nil
        switch (self.window(at: time), self.held) {
        case (.fresh, let held?), (.stale, let held?), (.ending, let held?):
            return .serveOld(flight.waiters, held.token, error, failures: count, pause: pause)
        case (.none, _), (.dead, _), (_, nil):
            return .fail(flight.waiters, error, failures: count, pause: pause)
        }
    }

    /// Handles a mint that was abandoned because the task that ran it has ended.
    ///
    /// - Returns: A mint to start in its place, when callers wait for it.
    package mutating func abandoned(_ id: MintID) -> MintID? {
        guard let flight = self.flight, flight.id == id else { return nil }
        self.flight = nil
        return flight.waiters.isEmpty ? nil : self.takeOff(waiters: flight.waiters)
    }

    // MARK: The token

    /// Drops the current token, because it was refused.
    ///
    /// - Parameter isRefused: Whether a token is the rejected one. A newer token is kept.
    /// - Returns: Whether a token was dropped.
    package mutating func invalidate(where isRefused: (Token) -> Bool) -> Bool {
        guard let held = self.held, isRefused(held.token) else { return false }
        self.held = nil
        return true
    }

    /// Stops returning tokens.
    ///
    /// - Returns: The callers that wait.
    package mutating func shutDown() -> [Waiter] {
        let waiters = self.flight?.waiters ?? []
        self.flight = nil
        self.held = nil
        self.isShutDown = true
        return waiters
    }

    /// A snapshot of the cache.
    package func snapshot() -> TokenCacheSnapshot {
        TokenCacheSnapshot(
            mintedAt: self.held?.mintedAt,
            expiresAt: self.held?.expiresAt,
            mints: self.mints,
            failures: self.failure?.count ?? 0,
            lastError: self.failure?.error,
            retryAt: self.failure?.retryFrom.addingTimeInterval(-self.correction),
            isMinting: self.flight != nil,
            waiters: self.flight?.waiters.count ?? 0
        )
    }

    // MARK: Time

    /// The machine's own time for a time of the wall clock.
    private mutating func advance(to now: Date) -> Date {
        if let last = self.lastNow, now < last {
            let step = last.timeIntervalSince(now)
            self.correction += step
            if step > self.policy.clockTolerance.timeInterval { self.held = nil }
        }
        self.lastNow = now
        return now.addingTimeInterval(self.correction)
    }

    private func window(at time: Date) -> Window {
        guard let held = self.held else { return .none }
        if time >= held.deadFrom { return .dead }
        if time >= held.endingFrom { return .ending }
        return time >= held.staleFrom ? .stale : .fresh
    }

    /// The last failure, while its pause lasts.
    private func pause(at time: Date) -> Failure? {
        guard let failure = self.failure, time < failure.retryFrom else { return nil }
        return failure
    }
}
