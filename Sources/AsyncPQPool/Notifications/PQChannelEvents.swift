//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The events of a channel, in the order in which the server sent its notifications.
///
/// A loop over it goes on across lost connections, and gets ``PQChannelEvent/interrupted`` when the channel is listened to
/// again. It ends when its task is cancelled, and when the client shuts down. One task can loop over it, once. The channel
/// is no longer listened to when its last loop has ended.
public struct PQChannelEvents: AsyncSequence, Sendable {
    /// An event.
    public typealias Element = PQChannelEvent

    let registration: ChannelRegistration

    /// A loop over the events.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(registration: self.registration) }

    /// Waits for the events one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let registration: ChannelRegistration

        /// The next event; nil at the end.
        public mutating func next() async throws -> PQChannelEvent? { try await self.registration.buffer.next() }
    }
}

/// Ends the listening of one listener when its sequence and loop are released.
final class ChannelRegistration: Sendable {
    let buffer: ChannelBuffer
    private let onEnd: @Sendable () -> Void

    init(_ buffer: ChannelBuffer, onEnd: @escaping @Sendable () -> Void) {
        self.buffer = buffer
        self.onEnd = onEnd
    }

    deinit {
        self.buffer.end()
        self.onEnd()
    }
}
