//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOTLS

/// The upstream's side of the pipeline until bytes are relayed: passes events to the connection.
final class UpstreamHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let connection: Connection
    private let upstream: ResolvedUpstream

    init(connection: Connection, upstream: ResolvedUpstream) {
        self.connection = connection
        self.upstream = upstream
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.connection.handle(.upstreamSent(self.unwrapInboundIn(data)))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.connection.client.flush()
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted:
            do {
                try self.upstream.verifyIdentity(of: context.channel)
                self.connection.handle(.upstreamTLSEstablished)
            } catch {
                self.connection.upstreamFailed(error)
            }
        case ChannelEvent.inputClosed: self.connection.handle(.upstreamInputClosed)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.connection.handle(.upstreamInputClosed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.connection.upstreamFailed(error)
    }
}
