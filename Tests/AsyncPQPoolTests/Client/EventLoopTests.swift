//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import TestSupport
import Testing

@testable import AsyncPQPool

@Suite("Handlers on an event loop", .timeLimit(.minutes(2)))
struct EventLoopTests {
    private let log = LogStore()

    private func withClient<Value: Sendable>(
        loops count: Int, _ body: (PQClient, PQEventLoopGroup) async throws -> Value
    ) async throws -> Value {
        let loops = try PQEventLoopGroup(count: count)
        let client = try PQClient(
            configuration: TestServer.shared().socket, pool: limits { $0.maximumConnections = 4 }, eventLoops: loops,
            logger: self.log.logger)
        let value = try await withRunning(client) { try await body(client, loops) }
        for loop in loops.loops { loop.stop() }
        return value
    }

    @Test func `a body runs on the loop of its connections, before and after each query`() async throws {
        try await self.withClient(loops: 1) { client, loops in
            #expect(loops.current == nil)
            let sum = try await client.withEventLoop {
                var sum = 0
                for number in 1...5 {
                    #expect(loops.current != nil)
                    sum += try await client.query("SELECT \(number)").decode(Int.self)[0]
                    #expect(loops.current != nil)
                }
                return sum
            }
            #expect(sum == 15)
            #expect(loops.current == nil, "the caller is where it was")
        }
    }

    @Test func `a body within a body stays on its loop, and so do its child tasks`() async throws {
        try await self.withClient(loops: 3) { client, loops in
            try await client.withEventLoop {
                let outer = loops.current
                #expect(outer != nil)
                try await client.withEventLoop { #expect(loops.current === outer) }
                await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<4 { group.addTask { loops.current === outer } }
                    for await isSame in group { #expect(isSame) }
                }
            }
        }
    }

    @Test func `bodies are spread over the loops`() async throws {
        try await self.withClient(loops: 3) { client, loops in
            var seen: Set<ObjectIdentifier> = []
            for _ in 0..<3 {
                try await client.withEventLoop { if let loop = loops.current { seen.insert(.init(loop)) } }
            }
            #expect(seen.count == 3)
        }
    }

    @Test func `a query prefers an idle connection of its caller's loop`() async throws {
        try await self.withClient(loops: 2) { client, loops in
            // Four connections, two on each loop.
            try await client.withConnection { _ in
                try await client.withConnection { _ in
                    try await client.withConnection { _ in
                        try await client.withConnection { _ in }
                    }
                }
            }
            #expect(client.statistics.idle == 4)
            for _ in 0..<20 {
                try await client.withEventLoop {
                    let loop = loops.current
                    try await client.withConnection { #expect($0.eventLoop === loop) }
                }
            }
            #expect(client.statistics.totals.opened == 4)
            // Where its loop has none left, another loop's connection serves.
            try await client.withEventLoop {
                try await client.withConnection { _ in
                    try await client.withConnection { _ in
                        try await client.withConnection { _ in #expect(client.statistics.size == 4) }
                    }
                }
            }
            #expect(client.statistics.totals.opened == 4)
        }
    }

    @Test func `what a body throws is thrown`() async throws {
        struct Failure: Error {}
        try await self.withClient(loops: 1) { client, _ in
            await #expect(throws: Failure.self) { try await client.withEventLoop { throw Failure() } }
            let count = try await client.query("SELECT 1").count
            #expect(count == 1)
        }
    }
}
