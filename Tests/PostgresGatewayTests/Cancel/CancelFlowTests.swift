//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Testing

@testable import PostgresGateway

/// Cancel requests over loopback, with the upstream played by the test.
struct CancelFlowTests {
    /// Sends a cancel request and gives the connection, which the gateway closes.
    private func cancel(_ key: CancelKey, at address: GatewayAddress) async throws -> TestPeer {
        let peer = try await TestPeer.connect(to: address)
        try await peer.send(Packets.cancel(key.processID, key.secret))
        return peer
    }

    @Test func `a second request for a session is sent after the first has hung up`() async throws {
        let upstream = try await FakeUpstream.start()
        try await withGateway(policy: ClosurePolicy.token(upstream.target)) { _, address in
            async let accepted = upstream.acceptLogin(key: CancelKey(processID: 5, secret: 6))
            let (client, greeting) = try await TestPeer.login(to: address)
            let (server, _) = try await accepted
            let key = try #require(greeting.compactMap(\.key).first)
            let first = try await self.cancel(key, at: address)
            let slow = try await upstream.accept()
            #expect(await slow.packet() == Packets.cancel(5, 6))
            // The first one has been heard and is not over.
            let second = try await self.cancel(key, at: address)
            await slow.close()
            #expect(await first.countToEnd() == 0)
            let next = try await upstream.accept()
            #expect(await next.packet() == Packets.cancel(5, 6))
            await next.close()
            #expect(await second.countToEnd() == 0)
            for peer in [client, server, first, second] { await peer.close() }
        }
        await upstream.stop()
    }

    @Test func `a flood of wrong keys neither reaches the upstream nor keeps the right ones back`() async throws {
        let upstream = try await FakeUpstream.start()
        let policy = ClosurePolicy.token(upstream.target)
        try await withGateway(policy: policy, configure: { $0.maximumConcurrentCancels = 1 }) { _, address in
            async let accepted = upstream.acceptLogin(key: CancelKey(processID: 5, secret: 6))
            let (client, greeting) = try await TestPeer.login(to: address)
            let (server, _) = try await accepted
            let key = try #require(greeting.compactMap(\.key).first)
            for round in 0..<20 {
                let wrong = try await withThrowingTaskGroup(of: TestPeer.self) { group in
                    for number: UInt32 in 1...50 {
                        let guess = CancelKey(processID: 5, secret: key.secret &+ number &+ UInt32(round) &* 50)
                        group.addTask { try await self.cancel(guess, at: address) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let right = try await self.cancel(key, at: address)
                let delivered = try await upstream.accept()
                #expect(await delivered.packet() == Packets.cancel(5, 6))
                await delivered.close()
                for peer in wrong + [right] {
                    #expect(await peer.countToEnd() == 0)
                    await peer.close()
                }
            }
            for peer in [client, server] { await peer.close() }
        }
        await upstream.stop()
    }
}
