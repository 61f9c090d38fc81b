//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Secrets
import Testing

@testable import PostgresGateway

/// The gateway before a real PostgreSQL.
struct RealPostgresTests {
    private func query(_ text: String) -> ByteBuffer { Packets.message("Q", Array("\(text)\0".utf8)) }

    /// Says that it runs before it sleeps, so that a cancel request cannot come too early.
    private var endless: ByteBuffer {
        self.query("do $$ begin raise notice 'running'; perform pg_sleep(600); end $$")
    }

    @Test func `queries, errors, cancel requests, shutdown: all as without a gateway`() async throws {
        let postgres = try await RealPostgres.start()
        defer { postgres.stop() }
        let session = RecordingSession()
        let policy = ClosurePolicy { login throws(LoginRejection) in
            GatewayUpstream(
                target: .unixSocket(path: postgres.socketPath),
                user: "ada",
                database: login.database,
                parameters: login.parameters,
                session: session
            )
        }
        try await withGateway(policy: policy, tls: TestCertificate.server(), requireTLS: true) { gateway, address in
            func connect(_ database: String) async throws -> (TestPeer, [Message]) {
                let client = try await TestPeer.connect(to: address)
                try await client.send(Packets.tlsRequest)
                _ = await client.bytes(1)
                try await client.startTLS(TestCertificate.client(), serverName: "localhost")
                let startup = Packets.startup(["user", "x", "database", database, "application_name", "relayed"])
                try await client.send(startup, Packets.password("any"))
                return (client, await client.messages(through: "Z"))
            }

            let (lost, refusal) = try await connect("missing")
            #expect(refusal.last?.sqlState == "3D000")
            await lost.close()

            let (client, greeting) = try await connect("postgres")
            let key = try #require(greeting.compactMap(\.key).first)
            try await client.send(self.query("select current_user || current_setting('application_name')"))
            let row = await client.messages(through: "Z").first { $0.type == "D" }
            #expect(row.map { String(decoding: $0.body.dropFirst(6), as: UTF8.self) } == "adarelayed")

            try await client.send(self.query("select pg_backend_pid()"))
            let pid = await client.messages(through: "Z").first { $0.type == "D" }
            #expect(pid.map { String(decoding: $0.body.dropFirst(6), as: UTF8.self) } == "\(key.processID)")

            let copy = "copy (select repeat('x', 1000) from generate_series(1, 20000)) to stdout"
            try await client.send(self.query(copy))
            let copied = await client.messages(through: "Z").filter { $0.type == "d" }
            #expect(copied.count == 20_000)
            #expect(copied.allSatisfy { $0.body.count == 1001 })

            try await client.send(self.endless)
            _ = await client.messages(through: "N")
            let canceller = try await TestPeer.connect(to: address)
            try await canceller.send(Packets.cancel(key.processID, key.secret))
            #expect(await canceller.countToEnd() == 0)
            #expect(await client.messages(through: "Z").contains { $0.sqlState == "57014" })
            await canceller.close()

            try await client.send(self.endless)
            _ = await client.messages(through: "N")
            #expect(gateway.terminateSessions { $0.processID == key.processID } == 1)
            let goodbye = await client.messages(through: "-")
            #expect(goodbye.last?.sqlState == "57P01")
            await client.close()
        }
        #expect(session.all.filter { $0 == .opened }.count == 1)
        #expect(session.all.filter { $0 == .closed }.count == 2)
    }
}
