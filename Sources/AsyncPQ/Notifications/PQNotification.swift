//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// A notification of the server, as sent by NOTIFY.
public struct PQNotification: Sendable, Hashable {
    /// The channel.
    public var channel: String
    /// The payload; empty when there is none.
    public var payload: String
    /// The server process of the session that sent it.
    public var processID: Int32

    /// Creates a notification.
    public init(channel: String, payload: String, processID: Int32) {
        self.channel = channel
        self.payload = payload
        self.processID = processID
    }

    /// nil when the texts are not UTF-8.
    init?(_ notification: PGnotify) {
        guard let channel = notification.relname.flatMap({ String(validatingCString: $0) }),
            let payload = notification.extra.flatMap({ String(validatingCString: $0) })
        else { return nil }
        self.init(channel: channel, payload: payload, processID: notification.be_pid)
    }

    /// Refuses a name that LISTEN would cut off or not accept.
    package static func check(channel: String) throws(PQError) {
        let length = channel.utf8.count
        guard (1...63).contains(length), !channel.utf8.contains(0) else {
            throw PQError(
                .unsupported,
                "the name of a channel must have 1 to 63 bytes and no NUL character; this one has \(length) bytes")
        }
    }
}
