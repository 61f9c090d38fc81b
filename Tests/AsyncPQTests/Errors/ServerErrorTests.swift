//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import AsyncPQ

@Suite("Errors of the server")
struct ServerErrorTests {
    @Test func `a violated constraint is reported with every field`() async throws {
        try await withConnection { connection in
            try await connection.execute(
                script: """
                    CREATE SCHEMA err;
                    CREATE TABLE err.t (a int CONSTRAINT positive CHECK (a > 0), b int NOT NULL, c int CONSTRAINT solo UNIQUE);
                    INSERT INTO err.t VALUES (1, 1, 7)
                    """)
            let check = try await pqError { try await connection.query("INSERT INTO err.t VALUES (\(-1), 1, 1)") }
            #expect(check.code == .server)
            #expect(check.sqlState == .checkViolation)
            #expect(check.server?.severity == "ERROR")
            #expect(check.server?.constraintName == "positive")
            #expect(check.server?.tableName == "t")
            #expect(check.server?.schemaName == "err")
            #expect(check.severity == "ERROR" && check.constraintName == "positive" && check.tableName == "t")
            #expect(check.schemaName == "err" && check.columnName == nil && check.position == nil)
            #expect(check.server?.sourceFile != nil)
            #expect((check.server?.sourceLine ?? 0) > 0)
            #expect(check.server?.sourceRoutine != nil)
            #expect(check.query == "INSERT INTO err.t VALUES ($1, 1, 1)")

            let null = try await pqError { try await connection.query("INSERT INTO err.t VALUES (1, NULL, 1)") }
            #expect(null.sqlState == .notNullViolation)
            #expect(null.server?.columnName == "b" && null.columnName == "b")

            let unique = try await pqError { try await connection.query("INSERT INTO err.t VALUES (1, 1, \(7))") }
            #expect(unique.sqlState == .uniqueViolation)
            #expect(unique.detail == "Key (c)=(7) already exists.")
            #expect(!"\(unique)".contains("(7)"), "values of rows stay out of the description")

            let syntax = try await pqError { try await connection.query("SELECT 1 FORM err.t") }
            #expect(syntax.sqlState == .syntaxError)
            #expect(syntax.server?.position == 15 && syntax.position == 15)

            let missing = try await pqError { try await connection.query("SELECT lenght('x')") }
            #expect(missing.sqlState == .undefinedFunction)
            #expect(missing.hint != nil)
            #expect("\(missing)".contains("42883"))

            let raised = try await pqError {
                try await connection.query(
                    """
                    DO $$ BEGIN RAISE EXCEPTION 'm' USING ERRCODE = 'LB001', DETAIL = 'd', HINT = 'h', \
                    DATATYPE = 'ty', COLUMN = 'co'; END $$
                    """)
            }
            #expect(raised.sqlState?.rawValue == "LB001")
            #expect(raised.detail == "d")
            #expect(raised.hint == "h")
            #expect(raised.server?.dataTypeName == "ty" && raised.dataTypeName == "ty")
            #expect(raised.server?.columnName == "co")
            #expect(raised.server?.context?.contains("PL/pgSQL") == true)
            try await connection.execute(script: "DROP SCHEMA err CASCADE")
        }
    }

    @Test func `the first statement of a script that fails is the one reported`() async throws {
        try await withConnection { connection in
            let error = try await pqError {
                try await connection.execute(script: "CREATE TEMP TABLE s (a int); SELECT 1/0; SELECT lenght(1)")
            }
            #expect(error.sqlState == .divisionByZero)
            let kept = try await connection.cell("SELECT to_regclass('pg_temp.s') IS NOT NULL", as: Bool.self)
            #expect(!kept, "a script runs in one transaction")
        }
    }

    @Test func `notices go to the log at debug`() async throws {
        let log = LogStore()
        try await withConnection(logger: log.logger) { connection in
            try await connection.query("DO $$ BEGIN RAISE WARNING 'mind the gap'; END $$")
        }
        let line = try #require(log.lines.first { $0.contains("mind the gap") })
        #expect(line.hasPrefix("debug "))
        #expect(line.contains("WARNING"))
        #expect(!log.lines.contains { $0.hasPrefix("info") || $0.hasPrefix("warning") || $0.hasPrefix("error") })
    }

    @Test func `a serialization failure may be tried again, a violated constraint not`() {
        let retry = PQError(.server, "", server: .init(severity: "ERROR", sqlState: .serializationFailure, message: ""))
        let not = PQError(.server, "", server: .init(severity: "ERROR", sqlState: .uniqueViolation, message: ""))
        #expect(retry.isSafeToRetry)
        #expect(!not.isSafeToRetry)
        #expect(!PQError(.connectionClosed, "").isSafeToRetry)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a refused login is read in any language, and never for ever`() {
        // As servers write it whose messages are in Russian or in German.
        #expect(
            PQServerError(connectionMessage: "ВАЖНО:  28P01: пользователь не прошёл проверку\nПОДРОБНОСТИ:  ё\n") == nil
        )
        let german = PQServerError(
            connectionMessage: "Verbindung über »/tmp«: ERROR:  42704: Rolle »müller« existiert nicht\nDETAIL:  äöü\n")
        #expect(german?.severity == "ERROR" && german?.sqlState == .undefinedObject)
        #expect(german?.message == "Rolle »müller« existiert nicht" && german?.detail == "äöü")
    }
}
