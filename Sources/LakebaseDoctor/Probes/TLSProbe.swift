//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOSSL
import NIOTLS
import SwiftASN1
import Synchronization
import X509

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Opens a connection up to the TLS handshake and no further: no user name is sent, so no compute is woken.
struct TLSProbe: Sendable {
    /// The result of one handshake.
    struct Handshake: Sendable {
        /// Nil where the server offers no TLS.
        var version: String?
        var certificate: TLSCheck.Certificate?
    }

    /// The authorities to trust.
    enum Authorities: Sendable {
        /// Any certificate is accepted and reported.
        case any
        case system
        case file(String)
    }

    var socket: ServerSocket
    /// The host's name; addresses are not sent.
    var serverName: String?
    var limit: Duration

    /// Asks for TLS as libpq does and shakes hands.
    ///
    /// - Throws: What NIO throws; ``Refused`` when the server answers with something else.
    func handshake(trusting authorities: Authorities) async throws -> Handshake {
        let seen = Chain()
        let context = try self.context(authorities)
        let serverName = self.serverName
        let outcome = Outcome()
        let channel = try await self.socket.connect(within: self.limit) { channel in
            let handler = TLSRequestHandler(outcome: outcome) {
                guard case .any = authorities else {
                    return try NIOSSLClientHandler(context: context, serverHostname: serverName)
                }
                return try NIOSSLClientHandler(context: context, serverHostname: serverName) { chain, promise in
                    seen.take(chain)
                    promise.succeed(.certificateVerified)
                }
            }
            try channel.pipeline.syncOperations.addHandler(handler)
        }
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(self.limit)) {
            outcome.settle(.failure(ChannelError.connectTimeout(TimeAmount(self.limit))))
        }
        defer {
            timer.cancel()
            channel.close(promise: nil)
        }
        let version = try await outcome.value()
        return Handshake(version: version, certificate: try seen.certificate())
    }

    private func context(_ authorities: Authorities) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        // The name is compared by libpq's rules, elsewhere.
        configuration.certificateVerification = .noHostnameVerification
        if case .file(let path) = authorities { configuration.trustRoots = .file(path) }
        return try NIOSSLContext(configuration: configuration)
    }

    /// The server answered `SSLRequest` with something other than yes or no.
    struct Refused: Error, CustomStringConvertible {
        var description: String { "it does not answer as PostgreSQL does" }
    }

    /// The certificates that a server has shown.
    private final class Chain: Sendable {
        private let bytes = Mutex<[UInt8]?>(nil)

        func take(_ chain: [NIOSSLCertificate]) {
            let leaf = try? chain.first?.toDERBytes()
            self.bytes.withLock { $0 = leaf }
        }

        func certificate() throws -> TLSCheck.Certificate? {
            guard let bytes = self.bytes.withLock({ $0 }) else { return nil }
            let certificate = try Certificate(derEncoded: bytes)
            let names = try certificate.extensions.subjectAlternativeNames.map(Self.names) ?? []
            return TLSCheck.Certificate(
                subject: "\(certificate.subject)", issuer: "\(certificate.issuer)", names: names,
                notBefore: certificate.notValidBefore, notAfter: certificate.notValidAfter)
        }

        private static func names(_ names: SubjectAlternativeNames) -> [String] {
            names.compactMap { name in
                switch name {
                case .dnsName(let name): name
                case .ipAddress(let bytes): Self.address(Array(bytes.bytes))
                default: nil
                }
            }
        }

        private static func address(_ bytes: [UInt8]) -> String? {
            (try? NIOCore.SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0))?.ipAddress
        }
    }
}

/// The negotiated version of TLS, nil when the handshake failed; set once.
private final class Outcome: Sendable {
    private enum State {
        case open(CheckedContinuation<String?, any Error>?)
        case settled(Result<String?, any Error>)
    }

    private let state = Mutex(State.open(nil))

    func settle(_ result: Result<String?, any Error>) {
        let waiter = self.state.withLock { state -> CheckedContinuation<String?, any Error>? in
            guard case .open(let waiter) = state else { return nil }
            state = .settled(result)
            return waiter
        }
        waiter?.resume(with: result)
    }

    func value() async throws -> String? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = self.state.withLock { state -> Result<String?, any Error>? in
                    switch state {
                    case .open:
                        state = .open(continuation)
                        return nil
                    case .settled(let result): return result
                    }
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            self.settle(.failure(CancellationError()))
        }
    }
}

/// Sends `SSLRequest` (PostgreSQL: Message Formats) and puts TLS into the pipeline when the server says yes.
private final class TLSRequestHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let outcome: Outcome
    private let makeTLS: () throws -> NIOSSLClientHandler
    private var isAnswered = false

    init(outcome: Outcome, makeTLS: @escaping () throws -> NIOSSLClientHandler) {
        self.outcome = outcome
        self.makeTLS = makeTLS
    }

    func channelActive(context: ChannelHandlerContext) {
        var request = context.channel.allocator.buffer(capacity: 8)
        request.writeInteger(UInt32(8))
        request.writeInteger(UInt32(80_877_103))
        context.writeAndFlush(self.wrapOutboundOut(request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = self.unwrapInboundIn(data)
        guard !self.isAnswered, let answer = buffer.readInteger(as: UInt8.self) else { return }
        self.isAnswered = true
        switch answer {
        case UInt8(ascii: "S"):
            do {
                try context.pipeline.syncOperations.addHandler(try self.makeTLS(), position: .first)
            } catch {
                self.outcome.settle(.failure(error))
            }
        case UInt8(ascii: "N"): self.outcome.settle(.success(nil))
        default: self.outcome.settle(.failure(TLSProbe.Refused()))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
            let version = try? context.pipeline.syncOperations.nioSSL_tlsVersion()
            self.outcome.settle(.success(version.map { Self.words($0) } ?? "TLS"))
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.outcome.settle(.failure(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.outcome.settle(.failure(ChannelError.eof))
    }

    private static func words(_ version: TLSVersion) -> String {
        switch version {
        case .tlsv1: "TLS 1.0"
        case .tlsv11: "TLS 1.1"
        case .tlsv12: "TLS 1.2"
        case .tlsv13: "TLS 1.3"
        }
    }
}
