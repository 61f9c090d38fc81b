//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Secrets

/// One client's connection, from accept to close, as a value: an event in, actions out.
///
/// It has no clock and does no I/O; ``Connection`` performs the actions. `Link` stands for an open connection to the
/// upstream. Every event is answered in every phase. An event that cannot happen in a phase closes the connection, and
/// what the event brought with it (a session, a connection, a cancel key) is released, so that a mistake costs one
/// session and nothing more.
struct ConnectionMachine<Link> {
    /// The phase of the connection, with the values that are valid only in it; phases only move downwards.
    enum Phase {
        /// The client sends its startup packet and its password.
        case login(ClientSide)

        /// The client's cancel request is being delivered to the upstream.
        case cancelling(Cancelling)

        /// The policy decides about the login.
        case deciding(Deciding)

        /// The gateway connects and logs in at the upstream.
        case connecting(Connecting)

        /// Bytes are relayed in both directions.
        case relaying(Relaying)

        /// The client has been sent its last bytes and has time to read them.
        case ending(Ending)
        case closed
    }

    /// The client's part of the login.
    struct ClientSide {
        /// Reads the bytes of the client; after the password it buffers them.
        var login: ClientLogin

        /// The name from the client's TLS hello.
        var serverName: String?
        var isTLS = false
    }

    struct Cancelling {
        let isTLS: Bool
        var isInputDone = false
    }

    struct Deciding {
        var client: ClientSide
        let startup: StartupMessage

        /// Tells the policy's task that the client has left.
        let departure: AsyncStream<Never>.Continuation
    }

    struct Connecting {
        var client: ClientSide
        let upstream: ResolvedUpstream
        var login: UpstreamLogin
        var info: GatewaySessionInfo
        var connection = UpstreamConnection.opening
    }

    /// The connection to the upstream while the gateway logs in there.
    enum UpstreamConnection {
        case opening
        case open(Link, ClientKey)
    }

    /// The cancel key for the client.
    enum ClientKey {
        case none

        /// ``Event/keyGiven(_:isRegistered:)`` comes next, followed by these steps of the login.
        case awaited(then: [UpstreamLogin.Action])

        /// The key; `nil` if the client's key cancels nothing.
        case given(CancelKey?)
    }

    struct Relaying {
        let link: Link
        let session: any GatewaySession
        let key: CancelKey?
        var isInputDone = false
        var isTerminating = false
    }

    struct Ending {
        var isInputDone: Bool
        var isOutputDone = false
        var drainedBytes = 0
    }

    /// The subject of a deadline.
    enum Deadline: Hashable, CaseIterable {
        /// The client's part of the login, and the delivery of a cancel request.
        case login

        /// Connecting and logging in at the upstream.
        case upstream

        /// The end of a session that was told to end.
        case grace

        /// The client's reading of its last bytes.
        case flush

        /// The wait for the client to close the connection after its last bytes.
        case drain

        /// The end of a connection that was ending already when the gateway stopped.
        case stop
    }

    enum Event {
        case clientSent(ByteBuffer)
        case clientNamedServer(String)
        case clientTLSEstablished(negotiatedProtocol: String?)

        /// The client will send nothing more.
        case clientInputClosed

        /// The client's connection is closed or cannot be used.
        case clientClosed(reason: String)

        /// The client's last bytes have been passed to the system, and the sending direction is closed.
        case clientOutputDone
        case deadlineReached(Deadline)

        /// The connection has to make room for another one.
        case evicted

        /// The session, or the whole gateway, has to end.
        case terminated
        case decided(Result<ResolvedUpstream, LoginRejection>)
        case upstreamConnected(Link)
        case upstreamSent(ByteBuffer)

        /// TLS to the upstream is set up and its certificate has been checked.
        case upstreamTLSEstablished
        case upstreamInputClosed
        case upstreamFailed(any Error)

        /// The key for the client; `isRegistered` says whether a cancel request with it reaches the upstream.
        case keyGiven(CancelKey, isRegistered: Bool)

        /// A command of the client is not allowed in its session.
        case commandRejected(LoginRejection)

        /// The client's cancel request has been delivered, or could not be.
        case cancelFinished
    }

    enum Action {
        /// Write, and flush with what follows.
        case writeToClient(ByteBuffer)

        /// Write and flush.
        case sendToClient(ByteBuffer)
        case tellRejection(LoginRejection)
        case startClientTLS(ClientLogin.TLSOpening)

        /// Ask the policy; `departure` ends when the client leaves. ``Event/decided(_:)`` follows.
        case decide(StartupMessage, password: Secret, ClientSide, departure: AsyncStream<Never>)
        case abandonDecision(AsyncStream<Never>.Continuation)

        /// Deliver the client's cancel request; ``Event/cancelFinished`` follows.
        case deliverCancel(CancelKey)

        /// Connect; ``Event/upstreamConnected(_:)`` or ``Event/upstreamFailed(_:)`` follows.
        case connect(ResolvedUpstream, GatewaySessionInfo)
        case sendToUpstream(Link, ByteBuffer)
        case startUpstreamTLS(Link, ResolvedUpstream)

        /// Create a key that stands for the upstream's, if it has one; ``Event/keyGiven(_:isRegistered:)`` follows.
        case giveKey(CancelKey?, ResolvedUpstream)
        case tellKey(CancelKey)
        case forgetKey(CancelKey)

        /// Relay from now on: first what the upstream, then what the client has sent already.
        case startRelay(Link, GatewaySessionInfo, upstreamBytes: ByteBuffer, clientBytes: ByteBuffer)

        /// Cancel the statement that the session with this key runs at the upstream.
        case cancelStatement(CancelKey)

        /// Relay nothing more from the client to the upstream.
        case stopRelayToUpstream(Link)
        case closeUpstreamInput(Link)
        case closeLink(Link)
        case endSession(any GatewaySession)
        case setDeadline(Deadline)
        case cancelDeadline

        /// Flush, and close the sending direction; ``Event/clientOutputDone`` follows.
        case closeClientOutput
        case closeClient(reason: String)
        case log(String, error: (any Error)? = nil)
    }

    /// Facts about the connection that are known from the start.
    struct Facts {
        var id: UInt64
        var localAddress: GatewayAddress
        var remoteAddress: GatewayAddress

        /// The upstream's time limit, for the message to the client when it has passed.
        var upstreamTimeout: Duration
    }

    /// How many bytes are read and dropped from a client that has been sent its last bytes.
    static var maximumDrainedBytes: Int { 1024 * 1024 }

    let facts: Facts
    var phase: Phase

    init(facts: Facts, rules: ClientLogin.Rules) {
        self.facts = facts
        self.phase = .login(ClientSide(login: ClientLogin(rules: rules)))
    }

    /// Whether bytes from the client can be handled at the moment.
    var wantsClientBytes: Bool {
        switch self.phase {
        case .login, .cancelling, .relaying, .ending: true
        case .deciding, .connecting, .closed: false
        }
    }

    /// Handles an event, and returns the actions to perform, in this order.
    mutating func handle(_ event: Event) -> [Action] {
        switch self.phase {
        case .login(let client): self.handle(event, login: client)
        case .cancelling(let cancelling): self.handle(event, cancelling: cancelling)
        case .deciding(let deciding): self.handle(event, deciding: deciding)
        case .connecting(let connecting): self.handle(event, connecting: connecting)
        case .relaying(let relaying): self.handle(event, relaying: relaying)
        case .ending(let ending): self.handle(event, ending: ending)
        case .closed: self.released(event)
        }
    }
}
