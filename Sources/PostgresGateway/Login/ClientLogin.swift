//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Secrets

/// The server's side of a login as a value: bytes and events in, actions out.
///
/// It does no I/O and has no clock. What it keeps between two calls is bounded: an unfinished packet, whose length
/// was checked before, or ``pipelineLimit`` bytes that a hasty client sent ahead.
struct ClientLogin: Sendable {
    struct Rules: Sendable {
        var offersTLS: Bool
        var requiresTLS: Bool
        var maximumStartupLength: Int
        var maximumPasswordLength: Int

        /// Whether there are too many connections already, so that a login will be refused.
        var isFull: Bool
    }

    /// How the TLS handshake was opened.
    enum TLSOpening: Sendable, Equatable {
        /// Answer `S` first.
        case requested

        /// The client's hello has arrived already.
        case direct(ByteBuffer)
    }

    enum Action: Equatable {
        /// Write these bytes.
        case send(ByteBuffer)
        case startTLS(TLSOpening)
        case authenticate(StartupMessage, password: Secret)
        case cancel(CancelKey)

        /// Write an ErrorResponse and close.
        case refuse(LoginRejection)

        /// Close without an error message.
        case close
    }

    private enum Phase {
        /// Nothing has arrived yet; the first byte distinguishes direct TLS from everything else.
        case first
        case handshaking(direct: Bool)
        case startup
        case password(StartupMessage)

        /// The password has arrived; later bytes are for the upstream.
        case waiting
        case done
    }

    /// How many bytes a client may send before its login is complete.
    static let pipelineLimit = 256 * 1024

    private var rules: Rules
    private var phase = Phase.first
    private var buffer = ByteBuffer()
    private var isTLS = false
    private var askedTLS = false
    private var askedGSS = false

    init(rules: Rules) { self.rules = rules }

    /// Sets whether there are too many connections already.
    mutating func setFull(_ isFull: Bool) { self.rules.isFull = isFull }

    /// The number of buffered bytes.
    var bufferedBytes: Int { self.buffer.readableBytes }

    /// Whether the login needs no further events.
    var isDone: Bool {
        if case .done = self.phase { true } else { false }
    }

    /// Takes bytes from the client, decrypted if TLS is on.
    mutating func received(_ bytes: ByteBuffer) -> [Action] {
        if case .done = self.phase { return [] }
        self.buffer.append(bytes)
        var actions: [Action] = []
        do throws(LoginRejection) {
            while let action = try self.step() {
                actions.append(contentsOf: action)
            }
        } catch {
            actions.append(self.finish(.refuse(error)))
        }
        return actions
    }

    /// The TLS handshake is complete.
    mutating func tlsEstablished(negotiatedProtocol: String?) -> [Action] {
        guard case .handshaking(let direct) = self.phase else { return [] }
        self.isTLS = true
        self.phase = .startup
        if direct, negotiatedProtocol != "postgresql" { return [self.finish(.refuse(.directTLSWithoutALPN))] }
        return []
    }

    /// The time limit for startup, TLS and password has passed.
    mutating func deadlineReached() -> [Action] { self.abandoned(.loginTimeout) }

    /// Ends the login with a rejection.
    mutating func abandoned(_ refusal: LoginRejection) -> [Action] {
        switch self.phase {
        case .first, .startup, .password: [self.finish(.refuse(refusal))]
        // Nothing that is written now would be understood.
        case .handshaking: [self.finish(.close)]
        case .waiting, .done: []
        }
    }

    /// Returns the bytes that the client sent after its password.
    mutating func takePipelinedBytes() -> ByteBuffer {
        defer { self.buffer = ByteBuffer() }
        self.phase = .done
        return self.buffer
    }

