//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization
import Testing

private enum Caller {
    @TaskLocal static var name = "nobody"
}

/// Writes down what it is told.
private final class Watcher: PQQueryObserver {
    struct Seen: Equatable {
        var sql: String
        var kind: PQQueryKind
        var caller: String
        /// The rows or the SQLSTATE; nil while it runs.
        var end: String?
    }

    private let list = Mutex<[Seen]>([])

    var seen: [Seen] { self.list.withLock { $0 } }
    var texts: [String] { self.seen.map(\.sql) }

    func queryBegan(_ sql: String, _ kind: PQQueryKind) -> PQQueryToken {
        self.list.withLock { list in
            list.append(Seen(sql: sql, kind: kind, caller: Caller.name))
            return PQQueryToken(number: list.count - 1, attachment: "mine")
        }
    }

    func queryEnded(_ sql: String, _ token: PQQueryToken, _ result: Result<PQRows, any Error>) {
        let end: String
        switch result {
        case .success(let rows): end = "\(rows.count) rows"
        case .failure(let error as PQError): end = error.sqlState?.rawValue ?? error.code.description
        case .failure(let error): end = "\(type(of: error))"
        }
        self.list.withLock { list in
            // A token that is not its own, or an end that comes twice, spoils the list.
            let isRight = list[token.number].sql == sql && list[token.number].end == nil
            list[token.number].end = isRight && token.attachment as? String == "mine" ? end : "wrong"
        }
    }
}

@Suite("Observing queries")
struct QueryObserverTests {
    private func withWatched(_ body: (PQConnection, Watcher) async throws -> Void) async throws {
        let watcher = Watcher()
        try await withConnection(change: { $0.queryObserver = watcher }) { connection in
            try await body(connection, watcher)
        }
    }

    @Test func `a stream is told of once, however it ends`() async throws {
        try await self.withWatched { connection, watcher in
            for try await _ in connection.stream("SELECT 1") {}
            for try await _ in connection.stream("SELECT n FROM generate_series(1, 10000000) n") { break }
            _ = try? await connection.stream("SELECT 1/0").collect()
            _ = try? await connection.stream("SELEC").collect()
            try await connection.query("SELECT 2")
            #expect(watcher.seen.map(\.end) == ["0 rows", "CancellationError", "22012", "42601", "1 rows"])
        }
    }

    @Test func `each query is told of when it begins and when it ends, without its values`() async throws {
        try await self.withWatched { connection, watcher in
            // Unprepared, prepared, and prepared already.
            for _ in 0..<3 { _ = try await connection.query("SELECT \(41) + 1") }
            #expect(watcher.seen.count == 3)
            #expect(
                watcher.seen.allSatisfy {
                    $0 == .init(sql: "SELECT $1 + 1", kind: .query, caller: "nobody", end: "1 rows")
                })
        }
    }

    @Test func `callers on the loop and elsewhere are told of with their own task-local values`() async throws {
        try await self.withWatched { connection, watcher in
            try await Caller.$name.withValue("ann") {
                _ = try await connection.query("SELECT 1")
                try await withTaskExecutorPreference(connection.eventLoop) {
                    for _ in 0..<3 { _ = try await connection.query("SELECT 2") }
                }
                try await connection.execute(script: "SELECT 3; SELECT 4")
            }
            #expect(watcher.texts == ["SELECT 1", "SELECT 2", "SELECT 2", "SELECT 2", "SELECT 3; SELECT 4"])
            #expect(watcher.seen.allSatisfy { $0.caller == "ann" && $0.end == "1 rows" })
            #expect(watcher.seen.last?.kind == .script)
        }
    }

    @Test func `a failure is told with its error, on either way of running`() async throws {
        try await self.withWatched { connection, watcher in
            for _ in 0..<3 {
                await #expect(throws: PQError.self) { try await connection.query("SELECT 1 / \(0)") }
            }
            await #expect(throws: PQError.self) { try await connection.execute(script: "SELECT 1; SELEKT") }
            #expect(watcher.seen.map(\.end) == ["22012", "22012", "22012", "42601"])
        }
    }

    @Test func `a transaction is told of from BEGIN to COMMIT or ROLLBACK`() async throws {
        struct Refusal: Error {}
        try await self.withWatched { connection, watcher in
            _ = try await connection.withTransaction { try await $0.query("SELECT 1") }
            await #expect(throws: Refusal.self) {
                try await connection.withTransaction(readOnly: true) { connection in
                    try await connection.query("SELECT 2")
                    throw Refusal()
                }
            }
            #expect(
                watcher.texts == ["BEGIN", "SELECT 1", "COMMIT", "BEGIN READ ONLY", "SELECT 2", "ROLLBACK"])
            #expect(watcher.seen.allSatisfy { $0.end == "0 rows" || $0.end == "1 rows" })
        }
    }

    @Test func `a cancelled query is told to have ended, and so is one that is never sent`() async throws {
        try await self.withWatched { connection, watcher in
            let task = Task { try await connection.query("SELECT pg_sleep(60)") }
            try await eventually { await connection.transactionStatus == .active }
            let waiting = Task { try await connection.query("SELECT 2") }
            try await eventually { watcher.seen.count == 2 }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(watcher.seen.map(\.end) == ["CancellationError", "CancellationError"])
        }
    }

    @Test func `logins and pings are nobody's statements`() async throws {
        try await self.withWatched { connection, watcher in
            try await connection.ping(timeout: .seconds(5))
            #expect(watcher.seen.isEmpty)
        }
    }

    @Test func `a query on a closed connection ends with that error`() async throws {
        try await self.withWatched { connection, watcher in
            await connection.close()
            await #expect(throws: PQError.self) { try await connection.query("SELECT 1") }
            #expect(watcher.seen.map(\.end) == ["connectionClosed"])
        }
    }
}
