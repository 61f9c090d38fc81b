//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Listens on this machine for the redirect that ends a login.
struct CallbackListener: Sendable {
    let port: Int
    /// The result of the login.
    let outcomes: AsyncStream<LoginCallback.Outcome>
    private let channel: any Channel

    /// Listens on the first free port.
    ///
    /// - Throws: The last reason why a port could not be taken.
    static func start(ports: [Int], callback: LoginCallback) async throws -> CallbackListener {
        let group = MultiThreadedEventLoopGroup.singleton
        let (outcomes, continuation) = AsyncStream<LoginCallback.Outcome>.makeStream()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(callback: callback, outcomes: continuation))
                }
            }
        var failure: (any Error)?
        for port in ports {
            do {
                let channel = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
                return CallbackListener(
                    port: channel.localAddress?.port ?? port, outcomes: outcomes, channel: channel)
            } catch {
                failure = error
            }
        }
        throw failure ?? ChannelError.operationUnsupported
    }

    func stop() async { try? await self.channel.close().get() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let callback: LoginCallback
        private let outcomes: AsyncStream<LoginCallback.Outcome>.Continuation
        private var head: HTTPRequestHead?

        init(callback: LoginCallback, outcomes: AsyncStream<LoginCallback.Outcome>.Continuation) {
            self.callback = callback
            self.outcomes = outcomes
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body: break
            case .end: self.answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            guard let head = self.head else { return }
            let (page, outcome) = self.callback.read(method: head.method.rawValue, target: head.uri)
            let body = ByteBuffer(string: page.html)
            let headers: HTTPHeaders = [
                "Content-Type": "text/html; charset=utf-8", "Content-Length": "\(body.readableBytes)",
                "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Connection": "close",
            ]
            let answer = HTTPResponseHead(version: .http1_1, status: .init(statusCode: page.status), headers: headers)
            context.write(self.wrapOutboundOut(.head(answer)), promise: nil)
            context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            let (outcomes, channel) = (self.outcomes, context.channel)
            // The login continues when the browser has its page.
            context.writeAndFlush(self.wrapOutboundOut(.end(nil))).whenComplete { _ in
                channel.close(promise: nil)
                if let outcome { outcomes.yield(outcome) }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
