//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The reason why a wait for a socket ended.
enum SocketWake: Sendable {
    case ready
    case timedOut
    case cancelled
}

/// A socket of a loop: at most one waiter, and a handler for bytes that arrive when none waits.
///
/// Confined to the loop's thread, like everything it refers to.
final class SocketSource {
    /// The loop's token for the socket; nil while it is not watched.
    var token: SocketTable.Token?
    var descriptor: Int32 = -1
    /// Whether the loop does not watch it for the time being.
    var isSilenced = false
    var waiter: UnsafeContinuation<SocketWake, Never>?
    /// Identifies the wait, or series of waits, for which a deadline or a cancellation was set.
    var ticket: UInt64 = 0
    var cancelledTicket: UInt64?
    /// When the series of waits of a ticket ends; of several deadlines of one series the latest that was set counts.
    var deadline: (instant: ContinuousClock.Instant, ticket: UInt64)?
    /// When the current series of waits is cancelled, as if its task were.
    var cancelsAt: ContinuousClock.Instant?
    /// Whether ``cancelsAt`` has come.
    var wasCancelledByTime = false
    /// The earliest entry of this socket among the loop's deadlines.
    var armed: ContinuousClock.Instant?
    /// Whether its end was found between two waits of a statement: the next one ends at once, to find it too.
    var isLost = false
    /// Whether the loop treats it as readable in its next turn, whatever the system says.
    var isRevisited = false
    var onUnawaitedReadiness: () -> Void = {}
    /// Whether ``onUnawaitedReadiness`` is also called when the socket can be written.
    var reportsWritable = false

    /// Begins a wait, or a series of waits; deadlines and cancellations of earlier ones become void.
    func beginWaits() {
        self.ticket &+= 1
        self.cancelledTicket = nil
    }
}
