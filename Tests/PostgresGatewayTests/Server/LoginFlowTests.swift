//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Secrets
import Testing

@testable import PostgresGateway

/// Logins over loopback: TLS, refusals, deadlines, cancel requests.
struct LoginFlowTests {
    private static let nowhere = GatewayUpstream.Target.unixSocket(path: "/nonexistent/.s.PGSQL.5432")

    @Test func `TLS after a request or at once, with the name captured`() async throws {
        let policy = ClosurePolicy { login throws(LoginRejection) in
            throw LoginRejection(sqlState: "28P01", message: "\(login.serverName ?? "none") \(login.isTLS)")
        }
        for isDirect in [false, true] {
            for name in ["db.test.example", nil] {
                try await withGateway(policy: policy, tls: TestCertificate.server(), requireTLS: true) { _, address in
                    let client = try await TestPeer.connect(to: address)
                    if !isDirect {
                        try await client.send(Packets.tlsRequest)
                        #expect(await client.bytes(1) == ByteBuffer(string: "S"))
                    }
                    try await client.startTLS(TestCertificate.client(), serverName: name)
                    try await client.send(Packets.startup(["user", "ada"]), Packets.password("token"))
                    #expect(await client.message()?.type == "R")
                    #expect(await client.message()?.fields["M"] == "\(name ?? "none") true")
                    #expect(await client.message() == nil)
                    await client.close()
                }
            }
        }
    }

    @Test func `direct TLS without ALPN is refused inside TLS`() async throws {
        let policy = ClosurePolicy.token(Self.nowhere)
        try await withGateway(policy: policy, tls: TestCertificate.server()) { _, address in
            let client = try await TestPeer.connect(to: address)
            try await client.startTLS(TestCertificate.client(protocols: []), serverName: "db.test.example")
            #expect(await client.message()?.sqlState == "08P01")
            await client.close()
        }
    }

    @Test func `a login without TLS gets a readable error`() async throws {
        let policy = ClosurePolicy.token(Self.nowhere)
        try await withGateway(policy: policy, tls: TestCertificate.server(), requireTLS: true) { _, address in
            let client = try await TestPeer.connect(to: address)
            try await client.send(Packets.startup(["user", "ada"]))
            let error = await client.message()
            #expect(error?.sqlState == "28000")
            #expect(error?.fields["M"]?.contains("sslmode=require") == true)
            #expect(await client.message() == nil)
            await client.close()
        }
    }

    @Test func `a refusal arrives whole even while the client goes on sending`() async throws {
        try await withGateway(policy: ClosurePolicy.token(Self.nowhere)) { _, address in
            let client = try await TestPeer.connect(to: address)
            try await client.send(
                Packets.startup(["user", "ada"]),
                Packets.password("wrong"),
                ByteBuffer(repeating: 0, count: 100_000)
            )
            #expect(await client.message()?.type == "R")
            let error = await client.message()
            #expect(error?.fields["S"] == "FATAL")
            #expect(error?.fields["V"] == "FATAL")
            #expect(error?.fields["C"] == "28P01")
            #expect(error?.fields["M"] == "password authentication failed for user \"ada\"")
            #expect(error?.fields["D"] == "The token has expired.")
            #expect(error?.fields["H"] == "Mint a new one.")
            await client.close()
        }
    }

    @Test func `an upstream that is not there is a sentence`() async throws {
        let session = RecordingSession()
        let policy = ClosurePolicy.token(Self.nowhere, session: session)
        try await withGateway(policy: policy) { _, address in
            let (client, messages) = try await TestPeer.login(to: address)
            #expect(messages.last?.sqlState == "57P03")
            #expect(await session.untilClosed() == [.closed])
            await client.close()
        }
    }

    @Test func `an upstream's own refusal passes unchanged`() async throws {
        let upstream = try await FakeUpstream.start()
        try await withGateway(policy: ClosurePolicy.token(upstream.target)) { _, address in
            let client = try await TestPeer.connect(to: address)
            try await client.send(Packets.startup(["user", "ada"]), Packets.password("token"))
            let server = try await upstream.accept()
            _ = await server.packet()
            let error = Packets.error("3D000", "database \"ada\" does not exist")
            try await server.send(error)
            await server.close()
            _ = await client.message()
            #expect(await client.bytes(error.readableBytes) == error)
            #expect(await client.message() == nil)
            await client.close()
        }
        await upstream.stop()
    }

