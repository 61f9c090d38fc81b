//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Logging
import Secrets
import Testing

/// A running `lakebase dev --json` that has said its line.
struct DevRun {
    /// The line.
    struct Announcement: Decodable {
        var environment: [String: String]
        var identities: [String: [String: String]]
    }

    let process: Process
    let scratch: Scratch
    let announcement: Announcement

    var environment: [String: String] { self.announcement.environment }
    var processID: pid_t { self.process.processIdentifier }

    /// The folder everything is in.
    var folder: String {
        get throws {
            let certificate = try #require(self.environment["PGSSLROOTCERT"])
            return (certificate as NSString).deletingLastPathComponent
        }
    }

    /// The folder of PostgreSQL's socket.
    var runtimeFolder: String {
        get throws {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(self.folder)/lakebase.json"))
            let state = try JSONDecoder().decode([String: JSONValue].self, from: data)
            guard case .string(let path)? = state["runtimeDirectory"] else { throw Missing() }
            return path
        }
    }

    /// Runs `body` while it runs, then stops it and waits for its end.
    static func with(
        _ arguments: [String] = [], environment: [String: String] = [:], _ body: (DevRun) async throws -> Void
    ) async throws {
        let scratch = try Scratch()
        let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
        let process = try CommandRun.start(
            "lakebase", ["dev", "--json"] + arguments, environment: environment, output: output, errors: errors)
        do {
            let line = try await scratch.text("out", containing: "\n", within: .seconds(120))
            let announcement = try JSONDecoder().decode(Announcement.self, from: Data(line.utf8))
            try await body(DevRun(process: process, scratch: scratch, announcement: announcement))
        } catch {
            if process.isRunning { kill(process.processIdentifier, SIGTERM) }
            try await process.ended()
            throw error
        }
        if process.isRunning { kill(process.processIdentifier, SIGTERM) }
        try await process.ended()
    }

    /// Logs in with a token minted for it.
    func connect() async throws -> PQConnection { try await Self.connect(self.environment) }

    static func connect(_ environment: [String: String]) async throws -> PQConnection {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let workspace = WorkspaceClient(
            configuration: try WorkspaceConfiguration.resolve(
                environment: environment.merging(["DATABRICKS_CONFIG_FILE": "/nonexistent"]) { $1 }), logger: logger)
        let credential = try await workspace.postgres.generateDatabaseCredential(
            endpoint: try #require(environment["LAKEBASE_ENDPOINT"]))
        var login = PQConnection.Configuration(
            host: try #require(environment["PGHOST"]), port: try #require(environment["PGPORT"].flatMap { Int($0) }),
            username: try #require(environment["PGUSER"]), database: try #require(environment["PGDATABASE"]),
            password: credential.token, tls: .verifyFull)
        login.rootCertificate = environment["PGSSLROOTCERT"]
        // The first login starts the compute, which ten seconds may not be enough for on a busy machine.
        login.connectTimeout = .seconds(120)
        return try await PQConnection.connect(login, logger: logger)
    }

    /// The process id of the running `postgres` on the data in `folder`.
    static func postgres(in folder: String) throws -> pid_t {
        let text = try String(contentsOfFile: folder + "/branches/production/data/postmaster.pid", encoding: .utf8)
        return try #require(text.split(separator: "\n").first.flatMap { pid_t($0) })
    }

    struct Missing: Error {}
}
