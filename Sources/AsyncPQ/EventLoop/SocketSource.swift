//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Why a wait for a socket ended.
enum SocketWake: Sendable {
    case ready
    case timedOut
    case cancelled
}

/// A socket as its loop sees it: at most one waiter, and a handler for bytes that arrive when none waits.
///
/// Confined to the loop's thread, like everything it refers to.
final class SocketSource {
    /// What the loop knows it by; nil while it is not watched.
    var token: SocketTable.Token?
    var descriptor: Int32 = -1
    var waiter: UnsafeContinuation<SocketWake, Never>?
    /// Which wait, or series of waits, a deadline or a cancellation was meant for.
    var ticket: UInt64 = 0
    var cancelledTicket: UInt64?
    var onUnawaitedReadiness: () -> Void = {}

    /// Begins a wait, or a series of them: what was meant for earlier ones is void.
    func beginWaits() {
        self.ticket &+= 1
        self.cancelledTicket = nil
    }
}
