//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Secrets
import Testing

@testable import PostgresGateway

/// The server's side of the login, driven with bytes.
struct ClientLoginTests {
    private func login(
        offersTLS: Bool = true,
        requiresTLS: Bool = false,
        isFull: Bool = false
    ) -> ClientLogin {
        ClientLogin(
            rules: ClientLogin.Rules(
                offersTLS: offersTLS,
                requiresTLS: requiresTLS,
                maximumStartupLength: 10_000,
                maximumPasswordLength: 1000,
                isFull: isFull
            )
        )
    }

    /// The refusal's SQLSTATE when `bytes` come first.
    private func refusal(_ bytes: ByteBuffer, requiresTLS: Bool = false, isFull: Bool = false) -> String? {
        var login = self.login(requiresTLS: requiresTLS, isFull: isFull)
        for case .refuse(let refusal) in login.received(bytes) { return refusal.sqlState }
        return nil
    }

    private let passwordRequest = Packets.message("R", [0, 0, 0, 3])

    @Test func `a login without TLS asks for the password and hands everything on`() {
        var login = self.login()
        let startup = Packets.startup(["user", "ada", "database", "notes", "application_name", "psql"])
        #expect(login.received(startup) == [.send(self.passwordRequest)])
        let expected = StartupMessage(
            minorVersion: 0,
            user: "ada",
            database: "notes",
            parameters: [.init(name: "application_name", value: "psql")],
            protocolOptions: []
        )
        #expect(login.received(Packets.password("key")) == [.authenticate(expected, password: Secret("key"))])
    }

    @Test func `the database is the user's when none or an empty one is named`() {
        for pieces in [["user", "ada"], ["user", "ada", "database", ""]] {
            var login = self.login()
            _ = login.received(Packets.startup(pieces))
            guard case .authenticate(let startup, _)? = login.received(Packets.password("key")).first else {
                Issue.record("no authentication")
                continue
            }
            #expect(startup.database == "ada")
        }
    }

    @Test func `any fragmentation gives the same actions`() {
        var whole = Packets.gssRequest
        var expected: [ClientLogin.Action] = [.send(ByteBuffer(string: "N"))]
        var login = self.login()
        var actions: [ClientLogin.Action] = []
        for part in [Packets.gssRequest, Packets.startup(["user", "ada"]), Packets.password("key")] {
            for byte in part.readableBytesView { actions += login.received(ByteBuffer(bytes: [byte])) }
        }
        expected.append(.send(self.passwordRequest))
        expected.append(
            .authenticate(
                StartupMessage(minorVersion: 0, user: "ada", database: "ada", parameters: [], protocolOptions: []),
                password: Secret("key")
            )
        )
        #expect(actions == expected)
        // The startup packet and the password at once, too.
        whole = Packets.startup(["user", "ada"])
        whole.writeImmutableBuffer(Packets.password("key"))
        whole.writeImmutableBuffer(Packets.message("Q", Array("select 1".utf8) + [0]))
        var hasty = self.login()
        #expect(hasty.received(whole) == Array(expected.dropFirst()))
        #expect(hasty.takePipelinedBytes() == Packets.message("Q", Array("select 1".utf8) + [0]))
    }

    @Test func `a request for TLS is granted, and a second one refused`() {
        var login = self.login()
        #expect(login.received(Packets.tlsRequest) == [.startTLS(.requested)])
        #expect(login.tlsEstablished(negotiatedProtocol: nil) == [])
        #expect(self.states(login.received(Packets.tlsRequest)) == ["08P01"])
    }

    @Test func `without a certificate the answer is N and the login goes on`() {
        var login = self.login(offersTLS: false)
        #expect(login.received(Packets.tlsRequest) == [.send(ByteBuffer(string: "N"))])
        #expect(login.received(Packets.startup(["user", "ada"])) == [.send(self.passwordRequest)])
    }

    @Test func `after N a second request for TLS is refused`() {
        var login = self.login(offersTLS: false)
        _ = login.received(Packets.tlsRequest)
        #expect(self.states(login.received(Packets.tlsRequest)) == ["08P01"])
    }

