//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import ExactText

/// The receivers of a session's notifications, by channel.
struct NotificationListeners {
    typealias Continuation = AsyncThrowingStream<PQNotification, any Error>.Continuation

    private var channels: [ExactText: [UInt64: Continuation]] = [:]
    private var lastID: UInt64 = 0
    /// Receives every notification, besides the listeners of its channel.
    var observer: (@Sendable (PQNotification) -> Void)?

    var isEmpty: Bool { self.channels.isEmpty }

    func has(_ channel: String) -> Bool { self.channels[ExactText(channel)] != nil }

    /// A number for a new listener.
    mutating func makeID() -> UInt64 {
        self.lastID += 1
        return self.lastID
    }

    mutating func add(_ id: UInt64, to channel: String, _ continuation: Continuation) {
        self.channels[ExactText(channel), default: [:]][id] = continuation
    }

    mutating func remove(_ id: UInt64, from channel: String) {
        let channel = ExactText(channel)
        self.channels[channel]?[id] = nil
        if self.channels[channel]?.isEmpty == true { self.channels[channel] = nil }
    }

    mutating func deliver(_ raw: PGnotify) {
        guard !self.channels.isEmpty || self.observer != nil else { return }
        guard let notification = PQNotification(raw) else {
            // Which channel it is for cannot be told.
            self.endAll(Self.notUTF8)
            return
        }
        self.observer?(notification)
        let channel = ExactText(notification.channel)
        for (id, continuation) in self.channels[channel] ?? [:] {
            switch continuation.yield(notification) {
            case .dropped:
                continuation.finish(throwing: Self.overflow(notification.channel))
                self.remove(id, from: notification.channel)
            case .terminated: self.remove(id, from: notification.channel)
            case .enqueued: continue
            @unknown default: continue
            }
        }
    }

    /// Ends all listeners with an error.
    mutating func endAll(_ reason: PQError) {
        guard !self.channels.isEmpty else { return }
        let channels = self.channels
        self.channels.removeAll()
        for listener in channels.values.flatMap(\.values) { listener.finish(throwing: reason) }
    }

    static var wasReset: PQError {
        PQError(.connectionClosed, "the session was reset, which ends all listening; listen again")
    }

    private static var notUTF8: PQError {
        PQError(
            .decodingFailed,
            "a notification is not UTF-8, since the session's client_encoding was changed; run RESET client_encoding")
    }

    private static func overflow(_ channel: String) -> PQError {
        PQError(
            .notificationsLost,
            "the listener of \"\(channel)\" was too slow for its buffer and missed notifications; "
                + "read faster, or listen with a larger bufferLimit")
    }
}
