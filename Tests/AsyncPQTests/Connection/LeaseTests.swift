//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Synchronization
import Testing

@Suite("Connections on lease, and what a session keeps", .serialized)
struct LeaseTests {
    @Test func `a lease works until it is over, and refuses everything then`() async throws {
        try await withConnection { connection in
            let leased = connection.leased()
            #expect(try await leased.cell("SELECT 1", as: Int.self) == 1)
            for _ in 0..<3 { try await leased.query("SELECT 'prepared'") }
            #expect(leased.endLease() == [])
            #expect(await !leased.isOpen)
            let attempts: [@Sendable () async throws -> Void] = [
                { try await leased.query("SELECT 'prepared'") }, { try await leased.query("SELECT 2") },
                { try await leased.execute(script: "SELECT 3") }, { try await leased.stream("SELECT 4") { _ in } },
                { try await leased.ping(timeout: .seconds(1)) }, { try await leased.resetSession() },
                { try await leased.withTransaction { _ in } },
            ]
            for attempt in attempts {
                let error = try await pqError { try await attempt() }
                #expect(error.code == .leaseEnded && error.message.contains("went back to its pool"))
            }
            await leased.rollback()
            await leased.close()
            #expect(try await connection.cell("SELECT 5", as: Int.self) == 5)
        }
    }

