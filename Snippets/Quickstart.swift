//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Queries, rows and a transaction. Runs on a local Lakebase: lakebase dev -- .build/debug/Quickstart

// snippet.store
import Lakebase
import Logging
import ServiceLifecycle

struct Notes: Sendable {
    let lakebase: LakebaseClient

    func prepare() async throws {
        try await self.lakebase.withConnection { connection in
            try await connection.execute(
                script: """
                    CREATE TABLE IF NOT EXISTS notes
                        (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author text NOT NULL, title text NOT NULL);
                    CREATE TABLE IF NOT EXISTS renamings (note bigint NOT NULL, old_title text NOT NULL)
                    """)
        }
    }

    func add(_ title: String, by author: String) async throws {
        try await self.lakebase.query("INSERT INTO notes (author, title) VALUES (\(author), \(title))")
    }

    func titles(by author: String) async throws -> [(Int, String)] {
        try await self.lakebase
            .query("SELECT id, title FROM notes WHERE author = \(author) ORDER BY id")
            .decode((Int, String).self)
    }

    func rename(_ id: Int, to title: String) async throws {
        try await self.lakebase.withTransaction { connection in
            let rows = try await connection.query("SELECT title FROM notes WHERE id = \(id) FOR UPDATE")
            guard let old = try rows.first?.decode(String.self, at: 0) else { return }
            try await connection.query("INSERT INTO renamings (note, old_title) VALUES (\(id), \(old))")
            try await connection.query("UPDATE notes SET title = \(title) WHERE id = \(id)")
        }
    }
}
// snippet.end

// snippet.service
struct App: Service {
    let notes: Notes

    func run() async throws {
        try await self.notes.prepare()
        try await self.notes.add("On engines", by: "Ada")
        for (id, title) in try await self.notes.titles(by: "Ada") { print(id, title) }
    }
}

let logger = Logger(label: "app")
let lakebase = try LakebaseClient(configuration: .fromEnvironment(), logger: logger)
let app = App(notes: Notes(lakebase: lakebase))
let group = ServiceGroup(
    configuration: .init(
        services: [
            .init(service: lakebase),
            .init(service: app, successTerminationBehavior: .gracefullyShutdownGroup),
        ],
        gracefulShutdownSignals: [.sigint, .sigterm],
        logger: logger))
try await group.run()
// snippet.end