    /// Reads one packet or message; `nil` when more bytes are needed.
    private mutating func step() throws(LoginRejection) -> [Action]? {
        switch self.phase {
        case .first:
            guard let byte = self.buffer.readableBytesView.first else { return nil }
            guard byte == 0x16 else {
                self.phase = .startup
                return []
            }
            guard self.rules.offersTLS else { return [self.finish(.close)] }
            self.phase = .handshaking(direct: true)
            return [.startTLS(.direct(self.takeBuffer()))]
        case .startup:
            guard
                let packet = try StartupPacket.read(from: &self.buffer, maximumLength: self.rules.maximumStartupLength)
            else { return nil }
            return try self.handle(packet)
        case .password(let startup):
            guard let password = try self.readPassword() else { return nil }
            self.phase = .waiting
            return [.authenticate(startup, password: password)]
        case .waiting:
            guard self.buffer.readableBytes <= Self.pipelineLimit else {
                throw .protocolViolation("too much was sent ahead of the end of the login")
            }
            return nil
        case .handshaking, .done:
            return nil
        }
    }

    private mutating func handle(_ packet: StartupPacket) throws(LoginRejection) -> [Action] {
        switch packet {
        case .tlsRequest:
            guard !self.isTLS, !self.askedTLS else {
                throw .protocolViolation("unsupported frontend protocol 1234.5679: TLS was negotiated already")
            }
            self.askedTLS = true
            guard self.buffer.readableBytes == 0 else { throw .pipelinedBeforeTLS }
            guard self.rules.offersTLS else { return [.send(ByteBuffer(bytes: [UInt8(ascii: "N")]))] }
            self.phase = .handshaking(direct: false)
            self.buffer = ByteBuffer()
            return [.startTLS(.requested)]
        case .gssRequest:
            guard !self.isTLS, !self.askedGSS else {
                throw .protocolViolation("unsupported frontend protocol 1234.5680: encryption was negotiated already")
            }
            self.askedGSS = true
            guard self.buffer.readableBytes == 0 else {
                throw .protocolViolation("received unencrypted data after GSSAPI encryption request")
            }
            return [.send(ByteBuffer(bytes: [UInt8(ascii: "N")]))]
        case .cancel(let key):
            return [self.finish(.cancel(key))]
        case .startup(let startup):
            var answer = ByteBuffer()
            if startup.needsNegotiation {
                answer.writeNegotiateProtocolVersion(unknownOptions: startup.protocolOptions)
            }
            if self.rules.requiresTLS, !self.isTLS { throw .tlsRequired }
            if self.rules.isFull { throw .tooManyConnections }
            answer.writeAuthenticationCleartextPassword()
            self.phase = .password(startup)
            return [.send(answer)]
        }
    }

    private mutating func readPassword() throws(LoginRejection) -> Secret? {
        guard let type = self.buffer.readableBytesView.first else { return nil }
        guard type == UInt8(ascii: "p") else {
            throw .protocolViolation("expected password response, got message type \(type)")
        }
        guard let length = self.buffer.getInteger(at: self.buffer.readerIndex + 1, as: UInt32.self) else { return nil }
        guard length >= 5, length - 5 <= UInt32(clamping: self.rules.maximumPasswordLength) else {
            throw .protocolViolation("invalid length of password message")
        }
        guard var message = self.buffer.readSlice(length: Int(length) + 1) else { return nil }
        message.moveReaderIndex(forwardBy: 5)
        guard message.readableBytesView.firstIndex(of: 0) == message.writerIndex - 1 else {
            throw .protocolViolation("invalid password message: it must end with its only NUL")
        }
        guard message.readableBytes > 1 else { throw .emptyPassword }
        guard let text = message.readSlice(length: message.readableBytes - 1)?.validatedText() else {
            throw .protocolViolation("invalid password message: it is not valid UTF-8")
        }
        return Secret(text)
    }

    private mutating func takeBuffer() -> ByteBuffer {
        defer { self.buffer = ByteBuffer() }
        return self.buffer
    }

    private mutating func finish(_ action: Action) -> Action {
        self.phase = .done
        self.buffer = ByteBuffer()
        return action
    }
}