    @Test func `GSS encryption is declined once, before TLS`() {
        var login = self.login()
        #expect(login.received(Packets.gssRequest) == [.send(ByteBuffer(string: "N"))])
        #expect(login.received(Packets.tlsRequest) == [.startTLS(.requested)])
        var twice = self.login()
        _ = twice.received(Packets.gssRequest)
        #expect(self.states(twice.received(Packets.gssRequest)) == ["08P01"])
        var inside = self.login()
        _ = inside.received(Packets.tlsRequest)
        _ = inside.tlsEstablished(negotiatedProtocol: "postgresql")
        #expect(self.states(inside.received(Packets.gssRequest)) == ["08P01"])
    }

    @Test func `bytes sent ahead of the TLS handshake are refused`() {
        var bytes = Packets.tlsRequest
        bytes.writeImmutableBuffer(Packets.startup(["user", "ada"]))
        #expect(self.refusal(bytes) == "08P01")
    }

    @Test func `a TLS hello as the first byte starts TLS at once`() {
        var login = self.login()
        let hello = ByteBuffer(bytes: [0x16, 3, 1, 0, 5])
        #expect(login.received(hello) == [.startTLS(.direct(hello))])
        #expect(login.tlsEstablished(negotiatedProtocol: "postgresql") == [])
        #expect(login.received(Packets.startup(["user", "ada"])) == [.send(self.passwordRequest)])
    }

    @Test func `direct TLS needs the ALPN protocol`() {
        for negotiated in [nil, "http/1.1"] {
            var login = self.login()
            _ = login.received(ByteBuffer(bytes: [0x16]))
            #expect(self.states(login.tlsEstablished(negotiatedProtocol: negotiated)) == ["08P01"])
        }
    }

    @Test func `direct TLS without a certificate is closed`() {
        var login = self.login(offersTLS: false)
        #expect(login.received(ByteBuffer(bytes: [0x16, 3, 1])) == [.close])
    }

    @Test func `cancel requests come through plain, and inside TLS`() {
        let key = CancelKey(processID: -5, secret: 7)
        var plain = self.login(requiresTLS: true, isFull: true)
        #expect(plain.received(Packets.cancel(-5, 7)) == [.cancel(key)])
        var inside = self.login(requiresTLS: true)
        _ = inside.received(Packets.tlsRequest)
        _ = inside.tlsEstablished(negotiatedProtocol: nil)
        #expect(inside.received(Packets.cancel(-5, 7)) == [.cancel(key)])
    }

    @Test func `a login without TLS is refused where TLS is required`() {
        #expect(self.refusal(Packets.startup(["user", "ada"]), requiresTLS: true) == "28000")
    }

    @Test func `a full gateway says so before it asks for a password`() {
        #expect(self.refusal(Packets.startup(["user", "ada"]), isFull: true) == "53300")
    }

    @Test func `a newer minor version and unknown protocol options are negotiated down`() {
        var login = self.login()
        let startup = Packets.startup(["user", "ada", "_pq_.shiny", "on"], code: 196_610)
        var expected = Packets.message("v", [0, 3, 0, 0, 0, 0, 0, 1] + Array("_pq_.shiny".utf8) + [0])
        expected.writeImmutableBuffer(self.passwordRequest)
        #expect(login.received(startup) == [.send(expected)])
        guard case .authenticate(let message, _)? = login.received(Packets.password("key")).first else {
            Issue.record("no authentication")
            return
        }
        #expect(message.parameters == [])
    }