    @Test func `what an escaped connection does at any moment reaches no other holder`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE t (a int)")
            for round in 0..<200 {
                guard await connection.isOpen else { break }
                let leased = connection.leased()
                let escaped = Task { try? await leased.query("INSERT INTO t VALUES (\(Int32(round)))") }
                if round % 3 == 0 { try await Task.sleep(for: .microseconds(round)) }
                if leased.endLease().contains(.busy) {
                    // A query is under way: the pool closes the connection instead of leasing it, unless the query has ended by then.
                    await connection.settle(resets: false)
                    _ = await escaped.value
                    guard await connection.isOpen else { return }
                }
                try await connection.withTransaction { connection in
                    let before = try await connection.cell("SELECT count(*) FROM t", as: Int.self)
                    _ = await escaped.value
                    #expect(try await connection.cell("SELECT count(*) FROM t", as: Int.self) == before)
                }
            }
        }
    }

    @Test func `a query in flight when its lease ends costs the connection, with the reason`() async throws {
        try await withConnection { connection in
            let leased = connection.leased()
            let escaped = Task { try await leased.query("SELECT pg_sleep(60)") }
            try await eventually { await connection.transactionStatus == .active }
            #expect(leased.endLease().contains(.busy))
            await connection.settle(resets: true)
            #expect(await !connection.isOpen)
            let error = try await pqError { try await escaped.value }
            #expect(error.code == .connectionClosed)
        }
    }

    // MARK: Who is told of the end

    @Test func `many are told of the end, and those of a lease only while it lasts`() async throws {
        let told = Mutex<[String]>([])
        func note(_ name: String) -> @Sendable (PQError) -> Void { { _ in told.withLock { $0.append(name) } } }
        try await withConnection { connection in
            await connection.onClose(note("pool"))
            let gone = await connection.onClose(note("cancelled"))
            let leased = connection.leased()
            await leased.onClose(note("holder"))
            await gone.cancel()
            #expect(leased.endLease() == .observers)
            await connection.settle(resets: false)
            #expect(connection.leftBehind == [])
            await connection.onClose(note("second"))
            await connection.leased().onClose(note("next holder"))
        }
        #expect(told.withLock { $0 } == ["pool", "second", "next holder"])
    }

    // MARK: What is left behind

    static let changes: [PQQuery] = [
        "SET work_mem = '9MB'", "SET ROLE pg_monitor", "SET SESSION AUTHORIZATION pg_monitor", "LISTEN news",
        "SELECT set_config('app.user', 'ann', false)", "select pg_advisory_lock(77)",
        "SELECT pg_try_advisory_lock_shared(78)", "CREATE TEMP TABLE left_over (a int)",
        "CREATE TEMPORARY TABLE left_over AS SELECT 1 AS a", "SELECT 1 AS a INTO TEMP left_over",
        "CREATE TABLE pg_temp.left_over AS SELECT 1 AS a",
        "DO $$ BEGIN PERFORM set_config('app.user', 'ann', false); END $$",
        "PREPARE left_over AS SELECT 1", "/* set */ SET search_path = pg_catalog",
    ]

    /// Everything of a session that another holder would see.
    private func state(_ connection: PQConnection) async throws -> [String] {
        try await connection.query(
            """
            SELECT name || '=' || setting FROM pg_settings WHERE source = 'session'
            UNION ALL SELECT 'app.user=' || current_setting('app.user', true)
                WHERE coalesce(current_setting('app.user', true), '') <> ''
            UNION ALL SELECT 'role=' || current_user WHERE current_user <> 'tester'
            UNION ALL SELECT 'listens=' || pg_listening_channels()
            UNION ALL SELECT 'locks' FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
            UNION ALL SELECT 'temporary=' || relname FROM pg_class
                WHERE relpersistence = 't' AND relnamespace = pg_my_temp_schema()
            UNION ALL SELECT 'prepared=' || name FROM pg_prepared_statements WHERE from_sql AND name NOT LIKE 'lakebase%'
            """
        ).decode(String.self)
    }

    @Test(arguments: Self.changes)
    func `a change of the session is seen, and undone`(change: PQQuery) async throws {
        try await withConnection(change: { $0.settings = ["work_mem": "7MB"] }) { connection in
            for _ in 0..<3 { try await connection.query("SELECT 'ours'") }
            #expect(connection.leftBehind == [])
            try await connection.query(change)
            #expect(!connection.leftBehind.isDisjoint(with: [.state, .statements]), "\(change)")
            await connection.settle(resets: true)
            #expect(await connection.isOpen && connection.leftBehind == [])
            #expect(try await self.state(connection) == [])
            #expect(try await connection.cell("SHOW work_mem", as: String.self) == "7MB")
            #expect(try await connection.cell("SELECT 'ours'", as: String.self) == "ours")
        }
    }

    @Test func `a statement that is prepared by now is still seen to change the session`() async throws {
        try await withConnection { connection in
            try await withTaskExecutorPreference(connection.eventLoop) {
                for _ in 0..<5 {
                    try await connection.query("SELECT pg_advisory_lock(\(7))")
                    #expect(connection.leftBehind == .state)
                    await connection.settle(resets: true)
                    #expect(connection.leftBehind == [])
                }
            }
            #expect(try await self.state(connection) == [])
        }
    }

    @Test(
        arguments: [
            "SELECT 1", "CREATE TABLE seen (temp int)", "INSERT INTO seen VALUES (1)", "SELECT temp FROM seen",
            "SELECT 'listen' AS temporary", "DROP TABLE seen", "BEGIN", "SET LOCAL work_mem = '9MB'",
            "SET TRANSACTION READ ONLY",
            "SELECT pg_advisory_xact_lock(7)", "COMMIT", "NOTIFY news", "VACUUM", "SHOW work_mem",
        ] as [PQQuery])
    func `what ends by itself costs no reset`(query: PQQuery) async throws {
        try await withConnection { connection in
            try await connection.execute(
                script: "CREATE TABLE IF NOT EXISTS seen_\(connection.configuration.port) (a int)")
            _ = try? await connection.query(query)
            #expect(connection.leftBehind.isDisjoint(with: [.state, .statements]), "\(query)")
        }
    }

    @Test func `settings of a transaction cost no reset`() async throws {
        try await withConnection { connection in
            for _ in 0..<3 {
                try await connection.withTransaction(settings: ["app.user": "ann"]) { connection in
                    try await connection.withTransaction(settings: ["app.user": "bob"]) {
                        _ = try await $0.query("SELECT 1")
                    }
                }
            }
            #expect(connection.leftBehind == [])
        }
    }

    @Test func `a reset takes one round trip, and is refused in a transaction`() async throws {
        try await withConnection { connection in
            try await connection.query("SET work_mem = '9MB'")
            let error = try await pqError {
                try await connection.withTransaction { try await $0.resetSession() }
            }
            #expect(error.code == .unsupported)
            try await connection.resetSession()
            #expect(try await self.state(connection) == [])
        }
    }

    @Test func `a reset works in a task that is cancelled`() async throws {
        try await withConnection { connection in
            try await connection.query("SET work_mem = '9MB'")
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await connection.settle(resets: true) }
                group.cancelAll()
            }
            #expect(await connection.isOpen)
            #expect(try await self.state(connection) == [])
        }
    }

    // MARK: Notifications

    @Test func `notifications that nobody reads take no memory`() async throws {
        func megabytes() throws -> Int {
            let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            return pages * sysconf(Int32(_SC_PAGESIZE)) >> 20
        }
        #if os(Linux)
        try await withConnection { connection in
            try await connection.query("LISTEN flood")
            try await withConnection { speaker in
                let before = try megabytes()
                for _ in 0..<20 {
                    try await speaker.query(
                        "SELECT pg_notify('flood', repeat('x', 7900) || g) FROM generate_series(1, 1000) g")
                    // Both ways in: with an answer, and while nobody waits.
                    try await connection.query("SELECT 1")
                }
                try await connection.query("SELECT 1")
                #expect(try megabytes() - before < 80, "158 MB of notifications came")
            }
        }
        #endif
    }
}
