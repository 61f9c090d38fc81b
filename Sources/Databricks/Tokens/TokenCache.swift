//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Logging
import Synchronization

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Keeps one token ready: mints it at first use, renews it before it expires, and shares every attempt among all
/// callers.
///
/// ```swift
/// let cache = TokenCache<Secret>(logger: logger) {
///     let answer = try await fetchToken()
///     return MintedToken(token: answer.token, expiresAt: answer.expiresAt)
/// }
/// let token = try await cache.token()
/// ```
///
/// Renewing happens on use only: there is no timer, and an idle cache costs nothing. The rules are those of
/// ``TokenCacheStateMachine``; this class adds the lock, the continuations and the task that mints.
///
/// A mint must outlive the caller that started it, because others wait for it or the token is wanted later. While
/// ``run()`` runs, mints are its child tasks. Otherwise each is a task that the cache owns, and cancels when it is shut
/// down or goes away.
package final class TokenCache<Token: Sendable>: Sendable {
    /// Mints a new token.
    ///
    /// It must have a time limit of its own (the clients of this module have a deadline), and its errors must not
    /// contain secrets, because they are logged. An error that is ``RetryAfterProviding`` decides about the next
    /// attempt.
    package typealias Mint = @Sendable () async throws -> MintedToken<Token>

    fileprivate typealias Machine = TokenCacheStateMachine<Token, Int>

    fileprivate struct State {
        var machine: Machine
        var continuations: [Int: CheckedContinuation<Token, any Error>] = [:]
        var lastWaiter = 0
        /// The stream for mints while `run()` runs.
        var runner: AsyncStream<Machine.MintID>.Continuation?
        /// The last mint that was sent to ``runner``.
        var dispatched: Machine.MintID?
        /// The task of a mint that no `run()` took.
        var task: Task<Void, Never>?
        var isShutDown = false

        mutating func take(_ waiters: [Int]) -> [CheckedContinuation<Token, any Error>] {
            waiters.compactMap { self.continuations.removeValue(forKey: $0) }
        }
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Date
    private let jitter: @Sendable () -> Double
    private let logger: Logger
    private let mint: Mint

    /// Creates a cache without a token.
    ///
    /// - Parameters:
    ///   - policy: When to renew and how to retry.
    ///   - now: The wall clock. Replaced in tests.
    ///   - jitter: A random number from 0 to 1. Replaced in tests.
    ///   - logger: Gets a warning when renewing fails while the old token lives; all else is debug.
    ///   - mint: Makes a new token.
    package init(
        policy: TokenCachePolicy = .init(),
        now: @escaping @Sendable () -> Date = { Date() },
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        logger: Logger,
        mint: @escaping Mint
    ) {
        self.state = Mutex(State(machine: Machine(policy: policy)))
        self.now = now
        self.jitter = jitter
        self.logger = logger
        self.mint = mint
    }

    deinit {
        self.state.withLock { $0.task }?.cancel()
    }

    /// Returns a valid token, and mints one if there is none.
    ///
    /// Returns at once while there is one. Otherwise it waits for the one mint that all callers share; cancelling the
    /// caller ends its own wait and nothing else.
    ///
    /// - Throws: What the mint threw, at once while the pause after a failure lasts; `CancellationError` when the
    ///   caller is cancelled.
    package func token() async throws -> Token {
        let (fresh, waiter) = self.state.withLock { state in
            state.lastWaiter += 1
            return (state.machine.freshToken(now: self.now()), state.lastWaiter)
        }
        if let fresh { return fresh }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.register(waiter, continuation)
            }
        } onCancel: {
            self.cancel(waiter)
        }
    }

    /// Drops a token that was refused, unless a newer one has taken its place.
    ///
    /// - Parameter token: The token that the caller was given.
    /// - Returns: Whether it was still the current one.
    @discardableResult
    package func invalidate(_ token: Token) -> Bool where Token: Equatable {
        let isDropped = self.state.withLock { $0.machine.invalidate { $0 == token } }
        if isDropped { self.logger.debug("Token was refused and is dropped") }
        return isDropped
    }

    /// A snapshot of the cache, without the token.
    package var snapshot: TokenCacheSnapshot {
        self.state.withLock { $0.machine.snapshot() }
    }

    /// Fails all waiting callers, cancels the mint, and returns no more tokens.
    package func shutDown() {
        let (continuations, task, runner) = self.state.withLock { state in
            state.isShutDown = true
            let waiting = state.take(state.machine.shutDown())
            let (task, runner) = (state.task, state.runner)
            state.task = nil
            return (waiting, task, runner)
        }
        task?.cancel()
        runner?.finish()
        for continuation in continuations { continuation.resume(throwing: DatabricksError.cacheIsShutDown) }
    }

    // MARK: Callers

    /// Runs inside the caller's task, so that a cancellation which came before is seen here and one that comes later
    /// finds the waiter.
    private func register(_ waiter: Int, _ continuation: CheckedContinuation<Token, any Error>) {
        let (result, mint) = self.state.withLock { state -> (Result<Token, any Error>?, Machine.MintID?) in
            guard !Task.isCancelled else { return (.failure(CancellationError()), nil) }
            switch state.machine.request(waiter, now: self.now()) {
            case .serve(let token):
                return (.success(token), nil)
            case .serveAndMint(let token, let id):
                return (.success(token), id)
            case .wait:
                state.continuations[waiter] = continuation
                return (nil, nil)
            case .waitAndMint(let id):
                state.continuations[waiter] = continuation
                return (nil, id)
            case .fail(let error):
                return (.failure(error), nil)
            }
        }
        if let mint { self.start(mint) }
        if let result { continuation.resume(with: result) }
    }

    private func cancel(_ waiter: Int) {
        let continuation = self.state.withLock { state in
            state.machine.cancel(waiter) ? state.continuations.removeValue(forKey: waiter) : nil
        }
        continuation?.resume(throwing: CancellationError())
    }

    // MARK: Mints

    /// Runs mints as child tasks until it is cancelled or the cache is shut down.
    ///
    /// Optional.
    ///
    /// When it ends during a mint that callers wait for, the mint is started again as a task of the cache's own. A
    /// second call while one runs returns at once.
    package func run() async {
        let (mints, continuation) = AsyncStream<Machine.MintID>.makeStream()
        let isFirst = self.state.withLock { state in
            guard state.runner == nil, !state.isShutDown else { return false }
            state.runner = continuation
            return true
        }
        guard isFirst else { return }
        await withDiscardingTaskGroup { group in
            for await id in mints {
                group.addTask { [mint = self.mint] in
                    let outcome = await Self.outcome(of: mint)
                    self.finish(id, outcome, wasCancelled: Task.isCancelled)
                }
            }
            group.cancelAll()
        }
        // A mint that was queued and never run would keep its callers waiting for ever.
        let orphan = self.state.withLock { state in
            state.runner = nil
            return state.dispatched.flatMap { state.machine.abandoned($0) }
        }
        if let orphan { self.start(orphan) }
    }

    private func start(_ id: Machine.MintID) {
        self.state.withLock { state in
            guard !state.isShutDown else { return }
            if case .enqueued? = state.runner?.yield(id) {
                state.dispatched = id
                return
            }
            // Unstructured on purpose: no caller's scope is the right one, since the first caller may be cancelled
            // while others wait. The cache owns the task, which does not keep the cache alive.
            state.task = Task { [weak self, mint = self.mint] in
                let outcome = await Self.outcome(of: mint)
                self?.finish(id, outcome, wasCancelled: false)
            }
        }
    }

    private static func outcome(of mint: Mint) async -> Result<MintedToken<Token>, any Error> {
        do { return .success(try await mint()) } catch { return .failure(error) }
    }

    private func finish(_ id: Machine.MintID, _ outcome: Result<MintedToken<Token>, any Error>, wasCancelled: Bool) {
        if wasCancelled, case .failure = outcome {
            if let again = self.state.withLock({ $0.machine.abandoned(id) }) { self.start(again) }
            return
        }
        let jitter = self.jitter()
        let (action, continuations) = self.state.withLock { state in
            let action = state.decide(id, outcome, now: self.now(), jitter: jitter)
            return (action, state.take(action.waiters))
        }
        action.log(to: self.logger)
        guard let result = action.result else { return }
        for continuation in continuations { continuation.resume(with: result) }
    }
}

