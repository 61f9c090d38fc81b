//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOSSL
import Synchronization

/// The connection uses TLS from here on.
struct SecureEvent: Sendable {}

/// Closes a connection at once, without TLS's closing message, which the peer may not answer.
struct AbortEvent: Sendable {}

/// The first handler of a connection that may use TLS: its first byte decides between TLS and HTTP.
///
/// One port has both, so that a profile with `http://` goes on working when the address that is given out begins with
/// `https://`. No method of HTTP begins with the byte that begins a handshake (RFC 8446, 5.1).
final class TLSDoor: ChannelDuplexHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State: Sendable {
        case waiting(NIOSSLContext)
        case plain
        case secure
    }

    private static let handshake: UInt8 = 0x16

    private let state: Mutex<State>

    init(_ tls: NIOSSLContext) { self.state = Mutex(.waiting(tls)) }

    /// Whether the connection uses TLS.
    var isSecure: Bool {
        self.state.withLock { state in
            switch state {
            case .secure: true
            case .plain, .waiting: false
            }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let tls = self.decide(Self.unwrapInboundIn(data)) {
            do {
                try context.pipeline.syncOperations.addHandler(
                    NIOSSLServerHandler(context: tls), position: .after(self))
            } catch {
                context.close(promise: nil)
                return
            }
            context.fireUserInboundEventTriggered(SecureEvent())
        }
        context.fireChannelRead(data)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is AbortEvent else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        context.close(promise: promise)
    }

    /// The TLS context, if the connection begins with these bytes.
    private func decide(_ bytes: ByteBuffer) -> NIOSSLContext? {
        self.state.withLock { state in
            guard case .waiting(let tls) = state, let first = bytes.readableBytesView.first else { return nil }
            guard first == Self.handshake else {
                state = .plain
                return nil
            }
            state = .secure
            return tls
        }
    }
}

extension Channel {
    /// Whether a connection uses TLS, where that is possible.
    var speaksTLS: Bool {
        get async { (try? await self.pipeline.handler(type: TLSDoor.self).get().isSecure) ?? false }
    }
}
