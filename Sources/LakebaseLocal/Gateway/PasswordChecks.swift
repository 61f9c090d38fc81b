//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LocalGround
import PostgresGateway
import Synchronization

/// Limits how many logins have PostgreSQL check their password at the same time; the others wait in order of arrival.
///
/// Each takes one of the server's connections while its password is looked at. Without a bound others who try passwords
/// could take all of them, and the owner, whose token needs no such check, would find none.
final class PasswordChecks: Sendable {
    private struct State {
        var free: Int
        var waiting: [AsyncPromise<Bool>] = []
    }

    /// The turn of one login, until it is accepted or rejected.
    final class Turn: Sendable {
        private let checks: PasswordChecks
        private let isOver = Mutex(false)

        fileprivate init(_ checks: PasswordChecks) { self.checks = checks }

        deinit { self.end() }

        /// Passes the turn on; only the first call counts.
        func end() {
            let isFirst = self.isOver.withLock { isOver in
                defer { isOver = true }
                return !isOver
            }
            if isFirst { self.checks.release() }
        }
    }

    private let state: Mutex<State>

    init(limit: Int) { self.state = Mutex(State(free: max(1, limit))) }

    /// The number of waiting logins.
    var waiting: Int { self.state.withLock { $0.waiting.count } }

    /// Waits for a turn.
    ///
    /// - Throws: `CancellationError` if the task is cancelled before there is one.
    func turn() async throws -> Turn {
        let place = self.state.withLock { state -> AsyncPromise<Bool>? in
            guard state.free == 0 else {
                state.free -= 1
                return nil
            }
            let place = AsyncPromise<Bool>()
            state.waiting.append(place)
            return place
        }
        guard let place else { return Turn(self) }
        do {
            _ = try await place.value()
            return Turn(self)
        } catch {
            let wasGiven = self.state.withLock { state in
                guard let index = state.waiting.firstIndex(where: { $0 === place }) else { return true }
                state.waiting.remove(at: index)
                return false
            }
            if wasGiven { self.release() }
            throw error
        }
    }

    private func release() {
        let next = self.state.withLock { state -> AsyncPromise<Bool>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.succeed(true)
    }
}

/// A session whose password PostgreSQL checks: its turn ends when the login is accepted or rejected.
struct PasswordSession: GatewaySession {
    let turn: PasswordChecks.Turn
    let session: ComputeSession

    func opened(_ info: GatewaySessionInfo) {
        self.turn.end()
        self.session.opened(info)
    }

    func activity() { self.session.activity() }

    func closed() {
        self.turn.end()
        self.session.closed()
    }
}
