//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import TestSupport
import Testing

@Suite("Cancellation")
struct CancellationTests {
    @Test(arguments: Way.allCases)
    func `a cancelled query ends on the server within a second and the connection stays usable`(way: Way) async throws {
        // A loop of its own: on the shared one the bodies of other tests run, and some compute for seconds.
        let loop = try PQEventLoop(name: "cancelled")
        defer { loop.stop() }
        try await withConnection(to: way, on: loop) { connection in
            let process = try await connection.processID()
            try await withConnection { observer in
                let state: PQQuery = "SELECT state FROM pg_stat_activity WHERE pid = \(process)"
                let task = Task { try await connection.query("SELECT pg_sleep(600)") }
                try await eventually { try await observer.cell(state, as: String.self) == "active" }
                let time = try await measure {
                    task.cancel()
                    await #expect(throws: CancellationError.self) { try await task.value }
                } beside: {
                    // What a login takes on this machine at this moment.
                    try await withConnection { _ in }
                }
                #expect(time.isWithin(.seconds(1)), "\(time)")
                #expect(try await observer.cell(state, as: String.self) == "idle")
            }
            #expect(try await connection.processID() == process)
        }
    }

    @Test func `a query cancelled before its start is never sent`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE t (a int)")
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await connection.query("INSERT INTO t VALUES (1)")
                    }
                }
            }
            #expect(try await connection.cell("SELECT count(*) FROM t", as: Int.self) == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a query cancelled while it waits for its turn does not wait for the one before it`() async throws {
        try await withConnection { connection in
            let first = Task { try await connection.query("SELECT pg_sleep(600)") }
            try await eventually { await connection.transactionStatus == .active }
            let second = Task { try await connection.query("SELECT 2") }
            let third = Task { try await connection.cell("SELECT 3", as: Int.self) }
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            #expect(await connection.transactionStatus == .active, "the first still runs")
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            #expect(try await third.value == 3)
        }
    }

    @Test func `a cancelled query takes no other one with it`() async throws {
        try await withConnection { connection in
            for round in 0..<100 {
                let task = Task { try await connection.query("SELECT pg_sleep(0.002)") }
                try await Task.sleep(for: .microseconds(round * 40))
                task.cancel()
                _ = await task.result
                #expect(try await connection.cell("SELECT \(round)", as: Int.self) == round)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a query cancelled while a large parameter is on its way ends as cancelled`() async throws {
        try await withConnection(to: .tcp) { connection in
            let process = try await connection.processID()
            let text = String(repeating: "x", count: 20_000_000)
            for round in 0..<8 {
                let task = Task { try await connection.query("SELECT pg_sleep(600), length(\(text))") }
                try await Task.sleep(for: .milliseconds(round * 4))
                task.cancel()
                // The 20 MB have to be through first, which a sanitizer makes slow; the query itself would sleep for ten minutes.
                await #expect(throws: CancellationError.self, "round \(round)") { try await task.value }
            }
            #expect(try await connection.processID() == process)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `connecting can be cancelled`() async throws {
        let silent = try LoopbackSocket()
        var events = silent.eventsOfNext().makeAsyncIterator()
        let task = Task {
            try await PQConnection.connect(
                .init(
                    host: "127.0.0.1", port: silent.port, username: "u", database: "d", connectTimeout: .seconds(600)),
                logger: quiet)
        }
        // The listener never says a word, so that only the cancellation ends it.
        let first = await events.next()
        #expect(first == .accepted)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        guard case .ended = await events.next() else {
            Issue.record("the connection is still open")
            return
        }
    }
}
