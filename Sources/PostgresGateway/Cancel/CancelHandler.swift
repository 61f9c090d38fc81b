//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOSSL
import NIOTLS

/// Delivers one cancel request to an upstream, over TLS if the session uses it, and waits until the upstream closes the
/// connection.
final class CancelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let target: CancelTarget
    private var isDelivered = false

    init(target: CancelTarget) { self.target = target }

    func channelActive(context: ChannelHandlerContext) {
        if self.target.upstream.tls == nil {
            self.deliver(context)
        } else {
            var request = context.channel.allocator.buffer(capacity: 8)
            request.writeTLSRequest()
            context.writeAndFlush(self.wrapOutboundOut(request), promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isDelivered else { return }
        let answer = self.unwrapInboundIn(data)
        guard answer.readableBytes == 1, answer.readableBytesView.first == UInt8(ascii: "S") else {
            return context.close(promise: nil)
        }
        do {
            guard let tls = try self.target.upstream.makeTLSHandler() else { return context.close(promise: nil) }
            try context.pipeline.syncOperations.addHandler(tls, position: .before(self))
        } catch {
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            do {
                try self.target.upstream.verifyIdentity(of: context.channel)
                self.deliver(context)
            } catch {
                context.close(promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func deliver(_ context: ChannelHandlerContext) {
        self.isDelivered = true
        var request = context.channel.allocator.buffer(capacity: 16)
        request.writeCancelRequest(self.target.key)
        context.writeAndFlush(self.wrapOutboundOut(request), promise: nil)
    }
}