extension TokenCache.State {
    fileprivate mutating func decide(
        _ id: TokenCache.Machine.MintID, _ outcome: Result<MintedToken<Token>, any Error>, now: Date, jitter: Double
    ) -> TokenCache.Machine.MintAction {
        switch outcome {
        case .success(let minted):
            return self.machine.succeeded(id, minted, now: now, jitter: jitter)
        case .failure(let error):
            let retryAfter = (error as? any RetryAfterProviding)?.retryAfter
            return self.machine.failed(id, error, retryAfter: retryAfter, now: now, jitter: jitter)
        }
    }
}

extension TokenCacheStateMachine.MintAction {
    fileprivate var waiters: [Waiter] {
        switch self {
        case .serve(let waiters, _), .serveOld(let waiters, _, _, _, _), .fail(let waiters, _, _, _): waiters
        case .ignore: []
        }
    }

    fileprivate var result: Result<Token, any Error>? {
        switch self {
        case .serve(_, let token), .serveOld(_, let token, _, _, _): .success(token)
        case .fail(_, let error, _, _): .failure(error)
        case .ignore: nil
        }
    }

    fileprivate func log(to logger: Logger) {
        switch self {
        case .serve:
            logger.debug("Token is new")
        case .serveOld(_, _, let error, let failures, let pause):
            logger.warning(
                "Token could not be renewed, the old one is still valid",
                metadata: [
                    "databricks.error": "\(error)", "databricks.failures": "\(failures)",
                    "databricks.pause": "\(pause)",
                ]
            )
        case .fail(_, let error, let failures, let pause):
            logger.debug(
                "Token could not be minted",
                metadata: [
                    "databricks.error": "\(error)", "databricks.failures": "\(failures)",
                    "databricks.pause": "\(pause)",
                ]
            )
        case .ignore:
            break
        }
    }
}
