//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import NIOCore
import Secrets

/// The client's side of a login at the upstream as a value.
///
/// The server's messages are forwarded to the gateway's client, except for requests that the gateway answers itself and the
/// cancel key, which is replaced.
struct UpstreamLogin: Sendable {
    enum Action: Equatable {
        /// Write these bytes to the upstream.
        case send(ByteBuffer)

        /// Begin the TLS handshake; ``tlsEstablished()`` follows.
        case startTLS

        /// Write these bytes to the client.
        case forward(ByteBuffer)

        /// Give the client a key of the gateway that stands for this one; `nil` if the upstream gave none.
        case key(CancelKey?)

        /// The login is complete; the bytes are what the upstream sent after it.
        case ready(ByteBuffer)

        /// The upstream rejected the login, and a `forward` has told the client.
        case end

        /// Write an ErrorResponse to the client and close.
        case refuse(LoginRejection)
    }

    private enum Phase {
        case idle
        case awaitingTLSAnswer
        case handshaking
        case messages
        case done
    }

    /// The longest message that a server may send before it is ready; real ones stay below a kilobyte.
    static let maximumMessageLength = 64 * 1024

    /// The longest startup packet that PostgreSQL accepts (MAX_STARTUP_PACKET_LENGTH, and the length itself).
    static let maximumStartupLength = 10_004

    private let startup: ByteBuffer
    private let password: Secret?
    private let usesTLS: Bool
    private let isPasswordSafe: Bool
    private let name: String
    private var phase = Phase.idle
    private var buffer = ByteBuffer()
    private var sentPassword = false
    private var isAuthenticated = false
    private var sawKey = false

    /// Prepares a login.
    ///
    /// - Throws: If a parameter cannot be sent.
    init(_ upstream: GatewayUpstream) throws(LoginRejection) {
        self.startup = try Self.startup(for: upstream)
        self.password = upstream.password
        self.name = upstream.target.description
        switch upstream.target {
        case .unixSocket:
            self.usesTLS = false
            self.isPasswordSafe = true
        case .tcp(_, _, let tls, _):
            self.usesTLS = tls != nil
            self.isPasswordSafe = tls != nil
        }
    }

    /// The packet, within the limit of the server, which closes the connection without a message when a packet is
    /// longer.
    private static func startup(for upstream: GatewayUpstream) throws(LoginRejection) -> ByteBuffer {
        let user = GatewayParameter(name: "user", value: upstream.user)
        let database = GatewayParameter(name: "database", value: upstream.database)
        var startup = ByteBuffer()
        try startup.writeStartupMessage([user, database] + upstream.parameters)
        if startup.readableBytes > Self.maximumStartupLength, upstream.database.isExactly(upstream.user) {
            // What the client left out is left out again: a server takes the user's name for it.
            startup.clear()
            try startup.writeStartupMessage([user] + upstream.parameters)
        }
        guard startup.readableBytes <= Self.maximumStartupLength else {
            throw LoginRejection(
                sqlState: "08P01",
                message: """
                    the startup packet for the database server has \(startup.readableBytes) bytes, \
                    and PostgreSQL takes \(Self.maximumStartupLength)
                    """,
                hint: "Shorten the options or the other startup parameters."
            )
        }
        return startup
    }

    /// The number of buffered bytes.
    var bufferedBytes: Int { self.buffer.readableBytes }

    /// The connection is established.
    mutating func connected() -> [Action] {
        guard case .idle = self.phase else { return [] }
        guard self.usesTLS else {
            self.phase = .messages
            return [.send(self.startup)]
        }
        self.phase = .awaitingTLSAnswer
        var request = ByteBuffer()
        request.writeTLSRequest()
        return [.send(request)]
    }

    /// The handshake is complete and the server's certificate has been checked.
    mutating func tlsEstablished() -> [Action] {
        guard case .handshaking = self.phase else { return [] }
        self.phase = .messages
        return [.send(self.startup)]
    }

    /// The upstream closed the connection.
    mutating func closed() -> [Action] {
        if case .done = self.phase { return [] }
        return [
            self.refuse(
                LoginRejection(
                    sqlState: "08006",
                    message: "the database server at \(self.name) closed the connection during the login",
                    hint: "It may be restarting; try again in a moment."
                )
            )
        ]
    }

    /// Takes bytes from the upstream, decrypted if TLS is on.
    mutating func received(_ bytes: ByteBuffer) -> [Action] {
        self.buffer.append(bytes)
        var actions: [Action] = []
        while let step = self.step() { actions.append(contentsOf: step) }
        return actions
    }

