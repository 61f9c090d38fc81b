//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Synchronization
import Testing

@Suite("Rows in a loop", .serialized)
struct RowStreamTests {
    private struct Enough: Error {}
    private struct Row: Decodable {
        var n: Int
        var label: String
    }

    private static func numbers(_ count: Int) -> PQQuery {
        // A series in FROM would be complete before its first row is sent.
        "SELECT n, 'row ' || n AS label FROM (SELECT generate_series(1, \(count)) AS n) AS numbers"
    }

    /// It would take an hour.
    ///
    /// The server sends each row at once, since its buffer is smaller.
    private static let slow: PQQuery = "SELECT generate_series(1, 3600000), pg_sleep(0.001), repeat('x', 8192)"

    /// The connection works, and its session runs nothing else.
    private func expectUsable(_ connection: PQConnection, _ status: PQConnection.TransactionStatus = .idle) async throws
    {
        #expect(try await connection.query("SELECT 7").value(as: Int.self) == 7)
        #expect(await connection.transactionStatus == status)
    }

    // MARK: Values

    @Test(arguments: Way.allCases)
    func `all rows come, in order, as rows, tuples and structs`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            var next = 1
            for try await row in connection.stream(Self.numbers(20_000)) {
                #expect(try row.decode(Int.self, at: 0) == next)
                next += 1
            }
            #expect(next == 20_001)
            next = 1
            for try await (n, label) in connection.stream(Self.numbers(20_000)).decode((Int, String).self) {
                if n != next || label != "row \(n)" { Issue.record("\(n) \(label) instead of \(next)") }
                next += 1
            }
            #expect(next == 20_001)
            var sum = 0
            for try await row in connection.stream(Self.numbers(20_000)).decode(Row.self) { sum += row.n }
            #expect(sum == 200_010_000)
            #expect(try await connection.stream(Self.numbers(3000)).decode((Int, String).self).collect().count == 3000)
            try await self.expectUsable(connection)
        }
    }

    @Test func `on the loop, off it, and in a task of its own`() async throws {
        try await withConnection { connection in
            let count = try await withTaskExecutorPreference(connection.eventLoop) {
                try await connection.stream(Self.numbers(5000)).collect().count
            }
            #expect(count == 5000)
            async let other = connection.stream(Self.numbers(5000)).decode(Row.self).collect()
            #expect(try await other.map(\.n) == Array(1...5000))
        }
    }

    @Test func `no rows, no columns, one row, rows of NULL, and rows larger than a batch`() async throws {
        try await withConnection { connection in
            #expect(try await connection.stream("SELECT 1 WHERE false").collect().isEmpty)
            #expect(try await connection.stream("SELECT FROM generate_series(1, 2500)").collect().count == 2500)
            #expect(try await connection.stream("CREATE TEMP TABLE s (a int)").collect().isEmpty)
            #expect(
                try await connection.stream("INSERT INTO s VALUES (1), (2) RETURNING a").decode(Int.self).collect() == [
                    1, 2,
                ])
            #expect(
                try await connection.stream("SELECT NULL::int, '' FROM generate_series(1, 3)")
                    .decode((Int?, String).self).collect().allSatisfy { $0 == (nil, "") })
            var lengths: [Int] = []
            let sizes = [1, 100_000, 8192, 8193, 0, 3_000_000, 5, 64 * 1024]
            let mixed: PQQuery = "SELECT i, repeat('x', size::int) FROM unnest(\(sizes)) WITH ORDINALITY AS t (size, i)"
            for try await (i, text) in connection.stream(mixed).decode((Int, String).self) {
                #expect(i == lengths.count + 1)
                lengths.append(text.utf8.count)
            }
            #expect(lengths == sizes)
            let text = try await connection.stream("SELECT 1.50::numeric, now()", format: .text).collect()
            #expect(try text.first?.decode(String.self, at: 0) == "1.50")
            try await self.expectUsable(connection)
        }
    }

    @Test func `rows outlive their batch, their stream and their connection`() async throws {
        let rows = try await withConnection { try await $0.stream(Self.numbers(5000)).collect() }
        #expect(try rows.map { try $0.decode(Int.self, at: 0) } == Array(1...5000))
    }

    @Test func `a value that does not fit is named with the number of its row in the whole result`() async throws {
        try await withConnection { connection in
            let query: PQQuery = "SELECT NULLIF(n, 7778) AS n, 'x' AS label FROM generate_series(1, 1000000) n"
            for way in 0..<2 {
                var rows = 0
                let error = try await pqError {
                    if way == 0 {
                        for try await _ in connection.stream(query).decode((Int, String).self) { rows += 1 }
                    } else {
                        for try await _ in connection.stream(query).decode(Row.self) { rows += 1 }
                    }
                }
                #expect(error.message.contains("row 7777") && error.message.contains("\"n\""), "\(error)")
                #expect(rows == 7777)
            }
            try await self.expectUsable(connection)
        }
    }

    @Test func `a query with large values goes out whole`() async throws {
        try await withConnection { connection in
            let text = String(repeating: "x", count: 20_000_000)
            let length = try await connection.stream("SELECT length(\(text))").decode(Int.self).collect()
            #expect(length == [20_000_000])
        }
    }

    // MARK: Leaving early

    @Test(.timeLimit(.minutes(5)))
    func `leaving the loop stops the statement on the server, and the connection goes on`() async throws {
        try await withConnection { connection in
            var rows = 0
            for try await _ in connection.stream(Self.slow) {
                rows += 1
                if rows == 20 { break }
            }
            try await self.expectUsable(connection)
            await #expect(throws: Enough.self) {
                for try await _ in connection.stream(Self.slow) { throw Enough() }
            }
            try await self.expectUsable(connection)
            // Also one that is never asked again, and one that was never asked.
            var iterator: PQRowStream.AsyncIterator? = connection.stream(Self.slow).makeAsyncIterator()
            _ = try await iterator?.next(isolation: nil)
            iterator = nil
            try await self.expectUsable(connection)
            _ = connection.stream(Self.slow).makeAsyncIterator()
            try await self.expectUsable(connection)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a thousand loops are left early on one connection`() async throws {
        try await withConnection { connection in
            let process = try await connection.processID()
            try await withTaskExecutorPreference(connection.eventLoop) {
                for round in 0..<1000 {
                    // Every fortieth has more rows than fit into buffers, and is stopped.
                    let count = round % 40 == 0 ? 10_000_000 : 500
                    var seen = 0
                    for try await n in connection.stream("SELECT generate_series(1, \(count))").decode(
                        Int.self)
                    {
                        seen += 1
                        #expect(n == seen)
                        if seen == 1 + round % 3 { break }
                    }
                    #expect(try await connection.query("SELECT \(round)").value(as: Int.self) == round)
                }
            }
            #expect(try await connection.processID() == process)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `in a transaction, leaving the loop undoes nothing and the transaction goes on`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE kept (a int)")
            try await connection.withTransaction { connection in
                try await connection.query("INSERT INTO kept VALUES (1)")
                for try await _ in connection.stream(Self.slow) { break }
                try await self.expectUsable(connection, .inTransaction)
                for try await row in connection.stream(Self.numbers(100)) where row.count == 0 {
                    Issue.record("no columns")
                }
                try await connection.query("INSERT INTO kept VALUES (2)")
                try await connection.withTransaction { connection in
                    for try await _ in connection.stream(Self.slow) { break }
                    try await connection.query("INSERT INTO kept VALUES (3)")
                }
            }
            #expect(try await connection.query("SELECT sum(a) FROM kept").value(as: Int.self) == 6)
            await #expect(throws: Enough.self) {
                try await connection.withTransaction { connection in
                    try await connection.query("INSERT INTO kept VALUES (4)")
                    for try await _ in connection.stream(Self.slow) { throw Enough() }
                }
            }
            try await self.expectUsable(connection)
            #expect(try await connection.query("SELECT sum(a) FROM kept").value(as: Int.self) == 6)
        }
    }

    @Test func `a transaction does not commit over a stream that is still open`() async throws {
        try await withConnection { connection in
            var kept: PQRowStream.AsyncIterator?
            let error = try await pqError {
                try await connection.withTransaction { connection in
                    var iterator = connection.stream(Self.slow).makeAsyncIterator()
                    _ = try await iterator.next(isolation: nil)
                    kept = iterator
                }
            }
            #expect(error.code == .busy)
            try await self.expectUsable(connection)
            // After the rows that it had got.
            let late = try await pqError { while try await kept?.next(isolation: nil) != nil {} }
            #expect(late.message.contains("before its last row"), "\(late)")
            #expect(try await kept?.next(isolation: nil) == nil)
        }
    }

    @Test func `a query within the loop is an error instead of waiting for ever, and the loop goes on`() async throws {
        try await withConnection { connection in
            var rows = 0
            for try await _ in connection.stream(Self.numbers(500_000)) {
                rows += 1
                guard rows % 1000 == 1, rows < 3000 else { continue }
                let error = try await pqError { try await connection.query("SELECT 1") }
                #expect(error.code == .busy && error.message.contains("stream"), "\(error)")
                let transaction = try await pqError { try await connection.withTransaction { _ in } }
                #expect(transaction.code == .busy)
                let second = try await pqError { try await connection.stream("SELECT 1").collect() }
                #expect(second.code == .busy)
            }
            #expect(rows == 500_000)
            try await self.expectUsable(connection)
        }
    }

    // MARK: Leases

    @Test func `a lease that ends within a stream stops it, and the next one gets the connection`() async throws {
        try await withConnection { connection in
            for resets in [false, true] {
                let leased = connection.leased()
                var iterator = leased.stream(Self.slow).makeAsyncIterator()
                _ = try await iterator.next(isolation: nil)
                let changes = leased.endLease()
                #expect(changes.contains(.busy))
                let late = try await pqError { while try await iterator.next(isolation: nil) != nil {} }
                #expect(late.code == .leaseEnded)
                await connection.settle(resets: resets)
                #expect(await connection.isOpen && !connection.needsReset && connection.leftBehind == [])
                try await self.expectUsable(connection)
                let later = try await pqError { try await iterator.next(isolation: nil) }
                #expect(later.code == .leaseEnded)
            }
        }
    }

    @Test func `a lease that ends right after its loop was left early gives back a connection that works`() async throws
    {
        try await withConnection { connection in
            for _ in 0..<20 {
                let leased = connection.leased()
                try await leased.query("BEGIN")
                for try await _ in leased.stream(Self.slow) { break }
                if !leased.endLease().isDisjoint(with: [.busy, .unsettled]) { await connection.settle(resets: false) }
                #expect(await connection.isOpen && !connection.needsReset)
                try await self.expectUsable(connection)
            }
        }
    }

    // MARK: Cancellation and failures

    @Test(.timeLimit(.minutes(5)))
    func `a cancelled task stops the statement, and the connection goes on`() async throws {
        try await withConnection { connection in
            for inTransaction in [false, true] {
                if inTransaction { try await connection.query("BEGIN") }
                let rows = Mutex(0)
                let task = Task {
                    for try await _ in connection.stream(Self.slow) { rows.withLock { $0 += 1 } }
                }
                try await eventually { rows.withLock { $0 } > 0 }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                try await self.expectUsable(connection, inTransaction ? .inTransaction : .idle)
            }
            try await connection.query("ROLLBACK")
            let before = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                for try await _ in connection.stream(Self.slow) { Issue.record("a row came") }
            }
            await #expect(throws: CancellationError.self) { try await before.value }
            try await self.expectUsable(connection)
        }
    }

    @Test func `tasks that are cancelled at any moment leave the connection usable`() async throws {
        try await withConnection { connection in
            for round in 0..<150 {
                let task = Task {
                    var last = 0
                    for try await n in connection.stream("SELECT n FROM generate_series(1, 20000) n").decode(Int.self) {
                        #expect(n == last + 1)
                        last = n
                    }
                    return last
                }
                try await Task.sleep(for: .microseconds(round * 40))
                task.cancel()
                switch await task.result {
                case .success(let last): #expect(last == 20_000)
                case .failure(let error): #expect(error is CancellationError, "\(error)")
                }
                #expect(try await connection.query("SELECT \(round)").value(as: Int.self) == round)
            }
        }
    }

    @Test func `a deadline stops a stream, and the connection goes on`() async throws {
        try await withConnection { connection in
            for way in 0..<3 {
                let deadline = ContinuousClock.now + .milliseconds(300)
                let error = try await pqError {
                    try await connection.withDeadline(deadline) { connection in
                        switch way {
                        case 0: for try await _ in connection.stream(Self.slow) {}
                        case 1: try await connection.stream(Self.slow) { _ in }
                        default:
                            for try await _ in connection.stream(Self.slow) { try await Task.sleep(until: deadline) }
                        }
                    }
                }
                #expect(error.code == .timedOut && error.message.contains("deadline"), "\(error)")
                try await self.expectUsable(connection)
            }
        }
    }

    @Test func `a failure half-way is thrown after the rows before it, once`() async throws {
        try await withConnection { connection in
            for (count, start) in [(999, ""), (0, ""), (999, "BEGIN")] {
                if !start.isEmpty { try await connection.execute(script: start) }
                var rows = 0
                var iterator = connection.stream("SELECT 1 / (\(count + 1) - n) FROM generate_series(1, 2000) AS n")
                    .makeAsyncIterator()
                let error = try await pqError {
                    while try await iterator.next(isolation: nil) != nil { rows += 1 }
                }
                #expect(error.sqlState == .divisionByZero && rows == count)
                #expect(try await iterator.next(isolation: nil) == nil)
                if start.isEmpty {
                    try await self.expectUsable(connection)
                } else {
                    // As after any other statement that failed.
                    #expect(await connection.transactionStatus == .inFailedTransaction)
                    await connection.rollback()
                    try await self.expectUsable(connection)
                }
            }
            let wrong = try await pqError { try await connection.stream("SELEC 1").collect() }
            #expect(wrong.sqlState == .syntaxError)
            let refused = try await pqError { try await connection.stream("COPY (SELECT 1) TO STDOUT").collect() }
            #expect(refused.code == .unsupported)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Way.allCases)
    func `a server that ends the session ends the stream, while it is read and while it is not`(way: Way) async throws {
        try await withConnection { killer in
            for isReading in [true, false] {
                try await withConnection(to: way) { connection in
                    let process = try await connection.processID()
                    let query = isReading ? Self.slow : Self.numbers(50_000_000)
                    var rows = 0
                    let error = try await pqError {
                        for try await _ in connection.stream(query) {
                            rows += 1
                            guard rows == 10 else { continue }
                            #expect(
                                try await killer.query("SELECT pg_terminate_backend(\(process))").value(as: Bool.self))
                            try await eventually {
                                try await killer.query("SELECT count(*) FROM pg_stat_activity WHERE pid = \(process)")
                                    .value(as: Int.self) == 0
                            }
                        }
                    }
                    #expect(error.code == .connectionClosed && rows >= 10, "\(error)")
                    #expect(await !connection.isOpen)
                    let next = try await pqError { try await connection.query("SELECT 1") }
                    #expect(next.code == .connectionClosed)
                }
            }
        }
    }

    @Test func `a connection that is closed within the loop ends the loop and what waits behind it`() async throws {
        try await withConnection { connection in
            var rows = 0
            let error = try await pqError {
                for try await _ in connection.stream(Self.numbers(50_000_000)) {
                    rows += 1
                    if rows == 10 { await connection.close() }
                }
            }
            #expect(error.code == .connectionClosed)
            let next = try await pqError { try await connection.query("SELECT 1") }
            #expect(next.code == .connectionClosed)
        }
    }

    // MARK: Memory

    #if os(Linux)
    private static func kilobytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return line.flatMap { Int($0.split(separator: " ").dropLast().last ?? "") } ?? 0
    }

    @Test(.timeLimit(.minutes(5)))
    func `a million rows need no more memory than a batch, and a slow reader slows the server down`() async {
        // In a process of its own: what other tests need at the same time would count as well.
        await #expect(processExitsWith: .success) {
            try await withConnection { connection in
                let before = try RowStreamTests.kilobytes()
                var (rows, most) = (0, 0)
                for try await _ in connection.stream(RowStreamTests.numbers(1_000_000)).decode((Int, String).self) {
                    rows += 1
                    if rows % 50_000 == 0 { most = max(most, try RowStreamTests.kilobytes() - before) }
                }
                #expect(rows == 1_000_000 && most < 32 * 1024, "\(most) kB")
            }
            // 2 GB, of which the server can send only what fits into the buffers in between.
            try await withConnection { connection in
                try await withConnection { observer in
                    let process = try await connection.processID()
                    let before = try RowStreamTests.kilobytes()
                    var iterator = connection.stream("SELECT repeat('x', 2000) FROM generate_series(1, 1000000)")
                        .makeAsyncIterator()
                    _ = try await iterator.next(isolation: nil)
                    try await eventually {
                        try await observer.query(
                            "SELECT coalesce(wait_event = 'ClientWrite', false) FROM pg_stat_activity WHERE pid = \(process)"
                        ).value(as: Bool.self)
                    }
                    #expect(try RowStreamTests.kilobytes() - before < 32 * 1024)
                    for _ in 0..<3000 { _ = try await iterator.next(isolation: nil) }
                    #expect(try RowStreamTests.kilobytes() - before < 32 * 1024)
                }
            }
        }
    }
    #endif
}
