//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOPosix

@testable import PostgresGateway

/// A server for the gateway to connect to, played by the test.
struct FakeUpstream: Sendable {
    let address: GatewayAddress
    private let peers: AsyncStream<TestPeer>
    private let server: any Channel

    static func start() async throws -> FakeUpstream {
        let (stream, sink) = AsyncStream<TestPeer>.makeStream()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { _ = sink.yield(try TestPeer.wrap(channel)) }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        let address = GatewayAddress(host: "127.0.0.1", port: server.localAddress?.port ?? 0)
        return FakeUpstream(address: address, peers: stream, server: server)
    }

    var target: GatewayUpstream.Target { .tcp(host: self.address.host, port: self.address.port, tls: nil) }

    /// The next connection.
    func accept() async throws -> TestPeer {
        for await peer in self.peers { return peer }
        throw CancellationError()
    }

    /// The next connection, logged in with the given key; also gives what it was asked for.
    func acceptLogin(key: CancelKey) async throws -> (TestPeer, startup: ByteBuffer) {
        let peer = try await self.accept()
        let startup = await peer.packet()
        try await peer.send(
            Packets.authenticationOk,
            Packets.message("S", Array("TimeZone\0UTC\0".utf8)),
            Packets.keyData(key.processID, key.secret),
            Packets.readyForQuery
        )
        return (peer, startup)
    }

    func stop() async { try? await self.server.close() }
}
