//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import Secrets
import TestSupport
import Testing

@testable import Lakebase

/// Run one after the other: they count the server's connections and sessions.
@Suite("The client on a PostgreSQL", .serialized)
struct ClientOnServerTests {
    private func withClient<Value: Sendable>(
        _ pool: PQPoolConfiguration = PQPoolConfiguration(maximumConnections: 1), user: String = TestServer.superuser,
        _ body: (LakebaseClient) async throws -> Value
    ) async throws -> Value {
        let server = try TestServer.shared()
        var configuration = LakebaseConfiguration(
            target: .postgres(host: server.folder, password: nil), database: "postgres", username: user, tls: .disable,
            pool: pool)
        configuration.port = server.port
        let client = try LakebaseClient(configuration: configuration, logger: LogStore().logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            return try await body(client)
        }
    }

    /// Another session than the client's.
    private func script(_ script: String) async throws {
        let connection = try await PQConnection.connect(TestServer.shared().socket, logger: LogStore().logger)
        do {
            try await connection.execute(script: script)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    private func thrown(_ body: () async throws -> Void) async -> (any Error)? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["DATABASE_URL", "PGHOSTADDR"])
    func `a server is reached by its address while its name cannot be looked up`(variable: String) async throws {
        let server = try TestServer.shared()
        let (name, address, user) = ("no-such-host.invalid", "127.0.0.1", TestServer.superuser)
        let url = "host=\(name) hostaddr=\(address) port=\(server.port) user=\(user) dbname=postgres"
        let environment =
            variable == "DATABASE_URL"
            ? [variable: url]
            : [
                "PGHOST": name, variable: address, "PGPORT": "\(server.port)", "PGUSER": user,
                "PGDATABASE": "postgres", "PGPASSWORD": "none",
            ]
        let connection = try await LakebaseConnection.connect(
            try LakebaseConfiguration.fromEnvironment(environment), logger: LogStore().logger)
        let one = try await connection.query("SELECT 1").decode(Int32.self)
        #expect(one == [1])
        await connection.close()
    }

    // MARK: Times

    @Test(.timeLimit(.minutes(1)))
    func `times without end work`() async throws {
        for time in [Duration.seconds(Int64.max), .seconds(1e20), .milliseconds(Int64.max)] {
            let pool = PQPoolConfiguration(
                maximumConnections: 1, acquireTimeout: time, connectTimeout: time, wakeTimeout: time, idleTimeout: time,
                livenessCheckAfter: time, livenessCheckTimeout: time, maximumAge: time, drainTimeout: time,
                leakWarningAfter: time)
            try await self.withClient(pool) { client in
                try await client.query("SELECT 1")
                let (other, drained) = try await client.withConnection(deadline: .now + time) { connection in
                    // One more has to wait in line.
                    let other = Task { try await client.query("SELECT 2").count }
                    try await connection.query("SELECT pg_sleep(0.05)")
                    let drained = Task { await client.replaceConnections(within: time) }
                    try await connection.query("SELECT pg_sleep(0.05)")
                    return (other, drained)
                }
                #expect(try await other.value == 1)
                #expect(await drained.value)
                #expect(try await client.query("SELECT 4").count == 1)
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `times before all time are refused, or over at once`() async throws {
        for time in [Duration.seconds(Int64.min), .seconds(-1e20), .seconds(-1)] {
            let pool = PQPoolConfiguration(
                maximumConnections: 1, wakeTimeout: time, livenessCheckAfter: time, drainTimeout: time)
            try await self.withClient(pool) { client in
                try await client.query("SELECT 1")
                #expect(await !client.replaceConnections(within: time) || client.statistics.pool.leased == 0)
                let error = await self.thrown { try await client.withConnection(deadline: .now + time) { _ in } }
                #expect((error as? LakebaseError)?.code == .timedOut)
            }
        }
    }

    // MARK: Sessions

    private func leftOver(_ client: LakebaseClient) async throws -> [String] {
        try await client.query(
            """
            SELECT name FROM pg_settings WHERE source = 'session'
            UNION ALL SELECT pg_listening_channels()
            UNION ALL SELECT 'locks' FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
            UNION ALL SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()
            """
        ).decode(String.self)
    }

    private func leave(_ client: LakebaseClient) async throws {
        try await client.query("LISTEN news")
        try await client.withConnection { connection in
            try await connection.query("SET work_mem = '9MB'")
            try await connection.query("CREATE TEMP TABLE mine (a int)")
            try await connection.query("SELECT pg_advisory_lock(5)")
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [SessionReset.whenChanged, .always])
    func `what one holder did to the session does not reach the next`(reset: SessionReset) async throws {
        try await self.withClient(PQPoolConfiguration(maximumConnections: 1, sessionReset: reset)) { client in
            for _ in 0..<3 {
                try await self.leave(client)
                #expect(try await self.leftOver(client) == [])
            }
            #expect(client.statistics.logins == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `who wants to keep the session's state can`() async throws {
        try await self.withClient(PQPoolConfiguration(maximumConnections: 1, sessionReset: .never)) { client in
            try await self.leave(client)
            #expect(try await self.leftOver(client) == ["work_mem", "news", "locks", "mine"])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what a function did inside of it is undone where each session is reset`() async throws {
        let name = "hidden_\(UInt32.random(in: 0 ... .max))"
        try await self.script(
            """
            CREATE FUNCTION \(name)() RETURNS void LANGUAGE plpgsql AS
            $$ BEGIN PERFORM set_config('work_mem', '9MB', false); END $$
            """)
        try await self.withClient(PQPoolConfiguration(maximumConnections: 1, sessionReset: .always)) { client in
            try await client.query("SELECT \(unescaped: name)()")
            #expect(try await self.leftOver(client) == [])
        }
        try await self.script("DROP FUNCTION \(name)()")
    }

    // MARK: Holders of leases

    @Test(.timeLimit(.minutes(1)))
    func `a holder that observes the end does not cost the pool its place`() async throws {
        try await self.withClient { client in
            let told = Counter()
            for _ in 0..<3 {
                await #expect(throws: (any Error).self) {
                    try await client.withConnection { connection in
                        await connection.onClose { _ in told.increment() }
                        try await connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
                    }
                }
                #expect(await becomesTrue { client.statistics.pool.size == 0 })
                // The only place is free again.
                let count = try await client.query("SELECT 1").count
                #expect(count == 1)
            }
            #expect(told.value == 3)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a connection that left its closure refuses to work`() async throws {
        try await self.withClient { client in
            var escaped: PQConnection?
            try await client.withConnection { connection in
                try await connection.query("SELECT 1")
                escaped = connection
            }
            let connection = try #require(escaped)
            try await client.withTransaction { current in
                try await current.query("CREATE TEMP TABLE t (a int)")
                let error = await self.thrown { try await connection.query("INSERT INTO t VALUES (1)") }
                #expect((error as? PQError)?.code == .leaseEnded)
                await connection.close()
                let count = try await current.query("SELECT count(*) FROM t").first?.decode(Int.self, at: 0)
                #expect(count == 0)
            }
            #expect(client.statistics.logins == 1)
        }
    }

    // MARK: Transactions

    private struct Wrapped: Error { var cause: any Error }

    @Test(.timeLimit(.minutes(1)))
    func `a serialization failure that the body wrapped is run again`() async throws {
        let table = "counter_\(UInt32.random(in: 0 ... .max))"
        try await self.script("CREATE TABLE \(table) (n int); INSERT INTO \(table) VALUES (0)")
        try await self.withClient(PQPoolConfiguration(maximumConnections: 4)) { client in
            let runs = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await client.withTransaction(isolation: .serializable, retrying: 99) { connection in
                            runs.increment()
                            do {
                                let n = try await connection.query("SELECT n FROM \(unescaped: table)").first?
                                    .decode(Int32.self, at: 0)
                                try await connection.query("SELECT pg_sleep(0.02)")
                                try await connection.query("UPDATE \(unescaped: table) SET n = \((n ?? 0) + 1)")
                            } catch {
                                throw Wrapped(cause: error)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let n = try await client.query("SELECT n FROM \(unescaped: table)").first?.decode(Int32.self, at: 0)
            #expect(n == 4 && runs.value > 4)
        }
        try await self.script("DROP TABLE \(table)")
    }

    @Test(.timeLimit(.minutes(1)))
    func `after a migration a transaction that may run again succeeds`() async throws {
        let table = "migrated_\(UInt32.random(in: 0 ... .max))"
        try await self.script("CREATE TABLE \(table) (a int)")
        try await self.withClient { client in
            func columns(retrying retries: Int) async throws -> Int {
                try await client.withTransaction(retrying: retries) { connection in
                    do {
                        return try await connection.query("SELECT * FROM \(unescaped: table)").columns.count
                    } catch {
                        throw Wrapped(cause: error)
                    }
                }
            }
            for _ in 0..<3 { #expect(try await columns(retrying: 0) == 1) }
            try await self.script("ALTER TABLE \(table) ADD b text")
            #expect(try await columns(retrying: 1) == 2)
            #expect(try await columns(retrying: 0) == 2)
        }
        try await self.script("DROP TABLE \(table)")
    }

    @Test(.timeLimit(.minutes(1)))
    func `after a migration one transaction fails in all, not one for each connection`() async throws {
        let table = "migrated_\(UInt32.random(in: 0 ... .max))"
        try await self.script("CREATE TABLE \(table) (a int)")
        try await self.withClient(PQPoolConfiguration(maximumConnections: 4)) { client in
            /// All four connections at once.
            func failures(_ rounds: Int) async throws -> Int {
                var failures = 0
                for _ in 0..<rounds {
                    let (gate, open) = AsyncStream<Void>.makeStream()
                    let inside = Counter()
                    failures += await withTaskGroup(of: Bool.self) { group in
                        for _ in 0..<4 {
                            group.addTask {
                                await self.thrown {
                                    try await client.withTransaction { connection in
                                        if inside.increment() == 4 { open.finish() }
                                        for await _ in gate {}
                                        try await connection.query("SELECT * FROM \(unescaped: table)")
                                    }
                                } != nil
                            }
                        }
                        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                    }
                }
                return failures
            }
            #expect(try await failures(3) == 0)
            try await self.script("ALTER TABLE \(table) ADD b text")
            // One comes upon it, alone.
            let first = await self.thrown {
                try await client.withTransaction { _ = try await $0.query("SELECT * FROM \(unescaped: table)") }
            }
            #expect(first != nil)
            #expect(try await failures(3) == 0)
        }
        try await self.script("DROP TABLE \(table)")
    }

    // MARK: A full server

    @Test(.timeLimit(.minutes(1)))
    func `a caller waits for a place on a full server, up to its own limit`() async throws {
        let role = "narrow_\(UInt32.random(in: 0 ... .max))"
        try await self.script("CREATE ROLE \(role) LOGIN CONNECTION LIMIT 1")
        let server = try TestServer.shared()
        var configuration = server.socket
        configuration.username = role
        let holder = try await PQConnection.connect(configuration, logger: LogStore().logger)
        let pool = PQPoolConfiguration(
            maximumConnections: 2, acquireTimeout: .seconds(20), wakeTimeout: .milliseconds(50))
        try await self.withClient(pool, user: role) { client in
            let isTold = await getsFarEnough { limit in
                let late = await self.thrown { try await client.withConnection(deadline: .now + limit) { _ in } }
                let error = late as? LakebaseError
                #expect(error?.code == .timedOut, "\(String(describing: late))")
                guard error?.problem == .tooManyConnections else { return false }
                #expect(error?.sqlState == .tooManyConnections)
                return true
            }
            #expect(isTold)
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { try await client.query("SELECT 1").count }
                // Longer than opening is tried at a stretch.
                #expect(await becomesTrue { client.statistics.pool.totals.failedToOpen >= 2 })
                await holder.close()
                let count = try await group.next()
                #expect(count == 1)
            }
        }
        try await self.script("DROP ROLE \(role)")
    }
}
