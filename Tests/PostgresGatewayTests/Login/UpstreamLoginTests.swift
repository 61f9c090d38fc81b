//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import NIOSSL
import Secrets
import Testing

@testable import PostgresGateway

/// The login at the upstream, driven with bytes.
struct UpstreamLoginTests {
    private static let socket = GatewayUpstream.Target.unixSocket(path: "/run/x")
    private static let plain = GatewayUpstream.Target.tcp(host: "db", port: 5432, tls: nil)
    private static let encrypted = GatewayUpstream.Target.tcp(
        host: "db",
        port: 5432,
        tls: .makeClientConfiguration()
    )

    private func login(
        _ target: GatewayUpstream.Target = socket,
        password: Secret? = nil,
        parameters: [(name: String, value: String)] = []
    ) throws(LoginRejection) -> UpstreamLogin {
        try UpstreamLogin(
            GatewayUpstream(
                target: target,
                user: "ada",
                database: "notes",
                parameters: parameters.map { GatewayParameter(name: $0.name, value: $0.value) },
                password: password,
                session: SilentGatewaySession()
            )
        )
    }

    private let startup = Packets.startup(["user", "ada", "database", "notes"])
    private let passwordRequest = Packets.message("R", [0, 0, 0, 3])

    @Test func `a trusting upstream's answers are forwarded with the key replaced`() throws {
        var login = try self.login()
        #expect(login.connected() == [.send(self.startup)])
        let status = Packets.message("S", Array("TimeZone\0UTC\0".utf8))
        let rest = Packets.message("A", [1, 2, 3])
        var bytes = ByteBuffer()
        for part in [Packets.authenticationOk, status, Packets.keyData(7, 8), Packets.readyForQuery, rest] {
            bytes.writeImmutableBuffer(part)
        }
        let expected: [UpstreamLogin.Action] = [
            .forward(Packets.authenticationOk), .forward(status), .key(CancelKey(processID: 7, secret: 8)),
            .forward(Packets.readyForQuery), .ready(rest),
        ]
        #expect(login.received(bytes) == expected)
        var slow = try self.login()
        _ = slow.connected()
        var actions: [UpstreamLogin.Action] = []
        for byte in bytes.readableBytesView.dropLast(rest.readableBytes) {
            actions += slow.received(ByteBuffer(bytes: [byte]))
        }
        #expect(actions == expected.dropLast() + [.ready(ByteBuffer())])
    }

    @Test func `parameters go along in their order`() throws {
        var login = try self.login(parameters: [("options", "-c a=b"), ("application_name", "x")])
        let pieces = ["user", "ada", "database", "notes", "options", "-c a=b", "application_name", "x"]
        #expect(login.connected() == [.send(Packets.startup(pieces))])
    }

    @Test func `a NUL in a parameter is refused`() {
        #expect(throws: LoginRejection.self) {
            try self.login(parameters: [("options", "a\0user\0root")])
        }
    }

    @Test func `an upstream without a key still gives the client one`() throws {
        var login = try self.login()
        _ = login.connected()
        _ = login.received(Packets.authenticationOk)
        #expect(
            login.received(Packets.readyForQuery)
                == [.key(nil), .forward(Packets.readyForQuery), .ready(ByteBuffer())]
        )
    }

    @Test func `a password is sent through a Unix socket and inside TLS`() throws {
        var login = try self.login(password: Secret("token"))
        _ = login.connected()
        #expect(login.received(self.passwordRequest) == [.send(Packets.password("token"))])
        var encrypted = try self.login(Self.encrypted, password: Secret("token"))
        #expect(encrypted.connected() == [.send(Packets.tlsRequest)])
        #expect(encrypted.received(ByteBuffer(string: "S")) == [.startTLS])
        #expect(encrypted.tlsEstablished() == [.send(self.startup)])
        #expect(encrypted.received(self.passwordRequest) == [.send(Packets.password("token"))])
    }

    @Test func `a password never crosses a plain TCP connection`() throws {
        var login = try self.login(Self.plain, password: Secret("token"))
        _ = login.connected()
        #expect(self.states(login.received(self.passwordRequest)) == ["28000"])
    }

    @Test func `an upstream that declines TLS gets nothing`() throws {
        for answer in ["N", "E", "SX"] {
            var login = try self.login(Self.encrypted, password: Secret("token"))
            _ = login.connected()
            #expect(self.states(login.received(ByteBuffer(string: answer))) == ["08P01"])
        }
    }

    @Test(arguments: [5, 7, 9, 10, 77] as [UInt8])
    func `another authentication method is refused`(_ method: UInt8) throws {
        var login = try self.login(password: Secret("token"))
        _ = login.connected()
        #expect(self.states(login.received(Packets.message("R", [0, 0, 0, method]))) == ["28000"])
    }

    @Test func `a password is given once, and only if there is one`() throws {
        var login = try self.login()
        _ = login.connected()
        #expect(self.states(login.received(self.passwordRequest)) == ["28000"])
        var greedy = try self.login(password: Secret("token"))
        _ = greedy.connected()
        _ = greedy.received(self.passwordRequest)
        #expect(self.states(greedy.received(self.passwordRequest)) == ["28000"])
    }

    @Test func `the upstream's own errors pass unchanged and end the login`() throws {
        for state in ["3D000", "53300", "57P03", "28P01"] {
            var login = try self.login()
            _ = login.connected()
            let error = Packets.error(state, "no")
            #expect(login.received(error) == [.forward(error), .end])
            #expect(login.closed() == [])
        }
    }

    @Test(arguments: [
        ("an endless message", ByteBuffer(bytes: [UInt8(ascii: "S"), 0x7F, 0xFF, 0xFF, 0xFF])),
        ("an impossible length", ByteBuffer(bytes: [UInt8(ascii: "S"), 0, 0, 0, 3])),
        ("a row", Packets.message("D", [0, 0])),
        ("a long key", Packets.message("K", [0, 0, 0, 1, 0, 0, 0, 1, 2])),
        ("ready without authentication", Packets.readyForQuery),
    ])
    func `an upstream that breaks the protocol is refused`(_ name: String, _ bytes: ByteBuffer) throws {
        var login = try self.login()
        _ = login.connected()
        #expect(self.states(login.received(bytes)) == ["08P01"], "\(name)")
    }

    @Test func `an upstream that hangs up is named`() throws {
        var login = try self.login()
        _ = login.connected()
        #expect(self.states(login.closed()) == ["08006"])
    }

    private func states(_ actions: [UpstreamLogin.Action]) -> [String] {
        actions.compactMap { if case .refuse(let refusal) = $0 { refusal.sqlState } else { nil } }
    }
}
