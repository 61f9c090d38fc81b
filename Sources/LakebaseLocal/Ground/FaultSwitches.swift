//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// Faults a test can switch on while a local Lakebase runs.
package final class FaultSwitches: Sendable {
    /// What the workspace's token and credential calls do instead of answering.
    package enum TokenFault: Sendable, Equatable {
        /// 503 with this many seconds of `Retry-After`.
        case unavailable(retryAfter: Int)
        /// An answer with this status and no help.
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

    /// What `POST /oidc/v1/token` does instead of answering.
    package var oauth: TokenFault? {
        get { self.state.withLock { $0.oauth } }
        set { self.state.withLock { $0.oauth = newValue } }
    }

    /// What both credential calls do instead of answering.
    package var credentials: TokenFault? {
        get { self.state.withLock { $0.credentials } }
        set { self.state.withLock { $0.credentials = newValue } }
    }

    /// How long every token and credential call takes longer.
    package var delay: Duration {
        get { self.state.withLock { $0.delay } }
        set { self.state.withLock { $0.delay = newValue } }
    }
}
