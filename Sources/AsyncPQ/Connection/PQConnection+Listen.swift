//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Logging

extension PQConnection {
    /// Listens to a channel.
    ///
    /// ```swift
    /// for try await notification in try await connection.listen("jobs") { print(notification.payload) }
    /// ```
    ///
    /// Notifications sent from now on are received. Any number of channels can be listened to, and a channel any number
    /// of times; meanwhile the connection runs queries as usual. A notification arrives when its sender's transaction is
    /// committed and this session is in none.
    ///
    /// - Parameter channel: The channel's name as it is, without quotes: `Jobs` is not `jobs`.
    /// - Parameter bufferLimit: How many notifications may wait for the loop, before it ends with an error.
    /// - Throws: ``PQError``, also in a transaction, whose rollback would end the listening; `CancellationError`.
    public func listen(_ channel: String, bufferLimit: Int = 1024) async throws -> PQNotifications {
        try PQNotification.check(channel: channel)
        let (stream, continuation) = AsyncThrowingStream.makeStream(
            of: PQNotification.self, bufferingPolicy: .bufferingOldest(max(1, bufferLimit)))
        try await self.withTurn { handle in
            guard PQtransactionStatus(handle) == PQTRANS_IDLE else {
                throw PQError(.unsupported, "a transaction is open: listen before it begins or after it has ended")
            }
            if !self.session.listeners.has(channel) {
                _ = try await self.run("LISTEN \(PQQuery.quoteIdentifier(channel))", deadline: nil)
            }
            let id = self.session.listeners.makeID()
            self.session.listeners.add(id, to: channel, continuation)
            // The end of a lease ends it.
            if self.isLeased { self.session.leftBehind.insert(.observers) }
            continuation.onTermination = { _ in
                // The handler may run on any thread, and only a task gets from there to the actor.
                Task { await self.endListening(id, to: channel) }
            }
        }
        return PQNotifications(stream: stream)
    }

    private func endListening(_ id: UInt64, to channel: String) async {
        let wasListening = self.session.listeners.has(channel)
        self.session.listeners.remove(id, from: channel)
        guard wasListening, !self.session.listeners.has(channel), self.handle != nil else { return }
        do {
            try await self.withTurn { _ in
                // A listener may have come meanwhile.
                guard !self.session.listeners.has(channel) else { return }
                _ = try await self.run("UNLISTEN \(PQQuery.quoteIdentifier(channel))", deadline: nil)
            }
        } catch {
            // Further notifications are dropped as they arrive.
            self.logger.debug("A channel is still listened to", metadata: ["error": "\(error)"])
        }
    }

    /// Calls `observer` on the loop for every notification, whatever the channel.
    package func observeNotifications(_ observer: @escaping @Sendable (PQNotification) -> Void) {
        self.session.listeners.observer = observer
    }
}
