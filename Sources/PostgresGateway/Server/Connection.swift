//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore

/// One client's connection from accept to close, upstream included.
///
/// Lives on its event loop only. The state machines decide, this class does what they say, and the channel handlers hand
/// it events.
final class Connection {
    /// Where the connection is; it only moves downwards.
    enum Phase {
        /// The client talks to ``ClientLogin``.
        case login

        /// A cancel request is on its way to the upstream.
        case cancelling

        /// The policy thinks.
        case deciding

        /// ``UpstreamLogin`` talks to the upstream.
        case connecting

        /// Bytes flow.
        case relaying

        /// The client has been told goodbye and gets a moment to read it.
        case ending
        case closed
    }

    let core: GatewayCore
    let client: any Channel
    let eventLoop: any EventLoop
    let clock: LoopClock
    var id: UInt64 = 0
    var logger: Logger
    var phase = Phase.login
    var login: ClientLogin

    /// The name from the TLS hello.
    var serverName: String?
    var isTLS = false

    /// What was asked of it before its socket could be written to; `nil` from then on.
    private var postponed: [(Connection) -> Void]? = []

    /// Set while the client's read was held back.
    var isClientReadPending = false
    var deadline: Scheduled<Void>?

    // What the login leads to.
    var goneSink: AsyncStream<Never>.Continuation?
    var startup: StartupMessage?
    var session: (any GatewaySession)?
    var info: GatewaySessionInfo?
    var target: ResolvedUpstream?
    var upstream: (any Channel)?
    var upstreamLogin: UpstreamLogin?
    var clientKey: CancelKey?

    // What the relay needs.
    var screen: CommandScreen?
    var clientRelay: RelayHandler?
    var upstreamRelay: RelayHandler?
    var lastTick: UInt64 = 0
    var isTerminating = false

    // How the end goes.
    var isOutputDone = false
    var isInputDone = false
    var drainedBytes = 0

    init(core: GatewayCore, client: any Channel) {
        self.core = core
        self.client = client
        self.eventLoop = client.eventLoop
        self.clock = core.clock(of: client.eventLoop)
        self.logger = core.logger
        let configuration = core.configuration
        self.login = ClientLogin(
            rules: ClientLogin.Rules(
                offersTLS: core.tls != nil,
                requiresTLS: configuration.requireTLS,
                maximumStartupLength: configuration.maximumStartupLength,
                maximumPasswordLength: configuration.maximumPasswordLength,
                isFull: false
            )
        )
    }

    /// Whether bytes from the client are wanted at the moment.
    var wantsClientBytes: Bool {
        switch self.phase {
        case .login, .cancelling, .relaying, .ending: true
        case .deciding, .connecting, .closed: false
        }
    }

    /// Counts the connection in and starts the login; `false` if there is no room.
    func start() -> Bool {
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let admission = self.core.admit { _ in
            ConnectionHandle(eventLoop: bound.eventLoop, connection: bound)
        }
        guard case .admitted(let id, let isFull) = admission else { return false }
        self.id = id
        self.login.setFull(isFull)
        self.client.closeFuture.whenComplete { _ in bound.value.closedUnlessActive() }
        self.logger[metadataKey: "gateway.connection"] = "\(id)"
        self.logger.debug(
            "client connected",
            metadata: ["gateway.remote": "\(self.remoteAddress)", "gateway.local": "\(self.localAddress)"]
        )
        self.setDeadline(self.core.configuration.loginTimeout) { connection in
            connection.perform(connection.login.deadlineReached())
            if case .cancelling = connection.phase { connection.closeNow("the cancel request took too long") }
        }
        return true
    }

    /// Does something at once, or as soon as the client can be told of it.
    ///
    /// A connection is counted in before its event loop has registered its socket, and another thread may ask it to go
    /// meanwhile: what is written then is lost.
    func whenActive(_ body: @escaping (Connection) -> Void) {
        if self.postponed == nil { body(self) } else { self.postponed?.append(body) }
    }

    /// The client's socket can be written to.
    func activate() {
        let postponed = self.postponed ?? []
        self.postponed = nil
        for body in postponed { body(self) }
    }

    /// The client's socket is closed; where it never could be registered, no handler has heard of that.
    private func closedUnlessActive() {
        if self.postponed != nil { self.clientClosed() }
    }

    var localAddress: GatewayAddress { GatewayAddress(self.client.localAddress) }
    var remoteAddress: GatewayAddress { GatewayAddress(self.client.remoteAddress) }

    /// Runs `body` after a while unless another deadline is set first.
    func setDeadline(_ duration: Duration, _ body: @escaping (Connection) -> Void) {
        self.deadline?.cancel()
        self.deadline = self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) { [weak self] in
            guard let self else { return }
            body(self)
        }
    }

    func cancelDeadline() {
        self.deadline?.cancel()
        self.deadline = nil
    }

    /// Lets the client's read through that was held back.
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
