//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import Secrets
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import AsyncPQPool

@Suite("The client of any PostgreSQL", .timeLimit(.minutes(2)))
struct PQClientTests {
    private let log = LogStore()

    private func client(
        _ pool: PQPoolConfiguration = limits(), name: String = "pool-tests", delegate: (any PQPoolDelegate)? = nil
    ) throws -> PQClient {
        var configuration = try TestServer.shared().socket
        configuration.applicationName = name
        return try PQClient(configuration: configuration, pool: pool, delegate: delegate, logger: self.log.logger)
    }

    // MARK: Using it

    @Test func `a connection string is enough, and queries, connections and transactions work`() async throws {
        let server = try TestServer.shared()
        let url = Secret("host=\(server.folder) port=\(server.port) user=\(TestServer.superuser) dbname=postgres")
        let client = try PQClient(connectionString: url, pool: limits(), logger: self.log.logger)
        try await withRunning(client) {
            let sum = try await client.query("SELECT \(20) + \(22)").decode(Int.self)
            #expect(sum == [42])
            let pids = try await client.withConnection { connection in
                [
                    try await connection.query("SELECT pg_backend_pid()").decode(Int32.self),
                    try await connection.query("SELECT pg_backend_pid()").decode(Int32.self),
                ]
            }
            #expect(pids[0] == pids[1])
            let settings = try await client.withTransaction(
                isolation: .serializable, readOnly: true, deferrable: true, settings: ["app.user": "ann"]
            ) { connection in
                try await connection.query(
                    """
                    SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'),
                        current_setting('transaction_deferrable'), current_setting('app.user')
                    """
                ).decode((String, String, String, String).self)
            }
            let found = try #require(settings.first)
            #expect(found == ("serializable", "on", "on", "ann"))
            #expect(client.statistics.totals.opened == 1)
        }
    }

    @Test func `an error of the server is a PQError, and the connection goes back to the pool`() async throws {
        let client = try self.client()
        try await withRunning(client) {
            for _ in 0..<5 {
                let error = await thrown { try await client.query("SELECT 1 / 0") } as? PQError
                #expect(error?.sqlState == .divisionByZero)
                let other = await thrown { try await client.withTransaction { _ = try await $0.query("SELECT 1 / 0") } }
                #expect((other as? PQError)?.sqlState == .divisionByZero)
            }
            #expect(client.statistics.totals.opened == 1 && client.statistics.leased == 0)
        }
    }

    @Test func `a transaction that the server rolled back runs again`() async throws {
        let client = try self.client()
        try await withRunning(client) {
            let runs = Mutex(0)
            let value = try await client.withTransaction(retrying: 2) { connection in
                let run = runs.withLock { runs in
                    runs += 1
                    return runs
                }
                if run < 3 {
                    try await connection.query("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$")
                }
                return run
            }
            #expect(value == 3)
            let error = await thrown {
                try await client.withTransaction(retrying: 1) {
                    _ = try await $0.query("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$")
                }
            }
            #expect((error as? PQError)?.sqlState == .serializationFailure)
        }
    }

