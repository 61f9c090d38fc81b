//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import TestSupport
import Testing

@testable import AsyncPQPool

/// One after the other: they stop a server that is theirs.
@Suite("A server that stops and starts", .serialized, .sharesTheMachine, .timeLimit(.minutes(4)))
struct ServerRestartTests {
    private static let server = Result { try TestServer.start() }

    private let log = LogStore()

    @Test func `callers wait while the server starts, and none fails`() async throws {
        let server = try Self.server.get()
        let client = try PQClient(
            configuration: server.socket, pool: limits { $0.wakeTimeout = .seconds(50) }, logger: self.log.logger)
        try await withRunning(client) {
            let before = try await client.processID()
            try await server.stop()
            #expect(await becomesTrue { client.statistics.size == 0 })
            try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<20 { group.addTask { try await client.processID() } }
                #expect(await becomesTrue { self.log.text.contains("The server does not answer yet, trying again") })
                #expect(client.statistics.waiting == 20 && client.statistics.totals.failedToOpen == 0)
                try await server.startAgain()
                for try await after in group { #expect(after != before) }
            }
            #expect(client.statistics.totals.lost >= 1)
        }
    }

    @Test func `a server that does not come back fails its callers after the wake timeout`() async throws {
        let server = try Self.server.get()
        let client = try PQClient(
            configuration: server.socket, pool: limits { $0.wakeTimeout = .milliseconds(80) },
            logger: self.log.logger)
        try await withRunning(client) {
            try await client.query("SELECT 1")
            try await server.stop()
            #expect(await becomesTrue { client.statistics.size == 0 })
            let error = await thrown { try await client.query("SELECT 1") } as? PQError
            #expect(error?.code == .connectionFailed)
            try await server.startAgain()
            #expect(await becomesTrue { (try? await client.query("SELECT 1").count) == 1 }, "it goes on")
        }
    }

    @Test func `a caller that gives up first learns why nothing connects`() async throws {
        let server = try Self.server.get()
        let client = try PQClient(configuration: server.socket, pool: limits(), logger: self.log.logger)
        try await server.stop()
        try await withRunning(client) {
            let isTold = await getsFarEnough { limit in
                let error = await thrown { try await client.withConnection(deadline: .now + limit) { _ in } }
                guard let error = error as? PQPoolError, error.lastConnectError is PQError else { return false }
                #expect(error.description.contains("the last attempt to open one failed: no connection to"))
                return true
            }
            #expect(isTold)
        }
        try await server.startAgain()
    }
}
