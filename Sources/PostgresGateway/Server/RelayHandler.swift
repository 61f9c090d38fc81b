//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOSSL

/// One side of a relay: what it reads, the other side writes.
///
/// Buffers are handed over as they are. The other side is flushed when a read is complete, so that a burst costs one system
/// call; it is not read from while more than a limit waits to be written here.
final class RelayHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Side { case client, upstream }

    /// The largest piece written into TLS at once, and so the largest record: libpq's asynchronous interface can overlook
    /// what OpenSSL holds back of a larger one.
    static let maximumRecordLength = 8192

    let side: Side
    private let isTLS: Bool
    private let connection: Connection
    private var context: ChannelHandlerContext?
    private var isReadPending = false

    /// The other side; without it bytes are discarded.
    var partner: RelayHandler?

    init(side: Side, isTLS: Bool, connection: Connection) {
        self.side = side
        self.isTLS = isTLS
        self.connection = connection
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        self.partner = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let partner {
            guard case .client = self.side, self.connection.screen != nil else { return partner.write(data) }
            if let passed = self.connection.screened(self.unwrapInboundIn(data)), passed.readableBytes > 0 {
                partner.write(self.wrapOutboundOut(passed))
            }
        } else {
            self.connection.discarded(self.unwrapInboundIn(data).readableBytes, from: self.side)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.partner?.context?.flush()
        self.connection.touch()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.partner?.resumeReading() }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if let partner, let other = partner.context, !other.channel.isWritable {
            self.isReadPending = true
        } else {
            context.read()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { self.connection.relayInputClosed(self.side) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.connection.relayClosed(self.side)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The peer hung up without TLS's goodbye, which says nothing new: the end of input follows.
        if case .uncleanShutdown? = error as? NIOSSLError { return }
        self.connection.relayFailed(self.side, error)
    }

    /// Writes without flushing, into TLS in pieces.
    func write(_ data: NIOAny) {
        guard let context else { return }
        guard self.isTLS else { return context.write(data, promise: nil) }
        var bytes = self.unwrapInboundIn(data)
        while bytes.readableBytes > Self.maximumRecordLength,
            let piece = bytes.readSlice(length: Self.maximumRecordLength)
        {
            context.write(self.wrapOutboundOut(piece), promise: nil)
        }
        context.write(self.wrapOutboundOut(bytes), promise: nil)
    }

    /// Goes on reading after the other side could be written to again.
    func resumeReading() {
        guard self.isReadPending, let context else { return }
        self.isReadPending = false
        context.read()
    }
}
