//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Secrets
import Testing

@testable import PostgresGateway

/// A generator with a seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

struct ClientLoginFuzzTests {
    private static let limit = 2000

    private let seeds: [ByteBuffer] = [
        Packets.startup(["user", "ada", "database", "notes", "options", "-c search_path=a"]),
        Packets.startup(["user", "ada", "_pq_.x", "1"], code: 196_610),
        Packets.tlsRequest, Packets.gssRequest, Packets.cancel(1, 2),
        Packets.password("token"), Packets.message("Q", Array("select 1\0".utf8)),
    ]

    /// A sequence of good packets with a few bytes changed, lost, doubled or added.
    private func mutated(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        if Bool.random(using: &generator) {
            bytes += self.seeds[0].readableBytesView
            bytes += Packets.password("token").readableBytesView
        }
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            bytes += self.seeds.randomElement(using: &generator)!.readableBytesView
        }
        for _ in 0..<Int.random(in: 0...6, using: &generator) where !bytes.isEmpty {
            let index = bytes.indices.randomElement(using: &generator)!
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(bytes[index], at: index)
            default: bytes.insert(contentsOf: [0, 0xFF, 0x7F, 0], at: index)
            }
        }
        return bytes
    }

    @Test func `mutated logins never trap, end at most once, and keep a bounded number of bytes`() {
        var generator = SeededGenerator(seed: 42)
        var refused = 0
        var accepted = 0
        for round in 0..<8000 {
            var login = ClientLogin(
                rules: ClientLogin.Rules(
                    offersTLS: round % 3 > 0,
                    requiresTLS: round % 5 == 0,
                    maximumStartupLength: Self.limit,
                    maximumPasswordLength: Self.limit,
                    isFull: round % 7 == 0
                )
            )
            var rest = self.mutated(&generator)[...]
            var ends = 0
            while !rest.isEmpty {
                let count = Int.random(in: 1...rest.count, using: &generator)
                for action in login.received(ByteBuffer(bytes: rest.prefix(count))) {
                    switch action {
                    case .refuse, .close, .cancel: ends += 1
                    case .startTLS: _ = login.tlsEstablished(negotiatedProtocol: "postgresql")
                    case .authenticate: accepted += 1
                    case .send: break
                    }
                }
                rest = rest.dropFirst(count)
                #expect(login.bufferedBytes <= Self.limit + 4)
            }
            for case .refuse in login.deadlineReached() { ends += 1 }
            #expect(ends <= 1)
            refused += ends
        }
        // Both ways out are really taken.
        #expect(refused > 2000)
        #expect(accepted > 200)
    }

    @Test func `mutated answers of an upstream never trap and end at most once`() throws {
        var generator = SeededGenerator(seed: 43)
        let answers = [
            Packets.authenticationOk, Packets.message("R", [0, 0, 0, 3]), Packets.message("R", [0, 0, 0, 10]),
            Packets.keyData(7, 8), Packets.readyForQuery, Packets.error("3D000", "no"),
            Packets.message("S", Array("a\0b\0".utf8)),
        ]
        let upstream = GatewayUpstream(
            target: .unixSocket(path: "/x"),
            user: "a",
            database: "b",
            password: Secret("token"),
            session: SilentGatewaySession()
        )
        for _ in 0..<8000 {
            var login = try UpstreamLogin(upstream)
            _ = login.connected()
            var bytes: [UInt8] = []
            for _ in 0..<4 { bytes += answers.randomElement(using: &generator)!.readableBytesView }
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                bytes[bytes.indices.randomElement(using: &generator)!] = UInt8.random(in: 0...255, using: &generator)
            }
            var ends = 0
            for byte in bytes {
                for action in login.received(ByteBuffer(bytes: [byte])) {
                    switch action {
                    case .ready, .refuse, .end: ends += 1
                    case .send, .startTLS, .forward, .key: break
                    }
                }
            }
            #expect(ends <= 1)
        }
    }
}
