//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// The client's side of the pipeline until bytes are relayed: passes events to the connection.
final class LoginHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: Connection

    init(connection: Connection) { self.connection = connection }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        self.connection.activate()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.connection.handle(.clientSent(self.unwrapInboundIn(data)))
    }

    func read(context: ChannelHandlerContext) {
        if self.connection.permitsClientRead() { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let negotiatedProtocol):
            self.connection.logger.trace("TLS established")
            self.connection.handle(.clientTLSEstablished(negotiatedProtocol: negotiatedProtocol))
        case ChannelEvent.inputClosed:
            self.connection.handle(.clientInputClosed)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.connection.handle(.clientClosed(reason: "the client's connection is closed"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.connection.clientFailed(error)
    }
}
