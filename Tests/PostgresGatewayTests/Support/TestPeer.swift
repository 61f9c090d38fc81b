//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOPosix
import NIOSSL

@testable import PostgresGateway

/// One end of a connection, for a test to talk through: a client of the gateway, or what its upstream accepted.
actor TestPeer {
    nonisolated let channel: any Channel
    private var iterator: AsyncStream<ByteBuffer>.AsyncIterator
    private var buffer = ByteBuffer()

    fileprivate init(channel: any Channel, bytes: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.iterator = bytes.makeAsyncIterator()
    }

    /// Adds the handler that collects what comes.
    static func wrap(_ channel: any Channel) throws -> TestPeer {
        let (stream, sink) = AsyncStream<ByteBuffer>.makeStream()
        try channel.pipeline.syncOperations.addHandler(Collector(sink: sink))
        return TestPeer(channel: channel, bytes: stream)
    }

    static func connect(to address: GatewayAddress) async throws -> TestPeer {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
        return try await bootstrap.connect(host: address.host, port: address.port) { channel in
            channel.eventLoop.makeCompletedFuture { try TestPeer.wrap(channel) }
        }
    }

    nonisolated func send(_ bytes: ByteBuffer...) async throws {
        var all = ByteBuffer()
        for part in bytes { all.writeImmutableBuffer(part) }
        try await self.channel.writeAndFlush(all)
    }

    nonisolated func closeOutput() async throws { try await self.channel.close(mode: .output) }

    nonisolated func close() async { try? await self.channel.close() }

    /// Starts TLS under everything that comes from now on.
    nonisolated func startTLS(_ configuration: TLSConfiguration, serverName: String?) async throws {
        let context = try NIOSSLContext(configuration: configuration)
        let channel = self.channel
        try await channel.eventLoop.submit {
            let handler = try NIOSSLClientHandler(context: context, serverHostname: serverName)
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        }.get()
    }

    /// Exactly so many bytes; fewer at the end.
    func bytes(_ count: Int) async -> ByteBuffer {
        while self.buffer.readableBytes < count, await self.more() {}
        return self.buffer.readSlice(length: min(count, self.buffer.readableBytes)) ?? ByteBuffer()
    }

    /// The next message, or `nil` at the end.
    func message() async -> Message? {
        while true {
            if let message = Message.read(from: &self.buffer) { return message }
            guard await self.more() else { return nil }
        }
    }

    /// A packet that begins with its length.
    func packet() async -> ByteBuffer {
        while self.buffer.readableBytes < 4, await self.more() {}
        let length = self.buffer.getInteger(at: self.buffer.readerIndex, as: UInt32.self)
        return await self.bytes(Int(length ?? 0))
    }

    /// All messages up to and including the first of some types, or to the end.
    func messages(through types: Character...) async -> [Message] {
        var messages: [Message] = []
        while let message = await self.message() {
            messages.append(message)
            if types.contains(message.type) { break }
        }
        return messages
    }

    /// The number of bytes until the end.
    func countToEnd() async -> Int {
        var count = self.buffer.readableBytes
        self.buffer.clear()
        while await self.more() {
            count += self.buffer.readableBytes
            self.buffer.clear()
        }
        return count
    }

    private func more() async -> Bool {
        var iterator = self.iterator
        let next = await iterator.next(isolation: #isolation)
        self.iterator = iterator
        guard let next else { return false }
        self.buffer.writeImmutableBuffer(next)
        return true
    }
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let sink: AsyncStream<ByteBuffer>.Continuation

    init(sink: AsyncStream<ByteBuffer>.Continuation) { self.sink = sink }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.sink.yield(self.unwrapInboundIn(data)) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { self.sink.finish() }
    }

    func channelInactive(context: ChannelHandlerContext) { self.sink.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