    private mutating func step() -> [Action]? {
        switch self.phase {
        case .idle, .handshaking, .done:
            return nil
        case .awaitingTLSAnswer:
            guard let answer = self.buffer.readInteger(as: UInt8.self) else { return nil }
            guard answer == UInt8(ascii: "S") else {
                return [self.violation("refuses TLS, and nothing is sent to it without")]
            }
            guard self.buffer.readableBytes == 0 else {
                return [self.violation("sent unencrypted data after agreeing to TLS")]
            }
            self.phase = .handshaking
            return [.startTLS]
        case .messages:
            let start = self.buffer.readerIndex
            guard let type = self.buffer.getInteger(at: start, as: UInt8.self),
                let length = self.buffer.getInteger(at: start + 1, as: UInt32.self)
            else { return nil }
            guard length >= 4, length <= UInt32(Self.maximumMessageLength) else {
                return [self.violation("sent a message of an impossible length during the login")]
            }
            guard let message = self.buffer.readSlice(length: Int(length) + 1) else { return nil }
            return self.handle(type, message)
        }
    }

    private mutating func handle(_ type: UInt8, _ message: ByteBuffer) -> [Action] {
        switch type {
        case UInt8(ascii: "R"):
            return [self.authentication(message)]
        case UInt8(ascii: "S"), UInt8(ascii: "N"):
            return [.forward(message)]
        case UInt8(ascii: "v"):
            // Only options of the protocol are negotiated with it, and none was asked for.
            return []
        case UInt8(ascii: "E"):
            self.phase = .done
            return [.forward(message), .end]
        case UInt8(ascii: "K"):
            var body = message
            body.moveReaderIndex(forwardBy: 5)
            guard body.readableBytes == 8, !self.sawKey,
                let (processID, secret) = body.readMultipleIntegers(as: (Int32, UInt32).self)
            else { return [self.violation("sent a cancel key that is not one of protocol 3.0")] }
            self.sawKey = true
            return [.key(CancelKey(processID: processID, secret: secret))]
        case UInt8(ascii: "Z"):
            guard self.isAuthenticated else { return [self.violation("skipped the authentication")] }
            self.phase = .done
            let rest = self.buffer
            self.buffer = ByteBuffer()
            return (self.sawKey ? [] : [.key(nil)]) + [.forward(message), .ready(rest)]
        default:
            return [self.violation("sent an unexpected message of type \(type) during the login")]
        }
    }

    private mutating func authentication(_ message: ByteBuffer) -> Action {
        switch message.getInteger(at: message.readerIndex + 5, as: UInt32.self) {
        case 0 where !self.isAuthenticated:
            self.isAuthenticated = true
            return .forward(message)
        case 3 where !self.sentPassword && !self.isAuthenticated:
            guard let password, !password.isEmpty else {
                return self.refuse(
                    LoginRejection(
                        sqlState: "28000",
                        message: "the database server at \(self.name) asks for a password and the gateway has none"
                    )
                )
            }
            guard self.isPasswordSafe else {
                return self.refuse(
                    LoginRejection(
                        sqlState: "28000",
                        message: "the database server at \(self.name) asks for a clear-text password without TLS",
                        hint: "Connect the gateway to it with TLS or through a Unix socket."
                    )
                )
            }
            self.sentPassword = true
            var answer = ByteBuffer()
            password.withUnsafeValue { answer.writePasswordMessage($0) }
            return .send(answer)
        case let method:
            return self.refuse(
                LoginRejection(
                    sqlState: "28000",
                    message: """
                        the database server at \(self.name) asks for \(Self.name(of: method)), \
                        which the gateway does not answer
                        """
                )
            )
        }
    }

    private static func name(of method: UInt32?) -> String {
        switch method {
        case 3: "a clear-text password twice"
        case 5: "MD5 authentication"
        case 7, 9: "GSSAPI or SSPI authentication"
        case 10: "SCRAM authentication"
        case let other?: "authentication method \(other)"
        case nil: "an authentication method it does not name"
        }
    }

    private mutating func violation(_ what: String) -> Action {
        self.refuse(.protocolViolation("the database server at \(self.name) \(what)"))
    }

    private mutating func refuse(_ refusal: LoginRejection) -> Action {
        self.phase = .done
        self.buffer = ByteBuffer()
        return .refuse(refusal)
    }
}
