//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Logging
import Secrets
import Testing

@Suite("the visitors of the Notes app", .serialized)
struct NotesVisitorTests {
    /// What the platform forwards for the developer, and for the app's own principal as another visitor.
    private func visitors(_ run: DevRun) async throws -> (developer: [String: String], other: [String: String]) {
        func headers(_ identity: String) async throws -> [String: String] {
            let environment = try #require(run.announcement.identities[identity])
            let configuration = try WorkspaceConfiguration.resolve(
                environment: run.environment.filter { !$0.key.hasPrefix("DATABRICKS_") }
                    .merging(environment) { $1 }
                    .merging(["DATABRICKS_CONFIG_FILE": "/nonexistent"]) { $1 })
            let workspace = WorkspaceClient(configuration: configuration, logger: Logger(label: "test"))
            let header = try #require(try await workspace.credentials.headers()["Authorization"])
            return [
                "X-Forwarded-Access-Token": header.withUnsafeValue { String($0.dropFirst("Bearer ".count)) },
                "X-Forwarded-Email": try #require(environment["PGUSER"]),
            ]
        }
        return (try await headers("developer"), try await headers("app"))
    }

    @Test("each visitor has notes of their own, and the status page knows them by their token")
    func ownNotes() async throws {
        try await DevRun.with(["--as", "app"]) { run in
            let (developer, other) = try await self.visitors(run)
            let name = try #require(developer["X-Forwarded-Email"])
            try await NotesRun.with(environment: run.environment) { notes in
                let written = try await notes.browser(
                    "POST", "/notes", form: Data("content=only+mine".utf8), headers: developer)
                #expect(written.status == 200, "\(written.text)")
                let own = try await notes.browser("GET", "/", headers: developer)
                #expect(own.text.contains("only mine") && own.text.contains(name))
                #expect(!own.text.contains("Welcome to Lakebase!"))
                for headers in [other, [:]] {
                    let page = try await notes.browser("GET", "/", headers: headers)
                    #expect(page.status == 200 && !page.text.contains("only mine"), "\(page.text)")
                    // Neither can another change it, whose number is easily guessed.
                    for path in ["/notes/4", "/notes/4/delete"] {
                        let answer = try await notes.browser(
                            "POST", path, form: Data("content=changed".utf8), headers: headers)
                        #expect(answer.status == 404)
                    }
                }
                #expect(try await notes.browser("GET", "/", headers: developer).text.contains("only mine"))

                let status = try await notes.browser("GET", "/status", headers: developer)
                #expect(status.text.contains("<dd id=\"visitor\">\(name)</dd>"), "\(status.text)")
                // Logged in to the database as the visitor.
                #expect(status.text.contains("<dd id=\"role\">\(name)</dd>"))
                #expect(
                    status.text.contains("<dd id=\"notes\">1</dd>") && status.text.contains("<dd id=\"clients\">1</dd>")
                )
                let json = try await notes.send("GET", "/status", headers: developer)
                #expect(json.text.contains("\"visitor\":\"\(name)\""), "\(json.text)")

                var forged = developer
                forged["X-Forwarded-Email"] = "chief@example.com"
                let refused = try await notes.browser("GET", "/", headers: forged)
                #expect(refused.status == 401 && !refused.text.contains("chief") && !refused.text.contains("only mine"))
                forged["X-Forwarded-Access-Token"] = "canary-4f2a"
                #expect(try await notes.browser("GET", "/", headers: forged).status == 401)

                let said = try notes.scratch.text("err") + notes.scratch.text("out")
                #expect(said.contains("An identity was rejected"))
                for headers in [developer, other, forged] {
                    #expect(!said.contains(try #require(headers["X-Forwarded-Access-Token"])))
                }
            }
        }
    }

    @Test("it is well while it runs, and its schema is brought up to date once by however many start")
    func startAndHealth() async throws {
        try await DevRun.with(["--as", "app"]) { run in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await NotesRun.with(environment: run.environment) { notes in
                            for path in ["/health/live", "/health/ready"] {
                                let answer = try await notes.send("GET", path)
                                #expect(answer.status == 200 && answer.text == "ok\n")
                            }
                            #expect(try await notes.send("POST", "/health/live").status == 403)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let connection = try await run.connect()
            let made = try await connection.query("SELECT version FROM lakebase.migrations ORDER BY version")
                .decode((Int64).self)
            let notes = try await connection.query("SELECT count(*) FROM notes.notes").first?.decode(Int.self, at: 0)
            await connection.close()
            #expect(made == [1, 2] && notes == 3)
        }
    }

    @Test("a table that an early version made is brought along with its notes")
    func earlyTable() async throws {
        try await DevRun.with(["--as", "app"]) { run in
            let connection = try await run.connect()
            try await connection.query("CREATE SCHEMA notes")
            try await connection.query(
                """
                CREATE TABLE notes.notes (
                    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, content text NOT NULL,
                    created_at timestamptz NOT NULL DEFAULT now())
                """)
            try await connection.query("INSERT INTO notes.notes (content) VALUES ('from before')")
            await connection.close()
            try await NotesRun.with(environment: run.environment) { notes in
                let page = try await notes.browser("GET", "/")
                #expect(page.text.contains("from before") && !page.text.contains("Welcome to Lakebase!"))
            }
        }
    }

    @Test("a shutdown lets a request that is under way finish, and then gives every connection back")
    func gracefulShutdown() async throws {
        try await DevRun.with(["--as", "app"]) { run in
            try await NotesRun.with(environment: run.environment) { notes in
                // A lock keeps the request waiting until the shutdown has begun.
                let connection = try await run.connect()
                try await connection.query("BEGIN")
                try await connection.query("LOCK TABLE notes.notes IN ACCESS EXCLUSIVE MODE")
                async let answer = notes.browser("POST", "/notes", form: Data("content=in+time".utf8))
                let deadline = ContinuousClock.now + .seconds(60)
                var isWaiting = false
                while !isWaiting, ContinuousClock.now < deadline {
                    let rows = try await connection.query("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
                    isWaiting = try rows.first?.decode(Bool.self, at: 0) ?? false
                }
                try #require(isWaiting)
                kill(notes.process.processIdentifier, SIGTERM)
                try await notes.said("graceful", within: .seconds(60))
                try await connection.query("COMMIT")
                // The answer leads to the first page, which a server that is going away does not serve any more.
                _ = try? await answer
                try await notes.process.ended()
                #expect(notes.process.terminationStatus == 0)
                let found = try await connection.query("SELECT count(*) FROM notes.notes WHERE content = 'in time'")
                #expect(try found.first?.decode(Int.self, at: 0) == 1)
                let sessions = try await connection.query(
                    "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()")
                #expect(try sessions.first?.decode(Int.self, at: 0) == 0)
                await connection.close()
            }
        }
    }
}

extension NotesRun {
    /// Waits until the app has said something in its log.
    fileprivate func said(_ words: String, within limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            let text = try self.scratch.text("err") + self.scratch.text("out")
            if text.lowercased().contains(words) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it never said \(words)")
    }
}
