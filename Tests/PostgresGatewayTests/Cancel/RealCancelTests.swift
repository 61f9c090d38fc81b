//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Testing

@testable import PostgresGateway

/// Cancel requests before a real PostgreSQL, in numbers.
@Suite(.serialized)
struct RealCancelTests {
    private func query(_ text: String) -> ByteBuffer { Packets.message("Q", Array("\(text)\0".utf8)) }

    /// Says that it runs before it sleeps, so that a cancel request cannot come too early.
    private var endless: ByteBuffer {
        self.query("do $$ begin raise notice 'running'; perform pg_sleep(600); end $$")
    }

    private func policy(_ postgres: RealPostgres) -> ClosurePolicy {
        ClosurePolicy { login throws(LoginRejection) in
            GatewayUpstream(
                target: .unixSocket(path: postgres.socketPath), user: "ada", database: "postgres",
                session: SilentGatewaySession()
            )
        }
    }

    private func login(_ address: GatewayAddress) async throws -> (TestPeer, CancelKey) {
        let (client, greeting) = try await TestPeer.login(to: address)
        return (client, try #require(greeting.compactMap(\.key).first, "\(greeting.compactMap(\.fields))"))
    }

    private func cancel(_ key: CancelKey, at address: GatewayAddress) async throws -> TestPeer {
        let peer = try await TestPeer.connect(to: address)
        try await peer.send(Packets.cancel(key.processID, key.secret))
        return peer
    }

    @Test(.timeLimit(.minutes(5))) func `of 200 sessions that are cancelled at once none runs on`() async throws {
        let postgres = try await RealPostgres.start(settings: ["max_connections=220", "shared_buffers=16MB"])
        defer { postgres.stop() }
        try await withGateway(policy: self.policy(postgres)) { _, address in
            let sessions = try await withThrowingTaskGroup(of: (TestPeer, CancelKey).self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        let (client, key) = try await self.login(address)
                        try await client.send(self.endless)
                        _ = await client.messages(through: "N")
                        return (client, key)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (client, key) in sessions {
                    group.addTask {
                        let canceller = try await self.cancel(key, at: address)
                        #expect(await client.messages(through: "Z").contains { $0.sqlState == "57014" })
                        #expect(await canceller.countToEnd() == 0)
                        await canceller.close()
                        await client.close()
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `of 400 cancel requests for one session, each at once after the last, none is lost`()
        async throws
    {
        let postgres = try await RealPostgres.start()
        defer { postgres.stop() }
        try await withGateway(policy: self.policy(postgres)) { _, address in
            let (client, key) = try await self.login(address)
            for round in 0..<400 {
                // PostgreSQL up to 16 signals the session's process and then its group (signal_child): the second signal of the
                // last request may end this statement before it runs.
                repeat {
                    try await client.send(self.endless)
                } while await client.messages(through: "N", "Z").last?.type == "Z"
                // The last one's connection may still be hanging up.
                let canceller = try await self.cancel(key, at: address)
                #expect(await client.messages(through: "Z").contains { $0.sqlState == "57014" }, "round \(round)")
                Task { await canceller.close() }
            }
            await client.close()
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a statement that begins when the requests are over is not cancelled`()
        async throws
    {
        let postgres = try await RealPostgres.start()
        defer { postgres.stop() }
        try await withGateway(policy: self.policy(postgres)) { _, address in
            let (client, key) = try await self.login(address)
            for round in 0..<150 {
                try await client.send(self.endless)
                _ = await client.messages(through: "N")
                let cancellers = try await withThrowingTaskGroup(of: TestPeer.self) { group in
                    for _ in 0..<4 { group.addTask { try await self.cancel(key, at: address) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                for canceller in cancellers {
                    #expect(await canceller.countToEnd() == 0)
                    await canceller.close()
                }
                #expect(await client.messages(through: "Z").contains { $0.sqlState == "57014" }, "round \(round)")
                try await client.send(self.query("select count(*) from generate_series(1, 2000)"))
                let answer = await client.messages(through: "Z")
                #expect(!answer.contains { $0.type == "E" }, "round \(round)")
            }
            await client.close()
        }
    }
}
