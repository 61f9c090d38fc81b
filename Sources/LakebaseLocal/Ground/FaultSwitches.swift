//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// Faults that a test can switch on while a local Lakebase runs.
package final class FaultSwitches: Sendable {
    /// The behaviour of the workspace's token and credential calls instead of answering.
    package enum TokenFault: Sendable, Equatable {
        /// 503 with this many seconds of `Retry-After`.
        case unavailable(retryAfter: Int)
        /// An answer with this status and no explanation.
        case status(Int)
        /// The connection is closed without an answer.
        case disconnect
    }

    private struct State {
        var oauth: TokenFault?
        var credentials: TokenFault?
        var delay: Duration = .zero
    }
    private let state = Mutex(State())

    package init() {}

    /// The fault of `POST /oidc/v1/token`.
    package var oauth: TokenFault? {
        get { self.state.withLock { $0.oauth } }
        set { self.state.withLock { $0.oauth = newValue } }
    }

    /// The fault of both credential calls.
    package var credentials: TokenFault? {
        get { self.state.withLock { $0.credentials } }
        set { self.state.withLock { $0.credentials = newValue } }
    }

    /// The extra delay of every token and credential call.
    package var delay: Duration {
        get { self.state.withLock { $0.delay } }
        set { self.state.withLock { $0.delay = newValue } }
    }
}
