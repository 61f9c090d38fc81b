//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOPosix
import NIOSSL
import Secrets
import TestSupport
import Testing

@testable import PostgresGateway

/// Whole sessions over loopback, with the upstream played by the test.
struct RelayTests {
    private let query = Packets.message("Q", Array("select 1\0".utf8))

    @Test func `bytes flow both ways once the upstream is ready, and the session hears of it`() async throws {
        let upstream = try await FakeUpstream.start()
        let session = RecordingSession()
        try await withGateway(policy: ClosurePolicy.token(upstream.target, session: session)) { gateway, address in
            async let accepted = upstream.acceptLogin(key: CancelKey(processID: 77, secret: 1))
            let (client, greeting) = try await TestPeer.login(to: address, parameters: ["application_name", "x"])
            let (server, startup) = try await accepted
            let pieces = ["user", "ada", "database", "ada", "application_name", "x"]
            #expect(startup == Packets.startup(pieces))
            #expect(greeting.map(\.type) == ["R", "S", "K", "Z"])
            #expect(greeting[2].key?.processID == 77)
            #expect(greeting[2].key?.secret != 1)
            #expect(gateway.sessions.map(\.processID) == [77])
            #expect(gateway.sessions.map(\.isOpen) == [true])
            try await client.send(self.query)
            #expect(await server.bytes(self.query.readableBytes) == self.query)
            try await server.send(Packets.readyForQuery)
            #expect(await client.message()?.type == "Z")
            await client.close()
            #expect(await server.message() == nil)
            await server.close()
            #expect(await session.untilClosed() == [.opened, .closed])
        }
        #expect(session.all.filter { $0 == .closed }.count == 1)
        #expect(session.all.contains(.activity))
        await upstream.stop()
    }

    @Test func `what a client sends ahead of the upstream's readiness is not lost`() async throws {
        let upstream = try await FakeUpstream.start()
        try await withGateway(policy: ClosurePolicy.token(upstream.target)) { _, address in
            let client = try await TestPeer.connect(to: address)
            try await client.send(Packets.startup(["user", "ada"]), Packets.password("token"), self.query)
            let (server, _) = try await upstream.acceptLogin(key: CancelKey(processID: 1, secret: 1))
            #expect(await server.bytes(self.query.readableBytes) == self.query)
            await client.close()
            await server.close()
        }
        await upstream.stop()
    }

    @Test func `a client that ends its input still gets the answer`() async throws {
        let upstream = try await FakeUpstream.start()
        try await withGateway(policy: ClosurePolicy.token(upstream.target)) { _, address in
            async let accepted = upstream.acceptLogin(key: CancelKey(processID: 1, secret: 1))
            let (client, _) = try await TestPeer.login(to: address)
            let (server, _) = try await accepted
            try await client.send(self.query)
            try await client.closeOutput()
            #expect(await server.countToEnd() == self.query.readableBytes)
            try await server.send(ByteBuffer(repeating: 7, count: 300_000))
            await server.close()
            #expect(await client.countToEnd() == 300_000)
            await client.close()
        }
        await upstream.stop()
    }

