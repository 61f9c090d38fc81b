//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A loopback server that answers each request with bytes of the test's choice, right or wrong.
final class RawServer: Sendable {
    /// What is done with a request.
    enum Reply: Sendable {
        /// These bytes; the connection stays open.
        case bytes(String)
        /// These bytes, then the end.
        case bytesThenClose(String)
        /// These bytes, then a reset.
        case bytesThenReset(String)
        /// These bytes, then more of the same, for as long as the client reads.
        case endless(String, then: String)
        /// Nothing at all.
        case silence
    }

    private let channel: any Channel
    private let count: Counter

    /// Requests that have come so far.
    var requests: Int { self.count.value }
    /// What came, a text for each request.
    var heads: [String] { self.count.heads }
    let url: String

    static func with<Result>(
        _ reply: @escaping @Sendable (_ number: Int) -> Reply, tls: NIOSSLContext? = nil,
        _ body: (RawServer) async throws -> Result
    ) async throws -> Result {
        let server = try await RawServer(reply, tls)
        do {
            let result = try await body(server)
            try await server.channel.close()
            return result
        } catch {
            try? await server.channel.close()
            throw error
        }
    }

    private init(_ reply: @escaping @Sendable (_ number: Int) -> Reply, _ tls: NIOSSLContext?) async throws {
        let count = Counter()
        self.count = count
        self.channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(Handler(count: count, reply: reply))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.url = "\(tls == nil ? "http" : "https")://127.0.0.1:\(self.channel.localAddress?.port ?? 0)"
    }

    final class Counter: Sendable {
        private let seen = Mutex<[String]>([])
        var value: Int { self.heads.count }
        var heads: [String] { self.seen.withLock { $0 } }
        func next(_ head: String) -> Int {
            self.seen.withLock {
                $0.append(head)
                return $0.count
            }
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        let count: Counter
        let reply: @Sendable (Int) -> Reply
        var received = ""

        init(count: Counter, reply: @escaping @Sendable (Int) -> Reply) {
            self.count = count
            self.reply = reply
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.received += String(buffer: self.unwrapInboundIn(data))
            // A TLS hello has no end of headers.
            guard self.received.contains("\r\n\r\n") || self.received.hasPrefix("\u{16}") else { return }
            let head = self.received
            self.received = ""
            switch self.reply(self.count.next(head)) {
            case .bytes(let text):
                self.write(text, context)
            case .bytesThenClose(let text):
                self.write(text, context)
                context.close(promise: nil)
            case .bytesThenReset(let text):
                self.write(text, context)
                // A socket that closes with a linger time of zero sends a reset.
                if let options = context.channel as? any SocketOptionProvider {
                    let channel = context.channel
                    options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
                        channel.close(promise: nil)
                    }
                }
            case .endless(let head, let chunk):
                self.write(head, context)
                Self.repeat(chunk, context.channel)
            case .silence:
                break
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func write(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }

        private static func `repeat`(_ text: String, _ channel: any Channel) {
            channel.writeAndFlush(ByteBuffer(string: text)).whenSuccess {
                // A small write has ended when it returns: the next one from here would go ever deeper.
                channel.eventLoop.execute { self.repeat(text, channel) }
            }
        }
    }
}