    @Test func `a client that dawdles is cut at the deadline`() async throws {
        let policy = ClosurePolicy.token(Self.nowhere)
        try await withGateway(policy: policy, configure: { $0.loginTimeout = .milliseconds(300) }) { _, address in
            let client = try await TestPeer.connect(to: address)
            let startup = Packets.startup(["user", "ada"])
            let dripping = Task {
                for byte in startup.readableBytesView {
                    try await client.send(ByteBuffer(bytes: [byte]))
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            #expect(await client.message()?.sqlState == "08P01")
            #expect(await client.message() == nil)
            dripping.cancel()
            await client.close()
            _ = await dripping.result
        }
    }

    @Test func `a policy that thinks too long is not waited for`() async throws {
        let policy = ClosurePolicy { _ throws(LoginRejection) in
            try? await Task.sleep(for: .seconds(600))
            throw LoginRejection(sqlState: "XX000", message: "late")
        }
        try await withGateway(policy: policy, configure: { $0.policyTimeout = .milliseconds(100) }) { _, address in
            let (client, messages) = try await TestPeer.login(to: address)
            #expect(messages.last?.sqlState == "57P03")
            await client.close()
        }
    }

    @Test func `a client that leaves cancels the policy, and a late session is closed once`() async throws {
        let session = RecordingSession()
        let (started, sink) = AsyncStream<Void>.makeStream()
        let policy = ClosurePolicy { login throws(LoginRejection) in
            sink.yield()
            try? await Task.sleep(for: .seconds(600))
            return GatewayUpstream(target: Self.nowhere, user: "a", database: "b", session: session)
        }
        try await withGateway(policy: policy) { _, address in
            let client = try await TestPeer.connect(to: address)
            try await client.send(Packets.startup(["user", "ada"]), Packets.password("token"))
            for await _ in started { break }
            await client.close()
            #expect(await session.untilClosed() == [.closed])
        }
        #expect(session.all == [.closed])
    }

    @Test func `more clients than allowed are told so`() async throws {
        let upstream = try await FakeUpstream.start()
        let policy = ClosurePolicy.token(upstream.target)
        try await withGateway(policy: policy, configure: { $0.maximumConnections = 1 }) { _, address in
            async let accepted = upstream.acceptLogin(key: CancelKey(processID: 1, secret: 1))
            let (first, _) = try await TestPeer.login(to: address)
            let (server, _) = try await accepted
            let second = try await TestPeer.connect(to: address)
            try await second.send(Packets.startup(["user", "ada"]))
            #expect(await second.message()?.sqlState == "53300")
            for peer in [first, second, server] { await peer.close() }
        }
        await upstream.stop()
    }

    @Test func `a cancel request reaches the upstream with the upstream's key, an unknown one does not`() async throws {
        let upstream = try await FakeUpstream.start()
        try await withGateway(policy: ClosurePolicy.token(upstream.target)) { _, address in
            async let accepted = upstream.acceptLogin(key: CancelKey(processID: 5, secret: 6))
            let (client, greeting) = try await TestPeer.login(to: address)
            let (server, _) = try await accepted
            let key = try #require(greeting.compactMap(\.key).first)
            let unknown = try await TestPeer.connect(to: address)
            try await unknown.send(Packets.cancel(5, key.secret ^ 1))
            #expect(await unknown.countToEnd() == 0)
            let known = try await TestPeer.connect(to: address)
            try await known.send(Packets.cancel(5, key.secret))
            // Had the unknown one been passed on, it would be first.
            let cancel = try await upstream.accept()
            #expect(await cancel.packet() == Packets.cancel(5, 6))
            await cancel.close()
            #expect(await known.countToEnd() == 0)
            for peer in [client, server, unknown, known] { await peer.close() }
        }
        await upstream.stop()
    }

    @Test func `an upstream behind TLS is verified, asked for by name, and given the password`() async throws {
        let tls = try TestCertificate.client()
        for name in ["db.test.example", "other.test.example"] {
            // One for each gateway: a stopping one may still send a cancel request, which must not be taken for a login.
            let upstream = try await FakeUpstream.start()
            let target = GatewayUpstream.Target.tcp(
                host: upstream.address.host,
                port: upstream.address.port,
                tls: tls,
                serverName: name
            )
            try await withGateway(policy: ClosurePolicy.token(target)) { _, address in
                let client = try await TestPeer.connect(to: address)
                try await client.send(Packets.startup(["user", "ada"]), Packets.password("token"))
                let server = try await upstream.accept()
                #expect(await server.packet() == Packets.tlsRequest)
                try await server.acceptTLSAnswering(TestCertificate.server())
                _ = await client.message()
                if name == "db.test.example" {
                    #expect(await server.packet() == Packets.startup(["user", "ada", "database", "ada"]))
                    try await server.send(Packets.message("R", [0, 0, 0, 3]))
                    #expect(await server.message() == Message(type: "p", body: Array("token\0".utf8)))
                    try await server.send(Packets.authenticationOk, Packets.readyForQuery)
                    #expect(await client.messages(through: "Z").map(\.type) == ["R", "K", "Z"])
                } else {
                    // The certificate names the address, which must not do.
                    let error = await client.message()
                    #expect(error?.sqlState == "08006")
                    #expect(error?.fields["M"]?.contains("certificate is not for other.test.example") == true)
                    #expect(await server.message() == nil)
                }
                await client.close()
                await server.close()
            }
            await upstream.stop()
        }
    }
}

extension TestPeer {
    /// Says yes to TLS and begins it before the client's hello can arrive.
    nonisolated func acceptTLSAnswering(_ configuration: TLSConfiguration) async throws {
        let context = try NIOSSLContext(configuration: configuration)
        let channel = self.channel
        try await channel.eventLoop.submit {
            channel.writeAndFlush(ByteBuffer(string: "S"), promise: nil)
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context), position: .first)
        }.get()
    }
}