    @Test func `megabytes pass both ways unchanged, plain and through TLS`() async throws {
        let blob = ByteBuffer(bytes: (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 9) })
        for usesTLS in [false, true] {
            // One for each gateway: a stopping one may still send a cancel request, which must not be taken for a login.
            let upstream = try await FakeUpstream.start()
            let policy = ClosurePolicy.token(upstream.target)
            try await withGateway(policy: policy, tls: TestCertificate.server()) { _, address in
                let client = try await TestPeer.connect(to: address)
                if usesTLS {
                    try await client.send(Packets.tlsRequest)
                    #expect(await client.bytes(1) == ByteBuffer(string: "S"))
                    try await client.startTLS(TestCertificate.client(), serverName: "db.test.example")
                }
                try await client.send(Packets.startup(["user", "ada"]), Packets.password("token"))
                let (server, _) = try await upstream.acceptLogin(key: CancelKey(processID: 1, secret: 1))
                _ = await client.messages(through: "Z")
                async let sentUp: Void = client.send(blob)
                async let sentDown: Void = server.send(blob)
                #expect(await server.bytes(blob.readableBytes) == blob)
                #expect(await client.bytes(blob.readableBytes) == blob)
                _ = try await (sentUp, sentDown)
                await client.close()
                await server.close()
            }
            await upstream.stop()
        }
    }

    @Test func `an upstream that does not read stops the client's flow, and the rest comes later`() async throws {
        let upstream = try await FakeUpstream.start()
        try await withGateway(policy: ClosurePolicy.token(upstream.target)) { _, address in
            async let accepted = upstream.acceptLogin(key: CancelKey(processID: 1, secret: 1))
            let (client, _) = try await TestPeer.login(to: address)
            let (server, _) = try await accepted
            try await server.channel.setOption(.autoRead, value: false).get()
            let total = 64 * 1024 * 1024
            // More than all socket buffers hold; it only fits if somebody buffers without bound.
            let flood = client.channel.eventLoop.makePromise(of: Void.self)
            client.channel.writeAndFlush(ByteBuffer(repeating: 1, count: total), promise: flood)
            // Whoever buffers without bound takes half of it in time. Otherwise nothing moves any more, however long one
            // looks; a second of that, in ten looks, is no pause of a busy machine that only fills the system's buffers.
            var (pending, looks) = (total, 0)
            while looks < 10, pending > total / 2 {
                try await Task.sleep(for: .milliseconds(100))
                let now = try await client.channel.getOption(.bufferedWritableBytes).get()
                looks = now == pending ? looks + 1 : 0
                pending = now
            }
            #expect(pending > total / 2)
            #expect(pending < total, "something went through before it stopped")
            try await server.channel.setOption(.autoRead, value: true).get()
            #expect(await server.bytes(total).readableBytes == total)
            try await flood.futureResult.get()
            await client.close()
            await server.close()
        }
        await upstream.stop()
    }

    @Test func `an upstream that hangs up ends the session after its last bytes`() async throws {
        let upstream = try await FakeUpstream.start()
        let session = RecordingSession()
        try await withGateway(policy: ClosurePolicy.token(upstream.target, session: session)) { _, address in
            async let accepted = upstream.acceptLogin(key: CancelKey(processID: 1, secret: 1))
            let (client, _) = try await TestPeer.login(to: address)
            let (server, _) = try await accepted
            try await server.send(Packets.error("57P01", "terminating connection due to administrator command"))
            await server.close()
            #expect(await client.message()?.sqlState == "57P01")
            #expect(await client.message() == nil)
            #expect(await session.untilClosed() == [.opened, .closed])
            await client.close()
        }
        await upstream.stop()
    }

    @Test func `terminating a session ends it with 57P01 after the upstream's last message`() async throws {
        let upstream = try await FakeUpstream.start()
        let policy = ClosurePolicy.token(upstream.target)
        // A busy machine must not use up the grace.
        try await withGateway(policy: policy, configure: { $0.shutdownGrace = .seconds(60) }) { gateway, address in
            async let accepted = upstream.acceptLogin(key: CancelKey(processID: 9, secret: 4))
            let (client, _) = try await TestPeer.login(to: address)
            let (server, _) = try await accepted
            #expect(gateway.terminateSessions { $0.user == "bob" } == 0)
            #expect(gateway.terminateSessions { $0.user == "ada" } == 1)
            let cancel = try await upstream.accept()
            #expect(await cancel.packet() == Packets.cancel(9, 4))
            await cancel.close()
            #expect(await server.message() == nil)
            try await server.send(Packets.error("57014", "canceling statement"))
            await server.close()
            #expect(await client.message()?.sqlState == "57014")
            #expect(await client.message()?.sqlState == "57P01")
            #expect(await client.message() == nil)
            await client.close()
        }
        await upstream.stop()
    }

    @Test func `a stop is bounded even if nobody lets go`() async throws {
        let session = RecordingSession()
        let time = try await measure {
            // Nobody lets go, so only the grace ends it.
            try await Self.stop(letsGo: false, session) { $0.shutdownGrace = .milliseconds(300) }
        } beside: {
            try await Self.stop(letsGo: true, RecordingSession()) { _ in }
        }
        #expect(time.isWithin(.seconds(5)), "\(time)")
        #expect(session.all.last == .closed)
    }

    /// Runs a gateway with one session until it has stopped.
    private static func stop(
        letsGo: Bool, _ session: RecordingSession, _ configure: (inout GatewayConfiguration) -> Void
    ) async throws {
        let upstream = try await FakeUpstream.start()
        let policy = ClosurePolicy.token(upstream.target, session: session)
        let peers = try await withGateway(policy: policy, configure: configure) { _, address in
            async let accepted = upstream.acceptLogin(key: CancelKey(processID: 9, secret: 4))
            let (client, _) = try await TestPeer.login(to: address)
            let (server, _) = try await accepted
            if letsGo { for peer in [client, server] { await peer.close() } }
            return [client, server]
        }
        if !letsGo { for peer in peers { await peer.close() } }
        await upstream.stop()
    }
}
