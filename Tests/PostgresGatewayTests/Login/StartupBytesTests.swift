//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Testing

@testable import PostgresGateway

/// Start-up parameters as the bytes they are.
struct StartupBytesTests {
    private let latin = [UInt8](Array("caf".utf8)) + [0xE9]

    private func startup(_ pieces: [[UInt8]]) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeInteger(UInt32(196_608))
        for piece in pieces { body.writeBytes(piece + [0]) }
        body.writeInteger(UInt8(0))
        var buffer = ByteBuffer()
        buffer.writeInteger(UInt32(body.readableBytes + 4))
        buffer.writeBuffer(&body)
        return buffer
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func read(_ bytes: ByteBuffer) throws(LoginRejection) -> StartupMessage? {
        var bytes = bytes
        guard case .startup(let message)? = try StartupPacket.read(from: &bytes, maximumLength: 10_000) else {
            return nil
        }
        return message
    }

    private func refusal(_ bytes: ByteBuffer) -> LoginRejection? {
        do throws(LoginRejection) {
            _ = try self.read(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a value that is not UTF-8 goes to the server as it is`() async throws {
        let upstream = try await FakeUpstream.start()
        try await withGateway(policy: ClosurePolicy.token(upstream.target)) { _, address in
            let client = try await TestPeer.connect(to: address)
            let pieces = ["user", "ada", "database", "notes", "application_name"].map(self.bytes) + [self.latin]
            try await client.send(self.startup(pieces), Packets.password("token"))
            let (server, startup) = try await upstream.acceptLogin(key: CancelKey(processID: 1, secret: 1))
            #expect(startup == self.startup(pieces))
            await client.close()
            await server.close()
        }
        await upstream.stop()
    }

    @Test(arguments: ["user", "database"])
    func `a name that logins are decided by and that is not UTF-8 is refused by its parameter`(_ name: String) throws {
        let other = name == "user" ? [] : ["user", "ada"].map(self.bytes)
        let refusal = try #require(self.refusal(self.startup(other + [self.bytes(name), self.latin])))
        #expect(refusal.sqlState == "08P01")
        #expect(refusal.message.contains("\"\(name)\""))
        #expect(refusal.detail?.contains(#"caf\xE9"#) == true)
    }

    @Test func `names are told apart by their bytes`() throws {
        let composed = try self.read(Packets.startup(["user", "caf\u{E9}"]))
        let decomposed = try self.read(Packets.startup(["user", "cafe\u{301}"]))
        #expect(composed != decomposed)
        #expect(composed.map { Array($0.database.utf8) } == Array("caf\u{E9}".utf8))
        let parameters = try self.read(Packets.startup(["user", "a", "x.caf\u{E9}", "1", "x.cafe\u{301}", "2"]))
        #expect(parameters?.parameters.count == 2, "to a String these are one name")
    }

    @Test func `an option of the protocol is known by the bytes its name begins with`() throws {
        // The accent makes one Character of it and the full stop before it.
        let message = try self.read(Packets.startup(["user", "a", "_pq_.\u{301}x", "1"]))
        #expect(message?.protocolOptions == [self.bytes("_pq_.\u{301}x")])
        #expect(message?.parameters == [])
    }

    @Test func `what is refused is named, in one line`() {
        let twice = self.refusal(Packets.startup(["user", "a", "x\ny", "1", "x\ny", "2"]))
        #expect(twice?.message == #"invalid startup packet: "x\ny" occurs twice"#)
        let open = self.refusal(Packets.startup(["user", "ada", "options"], terminator: []))
        #expect(open?.message.contains("\"options\"") == true)
    }

    /// A start-up packet of exactly this length that names no database.
    private func packet(length: Int) -> ByteBuffer {
        let frame = Packets.startup(["user", "ada", "application_name", ""]).readableBytes
        return Packets.startup(["user", "ada", "application_name", String(repeating: "x", count: length - frame)])
    }

    @Test func `the longest packet of a client does not outgrow the server by the database's name`() async throws {
        let postgres = try await RealPostgres.start()
        defer { postgres.stop() }
        let policy = ClosurePolicy { login throws(LoginRejection) in
            GatewayUpstream(
                target: .unixSocket(path: postgres.socketPath), user: login.user, database: login.database,
                parameters: login.parameters, session: SilentGatewaySession()
            )
        }
        try await withGateway(policy: policy) { _, address in
            for length in [9000, 9990, 10_000] {
                let client = try await TestPeer.connect(to: address)
                try await client.send(self.packet(length: length), Packets.password("token"))
                // There is no database of that name, and the server says so: it took the packet.
                #expect(await client.messages(through: "Z").last?.sqlState == "3D000")
                await client.close()
            }
            let client = try await TestPeer.connect(to: address)
            let pieces = ["user", "ada", "database", "postgres", "application_name"].map(self.bytes) + [self.latin]
            try await client.send(self.startup(pieces), Packets.password("token"))
            #expect(await client.messages(through: "Z").last?.type == "Z")
            try await client.send(Packets.message("Q", Array("show application_name\0".utf8)))
            let row = await client.messages(through: "Z").first { $0.type == "D" }
            // As without a gateway, by versions before and since 16.
            let shown = row.map { String(decoding: $0.body.dropFirst(6), as: UTF8.self) }
            #expect(shown == "caf?" || shown == #"caf\xe9"#)
            await client.close()
        }
    }

    @Test func `a packet that would be too long for the server is refused in words`() throws {
        let upstream = GatewayUpstream(
            target: .unixSocket(path: "/x"), user: "ada", database: "other",
            parameters: [GatewayParameter(name: "options", value: String(repeating: "x", count: 9_980))],
            session: SilentGatewaySession()
        )
        let refusal = #expect(throws: LoginRejection.self) { _ = try UpstreamLogin(upstream) }
        #expect(refusal?.sqlState == "08P01")
        #expect(refusal?.message.contains("bytes") == true)
        #expect(refusal?.hint?.contains("options") == true)
    }
}