    @Test func `a hundred tasks share a few connections, and each gets its own rows`() async throws {
        let name = "pool-crowd"
        let client = try self.client(limits { $0.maximumConnections = 4 }, name: name)
        let server = try TestServer.shared()
        try await withRunning(client) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<100 {
                    group.addTask {
                        for round in 0..<20 {
                            let number = task * 1000 + round
                            let row = try await client.query("SELECT \(number), pg_backend_pid()").first
                            let (found, _) = try #require(row).decode((Int, Int32).self)
                            #expect(found == number)
                        }
                    }
                }
                let sessions = try await server.sessions(of: name)
                #expect(sessions <= 4)
                try await group.waitForAll()
            }
            #expect(client.statistics.leased == 0 && client.statistics.waiting == 0)
            #expect(client.statistics.size <= 4 && client.statistics.totals.acquired == 2000)
        }
        #expect(await becomesTrue { (try? await server.sessions(of: name)) == 0 })
    }

    @Test func `tasks cancelled at any moment leave every connection usable`() async throws {
        let client = try self.client(limits { $0.maximumConnections = 3 })
        try await withRunning(client) {
            var random = SplitMix64(seed: 7)
            for _ in 0..<10 {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<20 { group.addTask { _ = try? await client.query("SELECT pg_sleep(0.002)") } }
                    try? await Task.sleep(for: .microseconds(Int.random(in: 0...8000, using: &random)))
                    group.cancelAll()
                }
            }
            #expect(await becomesTrue { client.statistics.leased == 0 && client.statistics.waiting == 0 })
            for number in 0..<6 {
                let found = try await client.query("SELECT \(number)").decode(Int.self)
                #expect(found == [number])
            }
        }
    }

    @Test func `callers wait while the client is paused`() async throws {
        let client = try self.client()
        try await withRunning(client) {
            try await client.query("SELECT 1")
            client.pause()
            let error = await thrown { try await client.withConnection(deadline: .now + .milliseconds(20)) { _ in } }
            #expect((error as? PQPoolError)?.description.contains("call resume()") == true)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await client.query("SELECT 1") }
                #expect(await becomesTrue { client.statistics.waiting == 1 })
                client.resume()
                try await group.waitForAll()
            }
        }
    }

    // MARK: Limits

    @Test func `invalid limits and configurations are refused, each named`() throws {
        let configuration = try TestServer.shared().socket
        let error = #expect(throws: PQError.self) {
            try PQClient(
                configuration: configuration, pool: PQPoolConfiguration(maximumConnections: 0, maximumAge: .zero),
                logger: self.log.logger)
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(
            error?.message == "the pool's maximumConnections is 0: use at least 1; maximumAge is 0.0 seconds: "
                + "use a duration above zero")
        var wrong = configuration
        wrong.port = 0
        #expect(throws: PQError.self) { try PQClient(configuration: wrong, logger: self.log.logger) }
        // The hook may put it right.
        _ = try PQClient(configuration: wrong, logger: self.log.logger) { $0.port = configuration.port }
        let canary = "canary-91"
        let text = #expect(throws: PQError.self) {
            try PQClient(connectionString: Secret("postgresql://a:\(canary)@h/d?x=y"), logger: self.log.logger)
        }
        #expect(text?.code == .invalidConfiguration && text?.description.contains(canary) == false)
    }

    @Test func `a resize is checked, and holds`() async throws {
        let client = try self.client()
        try await withRunning(client) {
            try client.resize(minimum: 2, maximum: 3)
            #expect(await becomesTrue { client.statistics.idle == 2 })
            let error = #expect(throws: PQError.self) { try client.resize(minimum: 4, maximum: 3) }
            #expect(error?.message.contains("minimumConnections") == true)
            #expect(client.statistics.maximum == 3)
        }
    }

    @Test func `a caller that waits too long learns the state of the pool`() async throws {
        let client = try self.client(limits { $0.maximumConnections = 1 })
        try await withRunning(client) {
            try await client.withConnection { _ in
                let error = await thrown {
                    try await client.withConnection(deadline: .now + .milliseconds(20)) { _ in }
                }
                let found = try #require(error as? PQPoolError)
                #expect(found.description.contains("1 open (1 in use, 0 idle, 0 connecting)"))
                #expect(client.statistics.totals.timedOut == 1)
            }
        }
    }

    // MARK: The end

    @Test func `a graceful shutdown serves waiting callers and refuses later ones`() async throws {
        let name = "pool-graceful"
        let client = try self.client(limits { $0.maximumConnections = 1 }, name: name)
        let services = ServiceGroup(services: [client], logger: self.log.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            try await client.withConnection { connection in
                group.addTask {
                    let seven: [Int32] = try await client.query("SELECT 7").decode(Int32.self)
                    #expect(seven == [7])
                }
                #expect(await becomesTrue { client.statistics.waiting == 1 })
                await services.triggerGracefulShutdown()
                #expect(await becomesTrue { client.pool.phase.isShuttingDown })
                let error = await thrown { try await client.query("SELECT 1") } as? PQPoolError
                #expect(error?.reason == .shutDown)
                let eight: [Int32] = try await connection.query("SELECT 8").decode(Int32.self)
                #expect(eight == [8])
            }
            try await group.waitForAll()
        }
        #expect(client.statistics.size == 0)
        let server = try TestServer.shared()
        #expect(await becomesTrue { (try? await server.sessions(of: name)) == 0 })
    }

    @Test func `a shutdown ends after the drain timeout, even while a connection is leased`() async throws {
        let client = try self.client(limits { $0.drainTimeout = .milliseconds(50) })
        let services = ServiceGroup(services: [client], logger: self.log.logger)
        let (ended, end) = AsyncStream<Never>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await services.run()
                end.finish()
            }
            try await client.withConnection { connection in
                try await connection.query("SELECT 1")
                await services.triggerGracefulShutdown()
                for await _ in ended {}
                let error = await thrown { try await connection.query("SELECT 1") } as? PQError
                #expect(error?.code == .connectionClosed)
            }
            try await group.waitForAll()
        }
        #expect(client.statistics.size == 0)
    }

    @Test func `a second run() returns at once and says so`() async throws {
        let client = try self.client()
        try await withRunning(client) {
            try await client.query("SELECT 1")
            await client.run()
            #expect(self.log.lines.count { $0.contains("PQClient.run() was called twice") } == 1)
            try await client.query("SELECT 1")
        }
    }

    // MARK: Replacing

    @Test func `every connection is replaced, leased ones when they are released`() async throws {
        let client = try self.client()
        try await withRunning(client) {
            let first = try await client.processID()
            #expect(await client.replaceConnections(within: .seconds(50)))
            let second = try await client.processID()
            #expect(first != second)
            try await client.withConnection { connection in
                #expect(await client.replaceConnections(within: .milliseconds(10)) == false)
                let held = try await connection.query("SELECT pg_backend_pid()").decode(Int32.self)
                #expect(held == [second], "no query is interrupted")
            }
            let third = try await client.processID()
            #expect(third != second)
            #expect(client.statistics.totals.lost == 0)
        }
    }
}