    @Test(arguments: [
        ("protocol 2", Packets.startup(["user", "ada"], code: 131_072)),
        ("protocol 4", Packets.startup(["user", "ada"], code: 262_144)),
        ("HTTP", ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n")),
        ("length 0", Packets.integers([0])),
        ("length 4", Packets.integers([4])),
        ("length 7", Packets.integers([7, 196_608])),
        ("length 10001", Packets.integers([10_001])),
        ("length 2^31", Packets.integers([0x8000_0000])),
        ("length 2^32-1", Packets.integers([0xFFFF_FFFF])),
        ("an empty body", Packets.integers([8, 196_608])),
        ("a long TLS request", Packets.integers([12, 80_877_103, 0])),
        ("a short cancel request", Packets.integers([12, 80_877_102, 1])),
        ("a long cancel request", Packets.integers([20, 80_877_102, 1, 2, 3])),
        ("no terminator", Packets.startup(["user", "ada"], terminator: [])),
        ("bytes after the terminator", Packets.startup(["user", "ada"], terminator: [0, 0])),
        ("a name without a value", Packets.startup(["user", "ada", "options"], terminator: [])),
        ("a parameter twice", Packets.startup(["user", "ada", "options", "a", "options", "b"])),
        ("a parameter twice in another case", Packets.startup(["user", "ada", "DateStyle", "a", "datestyle", "b"])),
        ("the user twice", Packets.startup(["user", "ada", "user", "root"])),
        ("a smuggled NUL", Packets.startup(["user", "ada\0database"])),
    ])
    func `a malformed startup is refused with 08P01`(_ name: String, _ bytes: ByteBuffer) {
        #expect(self.refusal(bytes) == "08P01", "\(name)")
    }

    @Test func `text that is not UTF-8 is refused`() {
        var bytes = Packets.startup(["user", "ada"])
        bytes.setInteger(UInt8(0xFF), at: bytes.writerIndex - 3)
        #expect(self.refusal(bytes) == "08P01")
    }

    @Test func `a startup without a user is refused`() {
        #expect(self.refusal(Packets.startup(["database", "notes"])) == "28000")
        #expect(self.refusal(Packets.startup(["user", ""])) == "28000")
    }

    @Test(arguments: [
        ("an empty password", Packets.password(""), "28P01"),
        ("another message", Packets.message("Q", [0]), "08P01"),
        ("no terminator", Packets.message("p", [65, 66]), "08P01"),
        ("a NUL inside", Packets.message("p", [65, 0, 66, 0]), "08P01"),
        ("no body", Packets.message("p", []), "08P01"),
        ("invalid UTF-8", Packets.message("p", [0xFF, 0]), "08P01"),
        ("a huge length", ByteBuffer(bytes: [UInt8(ascii: "p"), 0xFF, 0xFF, 0xFF, 0xFF]), "08P01"),
        ("one byte too long", Packets.password(String(repeating: "x", count: 1001)), "08P01"),
    ])
    func `a bad password message is refused`(_ name: String, _ bytes: ByteBuffer, _ state: String) {
        var login = self.login()
        _ = login.received(Packets.startup(["user", "ada"]))
        #expect(self.states(login.received(bytes)) == [state], "\(name)")
    }

    @Test func `the longest password is taken`() {
        var login = self.login()
        _ = login.received(Packets.startup(["user", "ada"]))
        let password = String(repeating: "x", count: 1000)
        guard case .authenticate(_, Secret(password))? = login.received(Packets.password(password)).first else {
            Issue.record("refused")
            return
        }
    }

    @Test func `the deadline refuses where an error can be read and closes where not`() {
        var slow = self.login()
        _ = slow.received(ByteBuffer(bytes: [0, 0]))
        #expect(self.states(slow.deadlineReached()) == ["08P01"])
        #expect(slow.received(Packets.startup(["user", "ada"])) == [])
        var handshaking = self.login()
        _ = handshaking.received(Packets.tlsRequest)
        #expect(handshaking.deadlineReached() == [.close])
        var complete = self.login()
        _ = complete.received(Packets.startup(["user", "ada"]))
        _ = complete.received(Packets.password("key"))
        #expect(complete.deadlineReached() == [])
    }

    @Test func `what a client sends ahead is bounded`() {
        var login = self.login()
        _ = login.received(Packets.startup(["user", "ada"]))
        _ = login.received(Packets.password("key"))
        let chunk = ByteBuffer(repeating: 1, count: 64 * 1024)
        var states: [String] = []
        for _ in 0..<10 {
            states += self.states(login.received(chunk))
            #expect(login.bufferedBytes <= ClientLogin.pipelineLimit)
        }
        #expect(states == ["08P01"])
    }

    private func states(_ actions: [ClientLogin.Action]) -> [String] {
        actions.compactMap { if case .refuse(let refusal) = $0 { refusal.sqlState } else { nil } }
    }
}
