//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOSSL
import Secrets
import Testing

@testable import PostgresGateway

/// Security defects that poolers and proxies of PostgreSQL have had, tried here.
struct KnownDefectTests {
    private static let nowhere = GatewayUpstream.Target.unixSocket(path: "/nonexistent/.s.PGSQL.5432")

    /// Fails the test when it is asked.
    private static let unasked = ClosurePolicy { login throws(LoginRejection) in
        Issue.record("nobody may get as far as a decision")
        throw LoginRejection(sqlState: "28P01", message: "no")
    }

    private func upstreamLogin(tls: TLSConfiguration? = nil) throws -> UpstreamLogin {
        let target: GatewayUpstream.Target =
            tls == nil ? .unixSocket(path: "/x") : .tcp(host: "db", port: 5432, tls: tls)
        var login = try UpstreamLogin(
            GatewayUpstream(
                target: target, user: "ada", database: "notes", password: Secret("token"),
                session: SilentGatewaySession()
            )
        )
        _ = login.connected()
        return login
    }

    private func refusals(_ actions: [UpstreamLogin.Action]) -> [String] {
        actions.compactMap { if case .refuse(let refusal) = $0 { refusal.sqlState } else { nil } }
    }

    @Test(arguments: [Packets.tlsRequest, Packets.gssRequest])
    func `what is sent unencrypted along with the request for encryption is refused (CVE-2021-23214)`(
        _ request: ByteBuffer
    ) async throws {
        try await withGateway(policy: Self.unasked, tls: TestCertificate.server()) { _, address in
            let client = try await TestPeer.connect(to: address)
            try await client.send(request, Packets.startup(["user", "ada"]), Packets.password("token"))
            let error = await client.message()
            #expect(error?.sqlState == "08P01")
            #expect(error?.fields["M"]?.contains("unencrypted data") == true)
            #expect(await client.message() == nil)
            await client.close()
        }
    }

    @Test func `what is sent unencrypted after the yes to TLS ends the connection`() async throws {
        try await withGateway(policy: Self.unasked, tls: TestCertificate.server()) { _, address in
            let client = try await TestPeer.connect(to: address)
            try await client.send(Packets.tlsRequest)
            #expect(await client.bytes(1) == ByteBuffer(string: "S"))
            try await client.send(Packets.startup(["user", "ada"]), Packets.password("token"))
            let answer = await client.bytes(4096)
            // At most an alert of TLS, and never a message of PostgreSQL's.
            #expect(answer.readableBytes == 0 || answer.readableBytesView.first == 21)
            await client.close()
        }
    }

    @Test func `what a server sends unencrypted along with its yes to TLS is refused (CVE-2021-23222)`() throws {
        var bytes = ByteBuffer(string: "S")
        for part in [Packets.authenticationOk, Packets.readyForQuery] { bytes.writeImmutableBuffer(part) }
        var login = try self.upstreamLogin(tls: .makeClientConfiguration())
        #expect(self.refusals(login.received(bytes)) == ["08P01"])
    }

    @Test func `an error in place of an answer to the request for TLS is not shown (CVE-2024-10977)`() throws {
        var login = try self.upstreamLogin(tls: .makeClientConfiguration())
        let actions = login.received(Packets.error("28000", "type your password at http://evil.example"))
        #expect(self.refusals(actions) == ["08P01"])
        for action in actions { #expect(!"\(action)".contains("evil")) }
    }

    @Test func `lengths at the ends of their type are refused at once (CVE-2026-6664)`() throws {
        for length: UInt32 in [0, 1, 3, 4, 7, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFB, 0xFFFF_FFFF] {
            var packet = Packets.integers([length, 196_608])
            let refusal = #expect(throws: LoginRejection.self) {
                _ = try StartupPacket.read(from: &packet, maximumLength: 10_000)
            }
            #expect(refusal?.sqlState == "08P01")
            var login = ClientLogin(
                rules: ClientLogin.Rules(
                    offersTLS: false, requiresTLS: false, maximumStartupLength: 10_000, maximumPasswordLength: .max,
                    isFull: false
                )
            )
            _ = login.received(Packets.startup(["user", "ada"]))
            var password = ByteBuffer(bytes: [UInt8(ascii: "p")])
            password.writeInteger(length)
            for case .authenticate in login.received(password) { Issue.record("there was no password") }
        }
    }

    @Test func `an error of a server without SQLSTATE or fields goes on as it is (CVE-2026-6666)`() throws {
        for body: [UInt8] in [[], [0], [UInt8(ascii: "M")], Array("Mno\0".utf8), [0xFF, 0xFF, 0xFF]] {
            var login = try self.upstreamLogin()
            let error = Packets.message("E", body)
            #expect(login.received(error) == [.forward(error), .end])
        }
    }

    @Test func `a server's demand for SCRAM, whatever its length, is refused (CVE-2026-6665)`() throws {
        for length in [0, 10, 60_000] {
            var login = try self.upstreamLogin()
            let body = [0, 0, 0, 10] + [UInt8](repeating: UInt8(ascii: "x"), count: length)
            #expect(self.refusals(login.received(Packets.message("R", body))) == ["28000"])
        }
    }

    @Test func `a NUL in a start-up value adds no parameter and changes no role`() throws {
        for upstream in [
            GatewayUpstream(
                target: Self.nowhere, user: "ada\0user\0root", database: "d", session: SilentGatewaySession()),
            GatewayUpstream(
                target: Self.nowhere, user: "ada", database: "d\0user\0root", session: SilentGatewaySession()),
            GatewayUpstream(
                target: Self.nowhere, user: "ada", database: "d",
                parameters: [GatewayParameter(name: "options\0user", value: "root")], session: SilentGatewaySession()
            ),
        ] {
            #expect(throws: LoginRejection.self) { _ = try UpstreamLogin(upstream) }
        }
    }

    @Test func `a search_path in the start-up packet is the session's and nobody else's (CVE-2025-12819)`() async throws
    {
        // The gateway asks no database about a login; the packet goes to the server after the decision only.
        let upstream = try await FakeUpstream.start()
        let policy = ClosurePolicy { login throws(LoginRejection) in
            throw LoginRejection(sqlState: "28P01", message: "\(login.parameters.map(\.name))")
        }
        try await withGateway(policy: policy) { _, address in
            let (client, messages) = try await TestPeer.login(to: address, parameters: ["search_path", "evil"])
            #expect(messages.last?.fields["M"] == "[\"search_path\"]")
            await client.close()
        }
        await upstream.stop()
    }

    @Test func `a cancel key is no password: it differs from the server's and from session to session`() async throws {
        let upstream = try await FakeUpstream.start()
        try await withGateway(policy: ClosurePolicy.token(upstream.target)) { _, address in
            var secrets: Set<UInt32> = [6]
            for _ in 0..<20 {
                async let accepted = upstream.acceptLogin(key: CancelKey(processID: 5, secret: 6))
                let (client, greeting) = try await TestPeer.login(to: address)
                let (server, _) = try await accepted
                let key = try #require(greeting.compactMap(\.key).first)
                #expect(secrets.insert(key.secret).inserted)
                await client.close()
                await server.close()
            }
        }
        await upstream.stop()
    }
}
