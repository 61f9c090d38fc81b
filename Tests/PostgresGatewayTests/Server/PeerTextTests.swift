//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

@testable import PostgresGateway

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What a peer said, in logs and in messages to others.
struct PeerTextTests {
    @Test func `no name of a user or database begins a line in the log, hides one, or looks like another value`()
        async throws
    {
        let log = LogStore()
        let policy = ClosurePolicy { login throws(LoginRejection) in
            throw LoginRejection(sqlState: "28P01", message: "no such user: \(login.user)")
        }
        let forged = "ada\r\n2026-01-01 warning \u{1B}[2K\u{202E} gateway.sqlstate=00000"
        try await withGateway(policy: policy, logger: log.logger) { _, address in
            for name in [forged, "a b\" gateway.user=\"root", String(repeating: "x", count: 5000)] {
                let (client, messages) = try await TestPeer.login(to: address, user: name)
                #expect(messages.last?.sqlState == "28P01")
                await client.close()
            }
        }
        let lines = log.lines.filter { $0.contains("login refused") }
        #expect(lines.count == 3)
        for line in log.lines {
            let isPlain = line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value != 0x202E }
            #expect(isPlain, "\(line)")
            #expect(line.utf8.count < 2000)
        }
        #expect(lines.contains { $0.contains(#"gateway.user="ada\r\n2026-01-01 warning \u{1B}[2K\u{202E}"#) })
        #expect(lines.contains { $0.contains(#"gateway.user="a b\" gateway.user=\"root""#) })
        #expect(lines.contains { $0.contains("…(5000 bytes)\"") })
    }

    @Test func `an upstream that resets the connection is described without names of this program's types`()
        async throws
    {
        let upstream = try await FakeUpstream.start()
        try await withGateway(policy: ClosurePolicy.token(upstream.target)) { _, address in
            let client = try await TestPeer.connect(to: address)
            try await client.send(Packets.startup(["user", "ada"]), Packets.password("token"))
            let server = try await upstream.accept()
            _ = await server.packet()
            // Closing with this is a reset.
            let options = try #require(server.channel as? any SocketOptionProvider)
            try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            await server.close()
            let error = try #require(await client.messages(through: "E").last)
            #expect(error.sqlState == "08006")
            let message = try #require(error.fields["M"])
            for word in ["IOError", "NIO", "errno", "descriptor", "("] {
                #expect(!message.contains(word), "\(message)")
            }
            await client.close()
        }
        await upstream.stop()
    }

    @Test func `every error of a connection has words`() {
        let errors: [any Error] = [
            IOError(errnoCode: 104, reason: "read(descriptor:pointer:size:)"), ChannelError.connectTimeout(.seconds(1)),
            ChannelError.ioOnClosedChannel, ChannelError.eof, NIOSSLError.uncleanShutdown,
            NIOSSLError.handshakeFailed(.sslError([])), NIOSSLExtraError.failedToValidateHostname,
            BoringSSLError.zeroReturn, SocketAddressError.unsupported, SocketAddressError.unixDomainSocketPathTooLong,
            CancellationError(), ServerIdentity(name: "db.example"),
        ]
        for error in errors {
            let words = ConnectionTrouble.words(error)
            #expect(!words.isEmpty)
            for name in ["Error", "NIO", "errno", "(", "."] where !(error is ServerIdentity) {
                #expect(!words.contains(name), "\(words)")
            }
        }
        #expect(ConnectionTrouble.words(NIOSSLExtraError.failedToValidateHostname).contains("certificate is not for"))
    }

    @Test func `an impossible port is refused and traps nowhere`() async throws {
        for port in [-1, 0, 65_536, Int.max, Int.min] {
            let policy = ClosurePolicy.token(.tcp(host: "127.0.0.1", port: port, tls: nil))
            try await withGateway(policy: policy) { gateway, address in
                let (client, messages) = try await TestPeer.login(to: address)
                #expect(messages.last?.sqlState == "08006")
                await client.close()
                guard port != 0 else { return }
                let error = await #expect(throws: GatewayError.self) {
                    _ = try await gateway.addListener(host: "127.0.0.1", port: port)
                }
                #expect(error?.code == .bindFailed)
            }
        }
    }

    @Test func `limits at the ends of their types work`() async throws {
        for number in [Int.max, Int.min] {
            let long: Duration = number > 0 ? .seconds(Int64.max) : .seconds(60)
            try await withGateway(
                policy: ClosurePolicy.token(.unixSocket(path: "/nonexistent/x")),
                configure: {
                    $0.maximumPasswordLength = number > 0 ? number : 65_536
                    $0.maximumStartupLength = number > 0 ? number : 10_000
                    $0.maximumConnections = number > 0 ? number : 10
                    $0.maximumPendingLogins = number
                    $0.maximumConcurrentCancels = number
                    $0.relayBufferLimit = number
                    ($0.loginTimeout, $0.policyTimeout, $0.upstreamTimeout) = (long, long, long)
                }
            ) { _, address in
                let (client, messages) = try await TestPeer.login(to: address)
                #expect(messages.last?.sqlState == "57P03")
                await client.close()
            }
        }
    }
}
