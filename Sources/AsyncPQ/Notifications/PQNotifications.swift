//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The notifications of a channel, in the order in which the server sent them.
///
/// They are buffered between two steps of the loop, at most as many as ``PQConnection/listen(_:bufferLimit:)`` was given.
/// When there would be more, the loop gets those in the buffer and then ends with a ``PQError`` of code
/// ``PQError/Code/notificationsLost``. It ends with an error as well when the connection closes or its session is reset,
/// and without one when its task is cancelled. One task can loop over it, once.
///
/// The channel is no longer listened to when its last loop has ended.
public struct PQNotifications: AsyncSequence, Sendable {
    /// A notification.
    public typealias Element = PQNotification

    let stream: AsyncThrowingStream<PQNotification, any Error>

    /// A loop over the notifications.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self.stream.makeAsyncIterator()) }

    /// Waits for the notifications one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var stream: AsyncThrowingStream<PQNotification, any Error>.Iterator

        /// The next notification; nil when the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> PQNotification? {
            try await self.stream.next(isolation: actor)
        }

        /// The next notification; nil when the task is cancelled.
        public nonisolated(nonsending) mutating func next() async throws -> PQNotification? {
            try await self.stream.next(isolation: #isolation)
        }
    }
}

@available(*, unavailable)
extension PQNotifications.AsyncIterator: Sendable {}
