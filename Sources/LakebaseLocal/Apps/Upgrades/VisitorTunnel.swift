//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// The first handler of a visitor's connection: after an upgrade, it relays bytes to the app directly.
///
/// The handlers of HTTP behind it stay and hear nothing more, so that none has to be taken out while it works. No more
/// bytes are read than the other side takes, so that a slow reader on either side holds the other one up and fills no
/// memory.
final class VisitorTunnel: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case http
        /// Bytes are relayed to this connection.
        case relay(any Channel)
        /// Frames are answered here.
        case logs(LogStream)
        case closed
    }

    /// How long a side may take to close after the other side has closed.
    static let linger = TimeAmount.seconds(5)

    private var state = State.http
    private var context: ChannelHandlerContext?
    /// The app's request slot for this visitor.
    private var visit: AppVisits.Visit?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: From HTTP

    /// Whether the visitor is reading.
    var isWritable: Bool { self.context?.channel.isWritable ?? false }

    /// Starts to relay bytes to and from a connection to the app.
    func open(to app: any Channel, visit: AppVisits.Visit, head: ByteBuffer) {
        guard let context, case .http = self.state else {
            app.close(promise: nil)
            return
        }
        self.visit = visit
        self.state = .relay(app)
        context.writeAndFlush(Self.wrapOutboundOut(head), promise: nil)
        context.read()
        app.read()
    }

    /// Starts to send the visitor the lines of a log.
    func open(logs: LogStream, head: ByteBuffer) {
        guard let context, case .http = self.state else { return }
        self.state = .logs(logs)
        context.writeAndFlush(Self.wrapOutboundOut(head), promise: nil)
        logs.begin(context)
        context.read()
    }

    // MARK: From the app

    func send(_ bytes: ByteBuffer) { self.context?.writeAndFlush(Self.wrapOutboundOut(bytes), promise: nil) }

    /// The app accepts bytes again.
    func readMore() { self.context?.read() }

    /// The app sends no more bytes.
    ///
    /// - Parameter isGone: Whether it takes nothing either.
    func finish(isGone: Bool) {
        guard let context else { return }
        context.flush()
        let done = context.eventLoop.makePromise(of: Void.self)
        context.close(mode: .output, promise: done)
        guard isGone else { return }
        // Further bytes of the visitor are read and dropped: closed with something unread, the socket would be
        // reset.
        self.state = .closed
        context.read()
        let channel = context.channel
        done.futureResult.whenComplete { _ in
            let task = channel.eventLoop.scheduleTask(in: Self.linger) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in task.cancel() }
        }
    }

    // MARK: From the visitor

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.state {
        case .http: context.fireChannelRead(data)
        case .relay(let app): app.write(Self.unwrapInboundIn(data), promise: nil)
        case .logs(let logs): logs.received(Self.unwrapInboundIn(data), context)
        case .closed: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        switch self.state {
        case .http: context.fireChannelReadComplete()
        case .relay(let app):
            app.flush()
            if app.isWritable { context.read() }
        case .logs, .closed: context.read()
        }
    }

    func read(context: ChannelHandlerContext) {
        // Once it is a tunnel, its own rules say when.
        if case .http = self.state { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        switch self.state {
        case .http: context.fireChannelWritabilityChanged()
        case .relay(let app): if context.channel.isWritable { app.read() }
        case .logs(let logs): if context.channel.isWritable { logs.send(context) }
        case .closed: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch self.state {
        case .relay(let app):
            if case .inputClosed? = event as? ChannelEvent {
                app.flush()
                app.close(mode: .output, promise: nil)
                return
            }
        case .logs, .closed:
            if case .inputClosed? = event as? ChannelEvent {
                context.close(promise: nil)
                return
            }
        case .http: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch self.state {
        case .relay(let app): Self.leave(app)
        case .logs(let logs): logs.end()
        case .http, .closed: break
        }
        self.state = .closed
        self.visit = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch self.state {
        case .http: context.fireErrorCaught(error)
        case .relay, .logs, .closed: context.close(promise: nil)
        }
    }

    /// Closes the connection to an app after it has all bytes of the visitor.
    private static func leave(_ app: any Channel) {
        app.flush()
        app.close(mode: .output, promise: nil)
        let task = app.eventLoop.scheduleTask(in: Self.linger) { app.close(promise: nil) }
        app.closeFuture.whenComplete { _ in task.cancel() }
    }
}

@available(*, unavailable)
extension VisitorTunnel: Sendable {}

/// The app's end of a tunnel.
final class AppTunnel: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let visitor: VisitorTunnel

    init(_ visitor: VisitorTunnel) { self.visitor = visitor }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.visitor.send(Self.unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.visitor.isWritable || !context.channel.isActive { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.visitor.readMore() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { self.visitor.finish(isGone: false) }
    }

    func channelInactive(context: ChannelHandlerContext) { self.visitor.finish(isGone: true) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

@available(*, unavailable)
extension AppTunnel: Sendable {}
