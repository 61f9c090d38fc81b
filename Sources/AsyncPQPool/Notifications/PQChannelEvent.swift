//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ

/// An event of a channel that a client listens to.
public enum PQChannelEvent: Sendable, Hashable {
    /// A notification was received.
    case notification(PQNotification)
    /// Notifications may have been missed: the connection was lost and the channel is listened to again, or the loop was
    /// too slow for its buffer.
    ///
    /// Whatever the notifications keep up to date is to be read again. What changes from now on is notified.
    case interrupted
}
