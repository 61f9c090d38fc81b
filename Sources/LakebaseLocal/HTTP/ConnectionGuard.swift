//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LocalWorkspace
import NIOCore
import NIOHTTP1

/// Tells the client to send its body, if it waits for that.
struct ContinueEvent: Sendable {}

/// Bytes have arrived, perhaps less than a head.
private struct BytesEvent: Sendable {}

/// Reports that bytes have arrived, before they are parsed.
final class ByteWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireUserInboundEventTriggered(BytesEvent())
        context.fireChannelRead(data)
    }
}

/// Enforces ``HTTPConnection`` and ``RequestGate`` on an HTTP connection: sits between the decoder and the server.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let gate: RequestGate
    /// Whether the connection uses TLS.
    private var isSecure = false
    private var connection: HTTPConnection
    private var timer: (due: ContinuousClock.Instant, task: Scheduled<Void>)?
    /// The rejection of a head that arrived while earlier requests were not answered yet.
    private var refusal: APIFailure?
    /// Whether the answer that is being written has no body.
    private var dropsBody = false

    init(gate: RequestGate) {
        self.gate = gate
        self.connection = HTTPConnection(limits: gate.limits, now: .now)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.watch(context) }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.timer?.task.cancel()
        self.timer = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.connection.end()
        self.watch(context)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is BytesEvent else {
            if event is SecureEvent { self.isSecure = true }
            context.fireUserInboundEventTriggered(event)
            return
        }
        self.connection.receivedBytes(now: .now)
        self.watch(context)
    }

    /// A request that cannot be parsed is answered here; the rest of the connection is ignored.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let problem = error as? HTTPParserError else {
            context.fireErrorCaught(error)
            return
        }
        guard !self.connection.isOver else { return }
        if case .body = self.connection.reading {
            // What reads the body has to know that this is not its end.
            context.fireErrorCaught(error)
            return
        }
        self.connection.end()
        self.watch(context)
        self.refuse(
            context,
            problem == .headerOverflow
                ? APIFailure(431, "MALFORMED_REQUEST", "The request's head is too long.")
                : APIFailure(400, "MALFORMED_REQUEST", "The request is no HTTP."))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.connection.isOver else { return }
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            if let refusal = self.gate.refusal(of: head, isSecure: self.isSecure) {
                self.connection.end()
                self.refuse(context, refusal)
                return
            }
            self.connection.receivedHead(HTTPConnection.Exchange(head), now: .now)
            if self.gate.limits.continuesAtOnce, self.connection.exchanges.count == 1 { self.beginBody(context) }
            context.fireChannelRead(data)
        case .body(let body):
            self.connection.receivedBody(body.readableBytes)
            context.fireChannelRead(data)
        case .end:
            let action = self.connection.receivedEnd(now: .now)
            context.fireChannelRead(data)
            self.perform(action, context)
        }
        self.watch(context)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is ContinueEvent else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        self.beginBody(context)
        promise?.succeed()
    }

    private func beginBody(_ context: ChannelHandlerContext) {
        guard self.connection.beginBody() else { return }
        context.writeAndFlush(Self.wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch Self.unwrapOutboundIn(data) {
        case .head(var head):
            guard !(100..<200).contains(head.status.code) else {
                context.write(data, promise: promise)
                return
            }
            guard let exchange = self.connection.beginAnswer() else {
                promise?.fail(ChannelError.ioOnClosedChannel)
                return
            }
            self.dropsBody = exchange.isHead
            if exchange.isOld { head.version = .http1_0 }
            if exchange.isLast || self.refusal != nil && self.connection.exchanges.count == 1 {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
            }
            context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            if self.dropsBody { promise?.succeed() } else { context.write(data, promise: promise) }
        case .end:
            context.write(data, promise: promise)
            let action = self.connection.endAnswer(now: .now)
            if let refusal, self.connection.exchanges.isEmpty {
                self.refuse(context, refusal)
            } else {
                self.perform(action, context)
            }
            self.watch(context)
        }
    }

    // MARK: Ends

    private func perform(_ action: HTTPConnection.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .nothing: break
        case .close: self.close(context)
        case .refuse(let status):
            self.refuse(
                context, APIFailure(status, "MALFORMED_REQUEST", "The request has not come in time."), always: true)
        }
    }

    /// Answers a request that is not passed on, after the answers that are still due.
    private func refuse(_ context: ChannelHandlerContext, _ refusal: APIFailure, always: Bool = false) {
        guard always || self.connection.exchanges.isEmpty else {
            self.refusal = refusal
            return
        }
        self.refusal = nil
        let answer = refusal.response
        var headers = HTTPHeaders(answer.headers.map { ($0.name, $0.value) })
        headers.add(name: "Content-Length", value: String(answer.body.count))
        headers.add(name: "Connection", value: "close")
        let status = HTTPResponseStatus(statusCode: answer.status)
        context.write(
            Self.wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        context.write(Self.wrapOutboundOut(.end(nil)), promise: nil)
        self.close(context)
    }

    /// Closes when everything is written: first only this side, so that the client can read the answer.
    private func close(_ context: ChannelHandlerContext) {
        context.flush()
        // The socket keeps what is not written yet, and closes after it.
        context.close(mode: .output, promise: nil)
        let linger = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { context.close(promise: nil) }
        context.channel.closeFuture.whenComplete { _ in linger.cancel() }
    }

    // MARK: Time

    /// Sets the timer to the next deadline.
    private func watch(_ context: ChannelHandlerContext) {
        guard let due = self.connection.deadline else {
            self.timer?.task.cancel()
            self.timer = nil
            return
        }
        // A timer that fires early is set again then.
        if let timer, timer.due <= due { return }
        self.timer?.task.cancel()
        let wait = max(.zero, due - ContinuousClock.now)
        let task = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(wait)) { self.ring(context) }
        self.timer = (due, task)
    }

    private func ring(_ context: ChannelHandlerContext) {
        self.timer = nil
        self.perform(self.connection.tick(now: .now), context)
        self.watch(context)
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}

extension HTTPConnection.Exchange {
    fileprivate init(_ head: HTTPRequestHead) {
        let isOld = head.version.minor == 0
        self.init(
            isOld: isOld, isHead: head.method == .HEAD, awaitsContinue: !isOld && head.headers.contains(name: "Expect"),
            // After a word of another protocol the parser takes nothing of this one.
            isLast: isOld || !head.isKeepAlive || head.headers.contains(name: "Upgrade") || head.method == .CONNECT)
    }
}
