//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase
import LakebaseLocal
import TestSupport
import Testing

@Suite("Rows that only their owner sees", .sharesTheMachine)
struct RowLevelSecurityTests {
    private func rows(_ connection: PQConnection) async throws -> [String] {
        try await connection.query("SELECT text FROM mine.rows ORDER BY text").decode((String).self)
    }

    @Test("a setting of the transaction decides, and is gone when the connection is leased again")
    func settings() async throws {
        var pool = PQPoolConfiguration()
        pool.maximumConnections = 1
        try await withLocalLakebase { [pool] stack in
            try await stack.withClient(.app, pool: pool) { client in
                try await client.withTransaction { connection in
                    try await connection.query("CREATE SCHEMA mine")
                    try await connection.query(
                        """
                        CREATE TABLE mine.rows (
                            owner text NOT NULL DEFAULT nullif(current_setting('app.user', true), ''), text text NOT NULL)
                        """)
                    try await connection.query("ALTER TABLE mine.rows ENABLE ROW LEVEL SECURITY")
                    // The app owns the table, and owners are exempt unless told otherwise.
                    try await connection.query("ALTER TABLE mine.rows FORCE ROW LEVEL SECURITY")
                    try await connection.query(
                        "CREATE POLICY own ON mine.rows USING (owner = current_setting('app.user', true))")
                }
                for user in ["ann", "o'bob"] {
                    _ = try await client.withTransaction(settings: ["app.user": user]) { connection in
                        try await connection.query("INSERT INTO mine.rows (text) VALUES (\("of \(user)"))")
                    }
                }
                var processes: Set<Int32> = []
                for user in ["ann", "o'bob", "ann"] {
                    let (found, process) = try await client.withTransaction(settings: ["app.user": user]) {
                        connection in
                        let process = try await connection.query("SELECT pg_backend_pid()").first
                        return (try await self.rows(connection), try process?.decode(Int32.self, at: 0))
                    }
                    #expect(found == ["of \(user)"])
                    processes.insert(try #require(process))
                    // The same connection, leased again.
                    let others = try await client.withConnection { connection in try await self.rows(connection) }
                    #expect(others == [])
                    let setting = try await client.query("SELECT coalesce(current_setting('app.user', true), '')")
                    #expect(try setting.first?.decode(String.self, at: 0) == "")
                }
                #expect(processes.count == 1)
                // Writing in another's name is refused by the same policy.
                let error = await #expect(throws: PQError.self) {
                    try await client.withTransaction(settings: ["app.user": "ann"]) { connection in
                        try await connection.query("INSERT INTO mine.rows VALUES ('o''bob', 'forged')")
                    }
                }
                #expect(error?.sqlState == SQLState(rawValue: "42501"))
            }
        }
    }
}
