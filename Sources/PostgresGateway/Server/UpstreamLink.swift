//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// An open connection to the upstream with both sides of the relay, which starts when the login there is complete.
final class UpstreamLink {
    let channel: any Channel
    let clientSide: RelayHandler
    let upstreamSide: RelayHandler
    let activity: SessionActivity

    init(_ channel: any Channel, _ upstream: ResolvedUpstream, isClientTLS: Bool, of connection: Connection) {
        self.channel = channel
        self.activity = SessionActivity(upstream.upstream.session, clock: connection.clock)
        self.clientSide = RelayHandler(
            side: .client,
            isTLS: isClientTLS,
            connection: connection,
            activity: self.activity,
            screen: upstream.upstream.judge.map { CommandScreen($0) }
        )
        self.upstreamSide = RelayHandler(
            side: .upstream,
            isTLS: upstream.tls != nil,
            connection: connection,
            activity: self.activity,
            screen: nil
        )
        self.clientSide.partner = self.upstreamSide
        self.upstreamSide.partner = self.clientSide
    }

    /// Ends the relay and closes the connection to the upstream.
    func close() {
        self.clientSide.partner = nil
        self.upstreamSide.partner = nil
        self.channel.closeWithoutTLSGoodbye()
        // What the client still sends is read and dropped.
        self.clientSide.resumeReading()
    }
}

/// Reports to a session that bytes are relayed, at most once for each tick of the event loop's clock.
final class SessionActivity {
    private let session: any GatewaySession
    private let clock: LoopClock
    private var lastTick: UInt64 = 0

    init(_ session: any GatewaySession, clock: LoopClock) {
        self.session = session
        self.clock = clock
    }

    /// Reports that the session is open.
    func begin(_ info: GatewaySessionInfo) {
        self.lastTick = self.clock.now()
        self.session.opened(info)
        self.session.activity()
    }

    /// Reports that bytes were relayed.
    func touch() {
        let tick = self.clock.now()
        guard tick != self.lastTick else { return }
        self.lastTick = tick
        self.session.activity()
    }
}
