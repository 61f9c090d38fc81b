//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Secrets

/// Takes WebSocket requests out of a visitor's connection, and forwards them to the app.
///
/// The head is looked at as any other's, and goes on with what the proxy says of the visitor. Nothing that the visitor
/// sends goes to the app before that has agreed: a second request would otherwise get there as it was written.
final class UpgradeWatch: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Requests are handled elsewhere; this many are not answered yet.
        case passing(open: Int)
        /// A WebSocket request was taken and is not answered yet.
        case asking(app: (any Channel)?, deadline: Scheduled<Void>?)
        /// It was answered, or the visitor has left.
        case over
    }

    private let door: UpgradeDoor
    private let tunnel: VisitorTunnel
    private var state = State.passing(open: 0)
    private var context: ChannelHandlerContext?
    private var isSecure = false

    init(_ door: UpgradeDoor, tunnel: VisitorTunnel) {
        self.door = door
        self.tunnel = tunnel
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .passing(let open) = self.state else { return }
        if case .head(let head) = Self.unwrapInboundIn(data) {
            if open == 0, UpgradeDoor.isMeant(by: head) {
                self.state = .asking(app: nil, deadline: nil)
                self.begin(head, context)
                return
            }
            self.state = .passing(open: open + 1)
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.fireChannelReadComplete() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is SecureEvent { self.isSecure = true }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .passing(let open) = self.state, case .end = Self.unwrapOutboundIn(data) {
            self.state = .passing(open: max(0, open - 1))
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .asking(let app?, _) = self.state, context.channel.isWritable { app.read() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .asking(let app, let deadline) = self.state {
            deadline?.cancel()
            app?.close(promise: nil)
            self.state = .over
        }
        context.fireChannelInactive()
    }

    // MARK: Asking

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        switch self.door.admit(head) {
        case .refused(let status, let text): self.refuse(status, text)
        case .unavailable:
            let text = context.eventLoop.makeFutureWithTask { [door] in await door.status() }
            text.assumeIsolated().whenSuccess { self.refuse(.serviceUnavailable, "App not available: \($0)\n") }
        case .logs(let stream, let answer):
            self.state = .over
            self.tunnel.open(logs: stream, head: answer)
        case .app(let port, let visit):
            let loop = context.eventLoop
            let door = self.door
            let isSecure = self.isSecure
            let request = loop.makeFutureWithTask { await door.request(head, isSecure: isSecure) }
            let connection = request.flatMap { request in
                ClientBootstrap(group: loop)
                    .channelOption(.autoRead, value: false)
                    .channelOption(.allowRemoteHalfClosure, value: true)
                    .connectTimeout(.seconds(10))
                    .connect(host: "127.0.0.1", port: port).map { (request, $0) }
            }
            connection.assumeIsolated().whenComplete { result in
                switch result {
                case .success(let (request, app)): self.ask(request, app, visit)
                case .failure: self.refuse(.badGateway, "App not available: its process did not answer.\n")
                }
            }
        }
    }

    private func ask(_ request: HTTPRequestHead, _ app: any Channel, _ visit: AppVisits.Visit) {
        guard case .asking = self.state else {
            app.close(promise: nil)
            return
        }
        let limit = self.door.answerLimit
        let deadline = app.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
            self.refuse(
                .gatewayTimeout,
                "App not available: it did not begin to answer within \(limit.components.seconds) s.\n")
        }
        self.state = .asking(app: app, deadline: deadline)
        do {
            let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
            let encoder = HTTPRequestEncoder()
            let pipeline = app.pipeline.syncOperations
            try pipeline.addHandlers([
                encoder, decoder, AppAnswer(self, encoder: encoder, decoder: decoder, visit: visit),
            ])
            app.write(HTTPClientRequestPart.head(request), promise: nil)
            app.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
            app.read()
        } catch {
            self.refuse(.badGateway, "App not available: its process did not answer.\n")
        }
    }

    // MARK: Answers

    /// Whether the visitor accepts more bytes of an answer.
    var isWritable: Bool { self.context?.channel.isWritable ?? false }

    /// The app has accepted: its further bytes are relayed without being read.
    func agreed(_ head: HTTPResponseHead, _ app: any Channel, visit: AppVisits.Visit) -> VisitorTunnel? {
        guard case .asking(_, let deadline) = self.state else { return nil }
        deadline?.cancel()
        self.state = .over
        self.tunnel.open(to: app, visit: visit, head: UpgradeDoor.bytes(of: head))
        return self.tunnel
    }

    /// The app has answered with something else.
    func answered(_ head: HTTPResponseHead) {
        guard case .asking(let app, let deadline) = self.state, let context else { return }
        deadline?.cancel()
        self.state = .asking(app: app, deadline: nil)
        var head = head
        let length = head.headers.first(name: "Content-Length")
        head.headers = HTTPHeaders(self.door.head.answered(head.headers.map { ($0.name, $0.value) }))
        if let length { head.headers.add(name: "Content-Length", value: length) }
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
    }

    func answered(_ body: ByteBuffer) {
        guard case .asking = self.state, let context else { return }
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }

    func flush() { self.context?.flush() }

    /// The app's answer is complete.
    func answered() {
        guard case .asking = self.state, let context else { return }
        self.state = .over
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// The app's connection is closed.
    ///
    /// - Parameter hasBegun: Whether a part of its answer is out.
    func lost(hasBegun: Bool) {
        guard case .asking = self.state else { return }
        if hasBegun {
            self.state = .over
            self.context?.close(promise: nil)
        } else {
            self.refuse(.badGateway, "App not available: its process did not answer.\n")
        }
    }

    private func refuse(_ status: HTTPResponseStatus, _ text: String) {
        guard case .asking(let app, let deadline) = self.state, let context else { return }
        deadline?.cancel()
        app?.close(promise: nil)
        self.state = .over
        let body = ByteBuffer(string: text)
        let headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Length": String(body.readableBytes),
        ]
        context.write(
            Self.wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
    }
}

@available(*, unavailable)
extension UpgradeWatch: Sendable {}

/// Reads what an app answers to a request for another protocol.
private final class AppAnswer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart

    private enum State {
        case waiting
        case agreed(HTTPResponseHead)
        case other
        case over
    }

    private let watch: UpgradeWatch
    private let encoder: HTTPRequestEncoder
    private let decoder: ByteToMessageHandler<HTTPResponseDecoder>
    private let visit: AppVisits.Visit
    private var state = State.waiting

    init(
        _ watch: UpgradeWatch, encoder: HTTPRequestEncoder, decoder: ByteToMessageHandler<HTTPResponseDecoder>,
        visit: AppVisits.Visit
    ) {
        self.watch = watch
        self.encoder = encoder
        self.decoder = decoder
        self.visit = visit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (Self.unwrapInboundIn(data), self.state) {
        case (.head(let head), .waiting):
            if head.status == .switchingProtocols {
                self.state = .agreed(head)
            } else {
                self.state = .other
                self.watch.answered(head)
            }
        case (.body(let body), .other): self.watch.answered(body)
        case (.end, .agreed(let head)):
            self.state = .over
            guard let tunnel = self.watch.agreed(head, context.channel, visit: self.visit) else {
                context.close(promise: nil)
                return
            }
            let pipeline = context.pipeline.syncOperations
            do {
                try pipeline.addHandler(AppTunnel(tunnel), position: .after(self))
            } catch {
                context.close(promise: nil)
                return
            }
            // What came behind the head goes on to the tunnel with the decoder's end.
            pipeline.removeHandler(self.encoder, promise: nil)
            pipeline.removeHandler(self, promise: nil)
            pipeline.removeHandler(self.decoder, promise: nil)
        case (.end, .other):
            self.state = .over
            self.watch.answered()
            context.close(promise: nil)
        case (.head, .agreed), (.head, .other), (.head, .over), (.body, .waiting), (.body, .agreed), (.body, .over),
            (.end, .waiting), (.end, .over):
            break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.watch.flush()
        if self.watch.isWritable { context.read() }
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch self.state {
        case .waiting, .agreed: self.watch.lost(hasBegun: false)
        case .other: self.watch.lost(hasBegun: true)
        case .over: break
        }
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            switch self.state {
            // The decoder has given out what there was: nothing can come any more.
            case .waiting, .other: context.close(promise: nil)
            case .agreed, .over: break
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

@available(*, unavailable)
extension AppAnswer: Sendable {}
