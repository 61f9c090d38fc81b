//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// One side of a relay: the other side writes what this one reads.
///
/// Buffers are passed on without copying. The other side is flushed when a read is complete, so that a burst costs one
/// system call; it is not read from while more than a limit waits to be written here.
final class RelayHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Side { case client, upstream }

    /// The largest piece written into TLS at once, and so the largest TLS record: libpq's asynchronous interface can
    /// overlook bytes that OpenSSL buffers of a larger one.
    static let maximumRecordLength = 8192

    let side: Side
    private let isTLS: Bool
    private let connection: Connection
    private let activity: SessionActivity

    /// Checks the client's commands, if not all are allowed.
    private var screen: CommandScreen?
    private var context: ChannelHandlerContext?
    private var isReadPending = false

    /// The other side; without it bytes are discarded.
    var partner: RelayHandler?

    init(side: Side, isTLS: Bool, connection: Connection, activity: SessionActivity, screen: CommandScreen?) {
        self.side = side
        self.isTLS = isTLS
        self.connection = connection
        self.activity = activity
        self.screen = screen
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        self.partner = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let partner {
            guard self.screen != nil else { return partner.write(data) }
            if let passed = self.screened(self.unwrapInboundIn(data)), passed.readableBytes > 0 {
                partner.write(self.wrapOutboundOut(passed))
            }
        } else if case .client = self.side {
            self.connection.handle(.clientSent(self.unwrapInboundIn(data)))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.partner?.context?.flush()
        self.activity.touch()
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
        if case ChannelEvent.inputClosed = event { self.inputClosed() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch self.side {
        case .client: self.connection.handle(.clientClosed(reason: "the client's connection is closed"))
        case .upstream: self.inputClosed()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch self.side {
        case .client: self.connection.clientFailed(error)
        case .upstream: self.connection.upstreamFailed(error)
        }
    }

    /// Handles the end of this side's input.
    private func inputClosed() {
        switch self.side {
        case .client: self.connection.handle(.clientInputClosed)
        case .upstream: self.connection.handle(.upstreamInputClosed)
        }
    }

    /// The part of the client's bytes that may be relayed; `nil` if the session ends here.
    func screened(_ bytes: ByteBuffer) -> ByteBuffer? {
        guard var screen = self.screen else { return bytes }
        // Not held twice while it changes.
        self.screen = nil
        let outcome = screen.received(bytes)
        self.screen = screen
        guard let rejection = outcome.refusal else { return outcome.passed }
        self.connection.handle(.commandRejected(rejection))
        return nil
    }

    /// Writes without flushing; into TLS in pieces.
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

    /// Continues to read after the other side has become writable again.
    func resumeReading() {
        guard self.isReadPending, let context else { return }
        self.isReadPending = false
        context.read()
    }
}
