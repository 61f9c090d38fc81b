//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization
import TestSupport
import Testing

@Suite("Pipelines", .sharesTheMachine)
struct PipelineTests {
    @Test(.timeLimit(.minutes(5)), arguments: Way.allCases)
    func `each statement gets its own rows, in order, prepared or not`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            #expect(try await connection.pipeline([]).isEmpty)
            for _ in 0..<4 {
                let results = try await connection.pipeline([
                    "SELECT \(7)::bigint", "SELECT 'a', NULL::int", "SELECT generate_series(1, 3)", "",
                    "SELECT 1 WHERE false",
                ])
                #expect(results.count == 5)
                #expect(try results[0].decode(Int.self) == [7])
                #expect(try results[1][0].decode((String, Int?).self) == ("a", nil))
                #expect(try results[2].map { try $0.decode(Int.self, at: 0) } == [1, 2, 3])
                #expect(results[3].isEmpty && results[4].isEmpty)
            }
            #expect(try await connection.cell("SELECT 5", as: Int.self) == 5)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `where one statement fails nothing of the pipeline remains`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE kept (n int PRIMARY KEY)")
            for round in 0..<4 {
                let error = try await pqError {
                    try await connection.pipeline([
                        "INSERT INTO kept VALUES (\(round))", "INSERT INTO kept VALUES (\(100 + round))",
                        "INSERT INTO kept VALUES (\(round))", "INSERT INTO kept VALUES (\(200 + round))",
                    ])
                }
                #expect(error.sqlState == .uniqueViolation && error.statementIndex == 2)
                #expect(error.query == "INSERT INTO kept VALUES ($1)")
                #expect(try await connection.cell("SELECT count(*) FROM kept", as: Int.self) == 0)
            }
            try await connection.pipeline(["INSERT INTO kept VALUES (1)", "INSERT INTO kept VALUES (2)"])
            #expect(try await connection.cell("SELECT count(*) FROM kept", as: Int.self) == 2)
            #expect(await connection.transactionStatus == .idle)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what fails only at the end of the transaction fails the pipeline too`() async throws {
        try await withConnection { connection in
            try await connection.execute(
                script: """
                    CREATE TEMP TABLE parent (n int PRIMARY KEY);
                    CREATE TEMP TABLE child (n int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)
                    """)
            let error = try await pqError {
                try await connection.pipeline(["INSERT INTO child VALUES (1)", "SELECT 1"])
            }
            #expect(error.sqlState == .foreignKeyViolation && error.statementIndex == nil)
            let outcomes = try await connection.pipeline(independent: [
                "INSERT INTO parent VALUES (2)", "INSERT INTO child VALUES (1)", "INSERT INTO child VALUES (2)",
            ])
            #expect(outcomes.map { $0.error?.sqlState } == [nil, .foreignKeyViolation, nil])
            #expect(outcomes[1].error?.statementIndex == 1)
            #expect(try await connection.cell("SELECT n FROM child", as: Int.self) == 2)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a pipeline in a transaction is a part of it`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE inside (n int)")
            try await connection.withTransaction { connection in
                try await connection.pipeline(["INSERT INTO inside VALUES (1)", "INSERT INTO inside VALUES (2)"])
                #expect(await connection.transactionStatus == .inTransaction)
            }
            let error = try await pqError {
                try await connection.withTransaction { connection in
                    try await connection.query("INSERT INTO inside VALUES (3)")
                    try await connection.pipeline(["INSERT INTO inside VALUES (4)", "SELECT 1/0"])
                }
            }
            #expect(error.sqlState == .divisionByZero)
            try await connection.withTransaction { outer in
                await #expect(throws: PQError.self) {
                    try await outer.withTransaction { inner in
                        try await inner.pipeline(["INSERT INTO inside VALUES (5)", "SELECT 1/0"])
                    }
                }
                try await outer.query("INSERT INTO inside VALUES (6)")
            }
            let rows = try await connection.query("SELECT n FROM inside ORDER BY n")
            #expect(try rows.map { try $0.decode(Int.self, at: 0) } == [1, 2, 6])
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Way.allCases)
    func `independent statements succeed and fail by themselves`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            try await connection.execute(script: "CREATE TEMP TABLE each_one (n int PRIMARY KEY)")
            let queries = (0..<300).map { number in
                number % 10 == 9
                    ? PQQuery("SELECT 1 / \(number - number)::int")
                    : PQQuery("INSERT INTO each_one VALUES (\(number)) RETURNING n")
            }
            let outcomes = try await connection.pipeline(independent: queries)
            #expect(outcomes.count == 300)
            for (number, outcome) in outcomes.enumerated() {
                if number % 10 == 9 {
                    #expect(outcome.error?.sqlState == .divisionByZero && outcome.error?.statementIndex == number)
                    #expect(throws: PQError.self) { try outcome.get() }
                } else {
                    #expect(try outcome.get().decode(Int.self) == [number])
                }
            }
            #expect(try await connection.cell("SELECT count(*) FROM each_one", as: Int.self) == 270)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Way.allCases)
    func `more than the sockets hold in both directions does not block either side`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            let text = String(repeating: "x", count: 20_000)
            let queries = (0..<1500).map { number in PQQuery("SELECT \(text) || \("\(number)")") }
            let rows = try await connection.pipeline(queries)
            let outcomes = try await connection.pipeline(independent: queries)
            for number in 0..<1500 {
                #expect(try rows[number].decode(String.self) == ["\(text)\(number)"])
                #expect(try outcomes[number].get().decode(String.self) == ["\(text)\(number)"])
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what cannot be sent is refused before anything is sent`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE unsent (n int)")
            let queries: [PQQuery] = [
                "INSERT INTO unsent VALUES (1)", PQQuery(unsafeSQL: "SELECT 'a\u{0}b'"),
            ]
            #expect(try await pqError { try await connection.pipeline(queries) }.code == .unsupported)
            #expect(try await pqError { try await connection.pipeline(independent: queries) }.code == .unsupported)
            // Found only when it is its turn, in quotes: the first statement is undone.
            let hidden: [PQQuery] = ["INSERT INTO unsent VALUES (2)", "SELECT 'it is \(3)'"]
            #expect(try await pqError { try await connection.pipeline(hidden) }.code == .unsupported)
            #expect(try await connection.cell("SELECT count(*) FROM unsent", as: Int.self) == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `COPY in a pipeline is an error and not a hang`() async throws {
        try await withConnection { connection in
            let error = try await pqError {
                try await connection.pipeline(["SELECT 1", "COPY (SELECT 1) TO STDOUT", "SELECT 2"])
            }
            #expect(error.code == .unsupported || error.code == .connectionClosed, "\(error)")
            #expect(await !connection.isOpen)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a statement that no longer fits the schema is run again`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE changing (a int); INSERT INTO changing VALUES (1)")
            let queries: [PQQuery] = ["SELECT 1", "SELECT * FROM changing"]
            for _ in 0..<3 { try await connection.pipeline(queries) }
            try await connection.execute(script: "ALTER TABLE changing ADD b text DEFAULT 'b'")
            #expect(try await connection.pipeline(queries)[1][0].decode((Int, String).self) == (1, "b"))
            for _ in 0..<3 { try await connection.pipeline(queries) }
            try await connection.execute(script: "ALTER TABLE changing ADD c int DEFAULT 3")
            let outcomes = try await connection.pipeline(independent: queries)
            #expect(try outcomes[1].get()[0].decode((Int, String, Int).self) == (1, "b", 3))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `queries asked for meanwhile wait for their turn`() async throws {
        try await withConnection { connection in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        if number % 2 == 0 {
                            let queries: [PQQuery] = ["SELECT \(number)::int", "SELECT \(-number)::int"]
                            let rows = try await connection.pipeline(queries)
                            #expect(try rows.map { try $0[0].decode(Int.self, at: 0) } == [number, -number])
                        } else {
                            #expect(try await connection.cell("SELECT \(number)::int", as: Int.self) == number)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an observer receives every statement with its own result`() async throws {
        final class Seen: PQQueryObserver {
            let ended = Mutex<[String: Bool]>([:])
            let begun = Mutex(0)
            func queryBegan(_ sql: String, _ kind: PQQueryKind) -> PQQueryToken {
                self.begun.withLock { $0 += 1 }
                return PQQueryToken()
            }
            func queryEnded(_ sql: String, _ token: PQQueryToken, _ result: Result<PQRows, any Error>) {
                self.ended.withLock { $0[sql] = (try? result.get()) != nil }
            }
        }
        let seen = Seen()
        try await withConnection(change: { $0.queryObserver = seen }) { connection in
            _ = try await connection.pipeline(independent: ["SELECT 1", "SELECT 1/0", "SELECT 3"])
        }
        #expect(seen.ended.withLock { $0 } == ["SELECT 1": true, "SELECT 1/0": false, "SELECT 3": true])
        #expect(seen.begun.withLock { $0 } == 3)
    }
}
