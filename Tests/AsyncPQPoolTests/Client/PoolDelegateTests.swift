//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import TestSupport
import Testing

@testable import AsyncPQPool

@Suite("The events of a pool", .timeLimit(.minutes(2)))
struct PoolDelegateTests {
    private let events = EventStore()
    private let log = LogStore()

    private func client(_ pool: PQPoolConfiguration) throws -> PQClient {
        try PQClient(
            configuration: TestServer.shared().socket, pool: pool, delegate: self.events, logger: self.log.logger)
    }

    private func terminate(_ process: Int32) async throws {
        try await TestServer.shared().script("SELECT pg_terminate_backend(\(process))")
    }

    @Test func `each connection is opened and closed once, each lease begins and ends once`() async throws {
        let client = try self.client(limits())
        try await withRunning(client) {
            try await client.query("SELECT 1")
            try await client.withConnection { _ in _ = try await client.query("SELECT 1") }
            #expect(await client.replaceConnections(within: .seconds(50)))
        }
        let expected = [
            "opened 1", "acquired 1", "released 1", "acquired 1", "opened 2", "acquired 2", "released 2", "released 1",
        ]
        #expect(Array(self.events.events.prefix(8)) == expected)
        #expect(self.events.events.dropFirst(8).sorted() == ["closed 1 replaced", "closed 2 replaced"])
    }

    @Test func `a caller that waits in vain is one event`() async throws {
        let client = try self.client(limits { $0.maximumConnections = 1 })
        try await withRunning(client) {
            try await client.withConnection { _ in
                for _ in 0..<3 {
                    _ = await thrown { try await client.withConnection(deadline: .now + .milliseconds(5)) { _ in } }
                }
                _ = await thrown { try await client.withConnection(deadline: .now - .seconds(1)) { _ in } }
            }
        }
        #expect(self.events.count("timed out") == 4)
        #expect(self.events.count("acquired") == 1 && self.events.count("released") == 1)
    }

    @Test func `a lost connection has an error, and those closed for its sake have none`() async throws {
        let client = try self.client(limits())
        try await withRunning(client) {
            let process = try await client.processID()
            try await client.withConnection { _ in _ = try await client.query("SELECT 1") }
            #expect(client.statistics.idle == 2)
            try await self.terminate(process)
            #expect(await becomesTrue { self.events.count("closed") == 2 })
        }
        #expect(self.events.events.filter { $0.contains("closed") } == ["closed 1 lost, an error", "closed 2 suspect"])
    }

    @Test func `a connection that fails its liveness check says so`() async throws {
        let fake = try FakePostgres()
        defer { fake.stop() }
        let client = try PQClient(
            configuration: fake.configuration,
            pool: limits {
                $0.livenessCheckAfter = .zero
                $0.livenessCheckTimeout = .milliseconds(50)
            }, delegate: self.events, logger: self.log.logger)
        try await withRunning(client) {
            try await client.query("SELECT 1")
            fake.fallSilent()
            try await client.query("SELECT 1")
        }
        let expected = [
            "opened 1", "acquired 1", "released 1", "closed 1 checkFailed, an error", "opened 2", "acquired 2",
            "released 2", "closed 2 shutDown",
        ]
        #expect(self.events.events == expected)
    }

    @Test func `the reasons are told apart`() async throws {
        let idle = try self.client(limits { $0.idleTimeout = .milliseconds(20) })
        try await withRunning(idle) {
            try await idle.query("SELECT 1")
            #expect(await becomesTrue { self.events.count("closed 1 idle") == 1 })
        }
        let aged = try self.client(limits { $0.maximumAge = .milliseconds(20) })
        try await withRunning(aged) {
            try await aged.withConnection { _ in try await Task.sleep(for: .milliseconds(30)) }
            #expect(await becomesTrue { self.events.events.contains { $0.contains("aged") } })
        }
        let resized = try self.client(limits())
        try await withRunning(resized) {
            try await resized.withConnection { _ in _ = try await resized.query("SELECT 1") }
            try resized.resize(minimum: 0, maximum: 1)
            #expect(await becomesTrue { self.events.events.contains { $0.contains("surplus") } })
        }
        #expect(self.events.count("opened") == self.events.count("closed"))
    }

    @Test func `a connection that holders close, lose or leave busy is closed once`() async throws {
        let client = try self.client(limits { $0.maximumConnections = 4 })
        try await withRunning(client) {
            for round in 0..<3 {
                _ = await thrown {
                    try await client.withConnection { connection in
                        switch round {
                        case 0: await connection.close()
                        case 1: try await connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
                        default: try await connection.query("BEGIN")
                        }
                    }
                }
            }
            try await client.query("SELECT 1")
        }
        #expect(self.events.count("opened") == 3 && self.events.count("closed") == 3)
        #expect(self.events.events.filter { $0.contains("lost, an error") }.count == 2)
    }

    @Test func `whatever many callers do at once, the events balance`() async throws {
        let client = try self.client(
            limits {
                $0.maximumConnections = 3
                $0.maximumAge = .milliseconds(60)
                $0.idleTimeout = .milliseconds(20)
                $0.livenessCheckAfter = .zero
            })
        try await withRunning(client) {
            for round in 0..<8 {
                await withTaskGroup(of: Void.self) { group in
                    for task in 0..<20 {
                        group.addTask {
                            _ = try? await client.withConnection(deadline: .now + .milliseconds(200)) { connection in
                                try await connection.query("SELECT pg_sleep(0.001)")
                                if task == 3 {
                                    try await connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
                                }
                            }
                        }
                    }
                    if round % 3 == 0 { group.cancelAll() }
                    if round % 3 == 1 { _ = await client.replaceConnections(within: .milliseconds(20)) }
                }
            }
        }
        var open: Set<String> = []
        var leased: Set<String> = []
        for event in self.events.events {
            let words = event.split(separator: " ").map(String.init)
            switch words[0] {
            case "opened": #expect(open.insert(words[1]).inserted, "\(event)")
            case "closed": #expect(open.remove(words[1]) != nil, "\(event)")
            case "acquired": #expect(leased.insert(words[1]).inserted, "\(event)")
            case "released": #expect(leased.remove(words[1]) != nil, "\(event)")
            default: break
            }
        }
        #expect(open.isEmpty && leased.isEmpty)
        #expect(self.events.count("opened") > 3)
    }
}
