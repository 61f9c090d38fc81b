//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Observes one session.
///
/// All calls come from the session's event loop, so none of them may block. The order is: at most one
/// ``opened(_:)``, any number of ``activity()``, exactly one ``closed()``. A session whose login at
/// the upstream fails is closed without having been opened.
public protocol GatewaySession: Sendable {
    /// The upstream is ready for queries, and the relay begins.
    func opened(_ info: GatewaySessionInfo)

    /// Bytes were relayed, in either direction.
    ///
    /// Called at the first byte after a pause and then at most about every 100 ms, never by a timer.
    func activity()

    /// The session is over.
    func closed()
}

extension GatewaySession {
    /// Does nothing.
    public func opened(_ info: GatewaySessionInfo) {}

    /// Does nothing.
    public func activity() {}
}

/// An observer that ignores all events.
public struct SilentGatewaySession: GatewaySession {
    /// Makes one.
    public init() {}

    /// Does nothing.
    public func closed() {}
}

/// A session's identity and connection, for logs and administration.
public struct GatewaySessionInfo: Sendable, Hashable, Identifiable {
    /// A number that is unique among the sessions of this gateway.
    public var id: UInt64

    /// The role the client asked for.
    public var user: String

    /// The database the client asked for.
    public var database: String

    /// The role at the upstream.
    public var upstreamUser: String

    /// The database at the upstream.
    public var upstreamDatabase: String

    /// The upstream's address in one word.
    public var upstream: String

    /// The upstream's process id, which the client also gets; 0 until the session is open.
    public var processID: Int32

    /// The name the client asked for in its TLS hello, if any.
    public var serverName: String?

    /// The address the client connected to.
    public var localAddress: GatewayAddress

    /// The address the client came from.
    public var remoteAddress: GatewayAddress

    /// Whether the client's side is encrypted.
    public var isTLS: Bool

    /// Whether the login at the upstream is complete.
    public var isOpen: Bool
}
