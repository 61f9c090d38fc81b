//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

@Suite("Settings of a transaction")
struct TransactionSettingsTests {
    private func setting(_ name: String, _ connection: PQConnection) async throws -> String? {
        try await connection.cell("SELECT nullif(current_setting(\(name), true), '')")
    }

    @Test func `they hold in the transaction and are gone afterwards`() async throws {
        try await withConnection { connection in
            let before: String = try await connection.cell("SHOW statement_timeout")
            let settings = ["app.user": "ann", "app.team": "it's; DROP TABLE x --", "statement_timeout": "4321ms"]
            try await connection.withTransaction(settings: settings) { connection in
                for (name, value) in settings {
                    let found = try await self.setting(name, connection)
                    #expect(found == value)
                }
            }
            #expect(try await self.setting("app.user", connection) == nil)
            #expect(try await self.setting("app.team", connection) == nil)
            #expect(try await self.setting("statement_timeout", connection) == before)
        }
    }

    @Test func `they are gone after a rollback too`() async throws {
        try await withConnection { connection in
            _ = try await pqError {
                try await connection.withTransaction(settings: ["app.user": "ann"]) { try await $0.query("SELECT 1/0") }
            }
            #expect(try await self.setting("app.user", connection) == nil)
            #expect(await connection.transactionStatus == .idle)
        }
    }

    @Test(arguments: [
        ("no_such_setting", SQLState(rawValue: "42704")), ("app.user; DROP", SQLState(rawValue: "42602")),
        ("server_version", SQLState(rawValue: "55P02")), ("", SQLState(rawValue: "42704")),
    ])
    func `a name the server does not take is its error, and the body does not run`(
        name: String, state: SQLState
    ) async throws {
        try await withConnection { connection in
            var ran = false
            let error = try await pqError {
                try await connection.withTransaction(settings: ["app.user": "ann", name: "1"]) { _ in ran = true }
            }
            #expect(error.sqlState == state)
            #expect(!ran)
            #expect(await connection.transactionStatus == .idle)
            #expect(try await self.setting("app.user", connection) == nil)
        }
    }

    @Test func `they are set first, before the body's first statement, at any level and read only`() async throws {
        try await withConnection { connection in
            for isolation in PQConnection.IsolationLevel.allCases {
                let found: String = try await connection.withTransaction(
                    isolation: isolation, readOnly: true, settings: ["app.user": isolation.rawValue]
                ) { try await $0.cell("SELECT current_setting('app.user')") }
                #expect(found == isolation.rawValue)
            }
        }
    }
}
