//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Synchronization

/// The open connections on which no valid credential was presented.
///
/// There is room for so many; the next one takes the place of the oldest. So a client that holds all of them cannot
/// keep out a client that presents a credential or is quick.
final class ConnectionBook: Sendable {
    private struct Strangers: Sendable {
        var channels: [ObjectIdentifier: (number: Int, channel: any Channel)] = [:]
        var last = 0
    }

    private let limit: Int
    private let strangers = Mutex(Strangers())

    init(limit: Int) { self.limit = limit }

    /// The number of these connections.
    var count: Int { self.strangers.withLock { $0.channels.count } }

    func opened(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        let oldest = self.strangers.withLock { strangers -> (any Channel)? in
            strangers.last += 1
            strangers.channels[key] = (strangers.last, channel)
            guard strangers.channels.count > self.limit,
                let first = strangers.channels.min(by: { $0.value.number < $1.value.number })
            else { return nil }
            strangers.channels[first.key] = nil
            return first.value.channel
        }
        channel.closeFuture.whenComplete { _ in self.forget(key) }
        // The first is for TLS, whose farewell would keep the place until it is answered.
        oldest?.triggerUserOutboundEvent(AbortEvent(), promise: nil)
        oldest?.close(promise: nil)
    }

    /// Records that a client has presented a valid credential.
    func vouched(for channel: any Channel) { self.forget(ObjectIdentifier(channel)) }

    private func forget(_ key: ObjectIdentifier) { self.strangers.withLock { $0.channels[key] = nil } }
}
