//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore
import NIOSSL

/// The shell around ``ConnectionMachine``: passes it events and performs its actions.
///
/// Lives on its event loop only. An event that comes while actions are performed waits until they are done.
final class Connection {
    typealias Machine = ConnectionMachine<UpstreamLink>

    let core: GatewayCore
    let client: any Channel
    let eventLoop: any EventLoop
    let clock: LoopClock
    let id: UInt64
    var logger: Logger
    private var machine: Machine
    private var events = CircularBuffer<Machine.Event>(initialCapacity: 2)
    private var isPerforming = false

    /// The events that arrived before the client's socket was writable; `nil` from then on.
    private var early: [Machine.Event]? = []

    /// Whether a read of the client is being held back.
    private var isClientReadPending = false
    private var deadline: Scheduled<Void>?

    private init(core: GatewayCore, client: any Channel, clock: LoopClock, id: UInt64, isFull: Bool) {
        self.core = core
        self.client = client
        self.eventLoop = client.eventLoop
        self.clock = clock
        self.id = id
        self.logger = core.logger
        self.logger[metadataKey: "gateway.connection"] = "\(id)"
        let configuration = core.configuration
        self.machine = Machine(
            facts: Machine.Facts(
                id: id,
                localAddress: GatewayAddress(client.localAddress),
                remoteAddress: GatewayAddress(client.remoteAddress),
                upstreamTimeout: configuration.upstreamTimeout
            ),
            rules: ClientLogin.Rules(
                offersTLS: core.tls != nil,
                requiresTLS: configuration.requireTLS,
                maximumStartupLength: configuration.maximumStartupLength,
                maximumPasswordLength: configuration.maximumPasswordLength,
                isFull: isFull
            )
        )
    }

    /// Registers a new connection and starts its login; `nil` if there is no room.
    static func admit(_ client: any Channel, to core: GatewayCore) -> Connection? {
        let clock = core.clock(of: client.eventLoop)
        var connection: Connection?
        core.admit { id, isFull in
            let admitted = Connection(core: core, client: client, clock: clock, id: id, isFull: isFull)
            connection = admitted
            return ConnectionHandle(
                eventLoop: client.eventLoop,
                connection: NIOLoopBound(admitted, eventLoop: client.eventLoop)
            )
        }
        connection?.start()
        return connection
    }

    private func start() {
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.client.closeFuture.whenComplete { _ in bound.value.closedUnlessActive() }
        self.logger.debug(
            "client connected",
            metadata: [
                "gateway.remote": "\(self.machine.facts.remoteAddress)",
                "gateway.local": "\(self.machine.facts.localAddress)",
            ]
        )
        self.setDeadline(.login)
    }

    /// Passes an event to the machine and performs the resulting actions.
    func handle(_ event: Machine.Event) {
        self.events.append(event)
        guard !self.isPerforming else { return }
        self.isPerforming = true
        defer { self.isPerforming = false }
        while let event = self.events.popFirst() {
            for action in self.machine.handle(event) { self.perform(action) }
        }
    }

    /// Handles an event at once, or as soon as the client's socket is writable.
    ///
    /// A connection is counted in before its event loop has registered its socket, and another thread may ask it to end
    /// meanwhile: what is written then is lost.
    func handleWhenActive(_ event: Machine.Event) {
        if self.early == nil { self.handle(event) } else { self.early?.append(event) }
    }

    /// Handles the client's socket becoming writable.
    func activate() {
        let early = self.early ?? []
        self.early = nil
        for event in early { self.handle(event) }
    }

    /// Handles a client's socket that closed before it was registered, so that no handler was notified.
    private func closedUnlessActive() {
        if self.early != nil { self.handle(.clientClosed(reason: "the client's connection is closed")) }
    }

    func clientFailed(_ error: any Error) {
        // The peer hung up without TLS's goodbye, which says nothing new: the end of input follows.
        if case .uncleanShutdown? = error as? NIOSSLError { return }
        self.handle(.clientClosed(reason: "the client's connection failed: \(error)"))
    }

    func upstreamFailed(_ error: any Error) {
        if case .uncleanShutdown? = error as? NIOSSLError { return }
        self.handle(.upstreamFailed(error))
    }

    /// Sets the deadline of the current phase; it replaces the previous one.
    func setDeadline(_ deadline: Machine.Deadline) {
        let configuration = self.core.configuration
        let duration: Duration =
            switch deadline {
            case .login: configuration.loginTimeout
            case .upstream: configuration.upstreamTimeout
            case .grace: configuration.shutdownGrace
            case .flush: .seconds(30)
            case .drain: .seconds(1)
            case .stop: min(.seconds(1), configuration.shutdownGrace)
            }
        self.deadline?.cancel()
        self.deadline = self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) { [weak self] in
            self?.handle(.deadlineReached(deadline))
        }
    }

    func cancelDeadline() {
        self.deadline?.cancel()
        self.deadline = nil
    }

    /// Whether the client may be read from now; if not, ``resumeClientReads()`` reads later.
    func permitsClientRead() -> Bool {
        if self.machine.wantsClientBytes { return true }
        self.isClientReadPending = true
        return false
    }

    /// Performs the client's read that was held back.
    func resumeClientReads() {
        guard self.isClientReadPending else { return }
        self.isClientReadPending = false
        self.client.read()
    }
}

extension GatewayAddress {
    init(_ address: SocketAddress?) {
        switch address {
        case .v4, .v6: self.init(host: address?.ipAddress ?? "", port: address?.port ?? 0)
        case .unixDomainSocket: self.init(host: address?.pathname ?? "", port: 0)
        case nil: self.init(host: "", port: 0)
        }
    }
}
