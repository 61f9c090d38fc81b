//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOConcurrencyHelpers
import NIOCore
import NIOSSL

/// The destination of a cancel request for a session.
struct CancelTarget: Sendable {
    var upstream: ResolvedUpstream
    var key: CancelKey
}

/// The keys that the gateway gave to clients, and the upstream keys that they stand for.
///
/// The keys are the gateway's own, so that no client sees an upstream's key. A key is valid as long as its session. A
/// thin shell around ``CancelSchedule``.
final class CancelRegistry: Sendable {
    /// The callbacks of a request.
    struct Request: Sendable {
        /// Sends the request to the upstream, and calls the closure when it has been delivered or has failed.
        var send: @Sendable (CancelTarget, @escaping @Sendable () -> Void) -> Void

        /// Called when the request is over: sent, merged with another one for the session, or no longer needed.
        var done: @Sendable () -> Void
    }

    private struct State {
        var schedule: CancelSchedule
        var requests: [CancelSchedule.Ticket: Request] = [:]
        var lastTicket: CancelSchedule.Ticket = 0
    }

    private let state: NIOLockedValueBox<State>

    init(maximumConcurrency: Int, patience: TimeAmount) {
        let schedule = CancelSchedule(maximumConcurrency: maximumConcurrency, patience: patience)
        self.state = NIOLockedValueBox(State(schedule: schedule))
    }

    /// Creates a key with the upstream's process id and a random secret.
    func register(_ target: CancelTarget) -> CancelKey {
        var generator = SystemRandomNumberGenerator()
        return self.state.withLockedValue { $0.schedule.register(target, using: &generator) }
    }

    /// Forgets a key at the end of its session.
    func remove(_ key: CancelKey) {
        self.complete(
            self.state.withLockedValue { state in
                state.schedule.remove(key).compactMap { state.requests.removeValue(forKey: $0) }
            }
        )
    }

    /// Sends a request with a key that a client presents to its session, at once or when there is room.
    ///
    /// - Returns: `false` if no session has this key; neither closure is then called.
    func request(_ key: CancelKey, _ request: Request) -> Bool {
        let answer = self.state.withLockedValue { state in
            state.lastTicket += 1
            let answer = state.schedule.request(key, ticket: state.lastTicket, now: .now())
            switch answer {
            case .unknown: break
            case .run, .waits: state.requests[state.lastTicket] = request
            }
            return answer
        }
        switch answer {
        case .unknown: return false
        case .waits: return true
        case .run(let run):
            self.start(run)
            return true
        }
    }

    /// How many keys there are.
    var count: Int { self.state.withLockedValue { $0.schedule.count } }

    private func start(_ run: CancelSchedule.Run) {
        let requests = self.state.withLockedValue { state in run.tickets.compactMap { state.requests[$0] } }
        guard let first = requests.first else { return self.finish(run) }
        first.send(run.target) { self.finish(run) }
    }

    private func finish(_ run: CancelSchedule.Run) {
        let (runs, completed) = self.state.withLockedValue { state in
            let sequel = state.schedule.finish(run, now: .now())
            let over = run.tickets + sequel.dropped
            return (sequel.runs, over.compactMap { state.requests.removeValue(forKey: $0) })
        }
        self.complete(completed)
        for run in runs { self.start(run) }
    }

    private func complete(_ requests: [Request]) {
        for request in requests { request.done() }
    }
}
