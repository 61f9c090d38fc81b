//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import PostgresGateway

/// Hostile bytes: many on the parsers, some thousand connections on a real listener.
struct LoginSocketFuzzTests {
    /// Random bytes that look like a packet often enough to get further than its length.
    private static func packet(_ generator: inout SeededGenerator) -> [UInt8] {
        var body: [UInt8] = []
        let codes: [UInt32] = [196_608, 196_608, 196_608, 196_610, 80_877_102, 80_877_103, 80_877_104, 131_072]
        let code = codes.randomElement(using: &generator) ?? 0
        withUnsafeBytes(of: code.bigEndian) { body += $0 }
        if code >> 16 == 3 {
            let words = ["user", "ada", "database", "notes", "options", "_pq_.x", "USER", "", "x.caf\u{E9}", "0"]
            if Int.random(in: 0..<4, using: &generator) > 0 { body += Array("user\0ada\0".utf8) }
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                for word in words.dropFirst(2).shuffled(using: &generator).prefix(2) { body += Array(word.utf8) + [0] }
            }
            body.append(0)
        } else {
            for _ in 0..<Int.random(in: 0...9, using: &generator) {
                body.append(.random(in: 0...255, using: &generator))
            }
        }
        var length = UInt32(body.count + 4)
        if Int.random(in: 0..<8, using: &generator) == 0 { length = UInt32(truncatingIfNeeded: generator.next()) }
        if Int.random(in: 0..<8, using: &generator) == 0 { length &+= UInt32.random(in: 0...2, using: &generator) &- 1 }
        for _ in 0..<max(0, Int.random(in: -3...2, using: &generator)) {
            let index = body.indices.randomElement(using: &generator) ?? 0
            body[index] = .random(in: 0...255, using: &generator)
        }
        return withUnsafeBytes(of: length.bigEndian) { Array($0) } + body
    }

    /// More of them are a matter of minutes: LAKEBASE_FUZZ_ROUNDS says how many.
    @Test func `a hundred thousand hostile packets are read or refused, and nothing is kept of them`() async {
        let rounds = ProcessInfo.processInfo.environment["LAKEBASE_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 100_000
        var generator = SeededGenerator(seed: 99)
        var (read, refused, waiting) = (0, 0, 0)
        for round in 0..<rounds {
            // Others have deadlines.
            if round % 500 == 0 { await Task.yield() }
            var buffer = ByteBuffer(bytes: Self.packet(&generator))
            let before = buffer.readableBytes
            do throws(LoginRejection) {
                if try StartupPacket.read(from: &buffer, maximumLength: 10_000) == nil {
                    waiting += 1
                    if buffer.readableBytes != before { Issue.record("a packet that is not complete was touched") }
                } else {
                    read += 1
                }
            } catch {
                refused += 1
                if error.message.utf8.count > 500 { Issue.record("a refusal is as long as what was sent") }
            }
        }
        #expect(read > rounds / 10 && refused > rounds / 10 && waiting > rounds / 500, "\(read) \(refused) \(waiting)")
    }

    @Test func `a good login may be cut at each byte`() async throws {
        let policy = ClosurePolicy { login throws(LoginRejection) in
            throw LoginRejection(sqlState: "28P01", message: "\(login.user) \(login.database)")
        }
        try await withGateway(policy: policy) { _, address in
            var whole = Packets.startup(["user", "ada", "database", "notes"])
            whole.writeImmutableBuffer(Packets.password("x"))
            for cut in 1..<whole.readableBytes {
                let client = try await TestPeer.connect(to: address)
                var rest = whole
                try await client.send(rest.readSlice(length: cut) ?? ByteBuffer())
                try await client.send(rest)
                #expect(await client.message()?.type == "R")
                #expect(await client.message()?.fields["M"] == "ada notes")
                await client.close()
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `three thousand hostile connections end, and the next client is served`()
        async throws
    {
        let policy = ClosurePolicy { login throws(LoginRejection) in
            throw LoginRejection(sqlState: "28P01", message: "no")
        }
        try await withGateway(
            policy: policy, tls: TestCertificate.server(), configure: { $0.loginTimeout = .milliseconds(200) }
        ) { gateway, address in
            for seed: UInt64 in 0..<30 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number: UInt64 in 0..<100 {
                        group.addTask { try await Self.attack(address, seed: seed * 100 + number) }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(gateway.sessions.isEmpty)
            let (client, messages) = try await TestPeer.login(to: address)
            #expect(messages.last?.sqlState == "28P01")
            await client.close()
        }
    }

    /// One connection of hostile bytes; it ends because the gateway ends it.
    private static func attack(_ address: GatewayAddress, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let client = try await TestPeer.connect(to: address)
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            var bytes = Self.packet(&generator)
            if Int.random(in: 0..<4, using: &generator) == 0 { bytes = [0x16, 3, 1] + bytes }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
            // It may have hung up on the last one already.
            try? await client.send(ByteBuffer(bytes: bytes))
        }
        if Bool.random(using: &generator) { try? await client.closeOutput() }
        let count = await client.countToEnd()
        #expect(count < 10_000)
        await client.close()
    }
}
