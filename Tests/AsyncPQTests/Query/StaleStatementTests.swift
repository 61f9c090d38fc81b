//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

@Suite("Statements that a migration made stale", .serialized)
struct StaleStatementTests {
    /// Runs `body` on a connection, and hands it another for the migrations.
    private func withTwo(
        _ body: (_ connection: PQConnection, _ migrator: PQConnection, _ schema: String) async throws -> Void
    )
        async throws
    {
        let schema = "stale_\(UInt32.random(in: 0 ... .max))"
        try await withConnection { migrator in
            try await migrator.execute(script: "CREATE SCHEMA \(schema); SET search_path = \(schema)")
            try await withConnection(change: { $0.settings = ["search_path": schema] }) { connection in
                try await body(connection, migrator, schema)
            }
            try await migrator.execute(script: "DROP SCHEMA \(schema) CASCADE")
        }
    }

    private func failure(of connection: PQConnection, _ query: PQQuery) async throws -> PQError {
        try await pqError { try await connection.withTransaction { try await $0.query(query) } }
    }

    @Test func `a table that was altered costs one transaction and no more`() async throws {
        try await self.withTwo { connection, migrator, _ in
            try await migrator.execute(script: "CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
            for _ in 0..<3 {
                try await connection.withTransaction { _ = try await $0.query("SELECT * FROM t") }
            }
            try await migrator.execute(script: "ALTER TABLE t ADD b text DEFAULT 'x'")
            let error = try await self.failure(of: connection, "SELECT * FROM t")
            #expect(error.sqlState == .featureNotSupported)
            for _ in 0..<4 {
                let columns = try await connection.withTransaction { try await $0.query("SELECT * FROM t").columns }
                #expect(columns.map(\.name) == ["a", "b"])
            }
        }
    }

    @Test func `a statement dropped behind the cache costs one transaction and no more`() async throws {
        try await withConnection { connection in
            for _ in 0..<3 { try await connection.withTransaction { _ = try await $0.query("SELECT 'kept'") } }
            let error = try await pqError {
                try await connection.withTransaction { connection in
                    try await connection.query("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
                    try await connection.query("SELECT 'kept'")
                }
            }
            #expect(error.sqlState == .invalidSqlStatementName)
            for _ in 0..<4 { try await connection.withTransaction { _ = try await $0.query("SELECT 'kept'") } }
        }
    }

    @Test(arguments: [false, true])
    func `an enumeration that was made anew is found again`(inTransaction: Bool) async throws {
        try await self.withTwo { connection, migrator, _ in
            try await migrator.execute(
                script:
                    "CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE t (m mood); INSERT INTO t VALUES ('glad')")
            func count(_ connection: PQConnection) async throws -> Int {
                try await connection.cell("SELECT count(*) FROM t WHERE m = \("glad")::mood")
            }
            for _ in 0..<3 { _ = try await count(connection) }
            try await migrator.execute(
                script: """
                    ALTER TABLE t ALTER m TYPE text; DROP TYPE mood; CREATE TYPE mood AS ENUM ('sad', 'glad', 'mad');
                    ALTER TABLE t ALTER m TYPE mood USING m::mood
                    """)
            if inTransaction { _ = try? await connection.withTransaction { try await count($0) } }
            for _ in 0..<4 {
                let found =
                    inTransaction
                    ? try await connection.withTransaction { try await count($0) } : try await count(connection)
                #expect(found == 1)
            }
        }
    }

    @Test func `two search paths of two shapes do not come between each other`() async throws {
        try await self.withTwo { connection, migrator, schema in
            try await migrator.execute(
                script: """
                    CREATE SCHEMA \(schema)_b; CREATE TABLE \(schema).t (a int); CREATE TABLE \(schema)_b.t (a text, b int);
                    INSERT INTO \(schema).t VALUES (1); INSERT INTO \(schema)_b.t VALUES ('x', 2)
                    """)
            for _ in 0..<5 {
                for (path, columns) in [(schema, 1), ("\(schema)_b", 2)] {
                    try await connection.withTransaction(settings: ["search_path": path]) { connection in
                        for _ in 0..<3 {
                            let found = try await connection.query("SELECT * FROM t").columns.count
                            #expect(found == columns)
                        }
                    }
                }
            }
            try await migrator.execute(script: "DROP SCHEMA \(schema)_b CASCADE")
        }
    }

    @Test func `search paths set by hand are lived with too`() async throws {
        try await self.withTwo { connection, migrator, schema in
            try await migrator.execute(
                script: """
                    CREATE SCHEMA \(schema)_b; CREATE TABLE \(schema).t (a int); CREATE TABLE \(schema)_b.t (a text, b int)
                    """)
            var failures = 0
            for round in 0..<40 {
                do {
                    try await connection.withTransaction { connection in
                        let path = round % 2 == 0 ? schema : "\(schema)_b"
                        try await connection.query("SET LOCAL search_path = \(identifier: path)")
                        for _ in 0..<2 {
                            let columns = try await connection.query("SELECT * FROM t").columns.count
                            #expect(columns == round % 2 + 1)
                        }
                    }
                } catch {
                    failures += 1
                }
            }
            #expect(failures <= 3)
            try await migrator.execute(script: "DROP SCHEMA \(schema)_b CASCADE")
        }
    }

    @Test func `what one connection of a pool finds stale, the others prepare anew before they use it`() async throws {
        try await self.withTwo { connection, migrator, _ in
            try await migrator.execute(script: "CREATE TABLE t (a int)")
            try await withConnection(change: { $0 = connection.configuration }) { other in
                for _ in 0..<3 {
                    try await connection.query("SELECT * FROM t")
                    try await other.query("SELECT * FROM t")
                }
                try await migrator.execute(script: "ALTER TABLE t ADD b text")
                _ = try await self.failure(of: connection, "SELECT * FROM t")
                let columns = try await other.withTransaction { try await $0.query("SELECT * FROM t").columns }
                #expect(columns.count == 2)
            }
        }
    }

    @Test func `schemas whose names differ in normal form only keep their rows`() async throws {
        try await withConnection { connection in
            let number = UInt32.random(in: 0 ... .max)
            let names = ["caf\u{E9}_\(number)", "cafe\u{301}_\(number)"]
            for name in names {
                try await connection.query("CREATE SCHEMA \(identifier: name)")
                try await connection.query("CREATE TABLE \(identifier: name).t (a int)")
            }
            for _ in 0..<4 {
                try await connection.query("INSERT INTO \(identifier: names[0]).t VALUES (\(1))")
            }
            for _ in 0..<4 {
                try await connection.query("INSERT INTO \(identifier: names[1]).t VALUES (\(2))")
            }
            for (name, value) in zip(names, [1, 2]) {
                let rows = try await connection.query("SELECT a FROM \(identifier: name).t")
                #expect(try rows.decode(Int.self) == Array(repeating: value, count: 4))
                try await connection.query("DROP SCHEMA \(identifier: name) CASCADE")
            }
        }
    }

    // MARK: How many there are

    private func prepared(_ connection: PQConnection) async throws -> Int {
        try await connection.cell("SELECT count(*) FROM pg_prepared_statements")
    }

    @Test(arguments: [false, true])
    func `statements do not pile up where all work is in transactions`(inOne: Bool) async throws {
        try await withConnection(change: { $0.statementCacheCapacity = 8 }) { connection in
            func use(_ connection: PQConnection, _ number: Int) async throws {
                for _ in 0..<2 { try await connection.query(PQQuery(unsafeSQL: "SELECT \(number)")) }
            }
            if inOne {
                try await connection.withTransaction { connection in
                    for number in 0..<500 { try await use(connection, number) }
                    #expect(try await self.prepared(connection) <= 8 + 2 + 2)
                }
            } else {
                for number in 0..<500 {
                    try await connection.withTransaction { try await use($0, number) }
                }
            }
            #expect(try await self.prepared(connection) <= 8 + 2 + 2)
        }
    }

    @Test func `a bulk insert is not kept with the server`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE bulk (a int)")
            var bindings = PQBindings()
            for number in 0..<20_000 { bindings.append(Int32(number)) }
            let rows = (1...20_000).map { "($\($0))" }.joined(separator: ",")
            for _ in 0..<4 {
                try await connection.query(PQQuery(unsafeSQL: "INSERT INTO bulk VALUES \(rows)", bindings: bindings))
            }
            #expect(try await connection.cell("SELECT count(*) FROM bulk", as: Int.self) == 80_000)
            #expect(try await self.prepared(connection) == 0)
        }
    }
}
