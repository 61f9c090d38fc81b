//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Logging
import Secrets
import Testing

@Suite("lakebase dev as a process")
struct DevProcessTests {
    @Test("bad input gets a sentence with its remedy, and status 1 or 64")
    func badInput() async throws {
        let scratch = try Scratch()
        _ = try scratch.file("file")
        let cases: [(arguments: [String], status: Int32, words: String)] = [
            (["dev", "--postgres", "/nonexistent", "--", "true"], 1, "script/setup"),
            (["dev", "--data", "/proc/nothing", "--", "true"], 1, "--data"),
            (["dev", "--data", scratch.path + "/file", "--", "true"], 1, "not a folder"),
            (["dev", "--data", scratch.path, "--", "true"], 1, "not empty"),
            (["dev", "--env-file", "/nonexistent/file", "--", "true"], 1, "--env-file"),
            (["dev", "--", "no-such-command-anywhere"], 1, "cannot be started"),
            (["dev", "--unknown"], 64, "Unknown option"),
            (["dev", "--token-lifetime", "soon"], 64, "--token-lifetime"),
            (["dev", "--as", "nobody"], 64, "--as"),
            (["dev", "--listen", "nowhere"], 64, "--listen"),
        ]
        for (arguments, status, words) in cases {
            let run = try await CommandRun.run("lakebase", arguments)
            #expect(run.status == status, "\(arguments): \(run.errors)")
            #expect(run.errors.contains(words), "\(arguments): \(run.errors)")
            #expect(!run.errors.contains("Fatal error"), "\(run.errors)")
        }
    }

    @Test("half a configuration is reported whole")
    func halfConfiguration() async throws {
        let run = try await CommandRun.run(
            "notes", ["--port", "0"], environment: ["LAKEBASE_TYPE": "other", "PGPORT": "99999"])
        #expect(run.status == 1)
        for words in ["LAKEBASE_TYPE", "autoscaling or provisioned", "PGPORT", "DATABRICKS_HOST"] {
            #expect((run.output + run.errors).contains(words), "\(words)")
        }
    }

    @Test("the command's status is passed on, and its death by a signal")
    func exitStatus() async throws {
        let seven = try await CommandRun.run("lakebase", ["dev", "--", "sh", "-c", "exit 7"])
        #expect(seven.status == 7, "\(seven.errors)")
        let killed = try await CommandRun.run("lakebase", ["dev", "--", "sh", "-c", "kill -9 $$"])
        #expect(killed.status == 137, "\(killed.errors)")
    }

    @Test("one line of JSON, and an environment file for its owner only")
    func environment() async throws {
        let scratch = try Scratch()
        let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
        let file = scratch.path + "/env"
        _ = FileManager.default.createFile(atPath: file, contents: Data(), attributes: [.posixPermissions: 0o644])
        let process = try CommandRun.start(
            "lakebase", ["dev", "--json", "--as", "app", "--env-file", file], output: output, errors: errors)
        defer { kill(process.processIdentifier, SIGKILL) }
        let line = try await scratch.text("out", containing: "\n")
        let answer = try JSONDecoder().decode(Announcement.self, from: Data(line.utf8))
        let written = try scratch.text("env")
        for name in [
            "DATABRICKS_HOST", "DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET", "PGHOST", "PGPORT",
            "PGDATABASE", "PGUSER", "PGSSLMODE", "PGSSLROOTCERT", "PGAPPNAME", "LAKEBASE_ENDPOINT",
        ] {
            let value = try #require(answer.environment[name], "\(name)")
            #expect(written.contains("\(name)=\(value)\n"), "\(name)")
        }
        #expect(answer.identities["developer"]?["DATABRICKS_TOKEN"] != nil)
        #expect(answer.environment["DATABRICKS_TOKEN"] == nil)
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        let certificate = try #require(answer.environment["PGSSLROOTCERT"])
        #expect(FileManager.default.fileExists(atPath: certificate))

        kill(process.processIdentifier, SIGTERM)
        try await waitForEnd(of: process)
        let (said, complained) = (try scratch.text("out"), try scratch.text("err"))
        #expect(process.terminationStatus == 0, "\(complained)")
        #expect(said.split(separator: "\n").count == 1)
        #expect(complained == "")
        // The temporary folder went with it.
        #expect(!FileManager.default.fileExists(atPath: certificate))
    }

    @Test("after kill -9 no postgres stays, and the next start has every row that was committed")
    func killed() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        var committed = 0
        for round in 0..<2 {
            let (output, errors) = (try scratch.file("out\(round)"), try scratch.file("err"))
            let process = try CommandRun.start(
                "lakebase", ["dev", "--json", "--data", data], output: output, errors: errors)
            defer { kill(process.processIdentifier, SIGKILL) }
            let line = try await scratch.text("out\(round)", containing: "\n")
            let environment = try JSONDecoder().decode(Announcement.self, from: Data(line.utf8)).environment
            let connection = try await Self.connect(environment)
            try await connection.query("CREATE TABLE IF NOT EXISTS kept (n int)")
            let rows = try await connection.query("SELECT count(*) FROM kept")
            let kept = try rows.first?.decode(Int.self, at: 0)
            #expect(kept == committed)
            for number in 0..<100 {
                try await connection.query("INSERT INTO kept VALUES (\(Int32(number)))")
                committed += 1
            }
            let postmaster = try String(
                contentsOfFile: data + "/branches/production/data/postmaster.pid", encoding: .utf8)
            let postgres = try #require(postmaster.split(separator: "\n").first.flatMap { Int32($0) })
            kill(process.processIdentifier, SIGKILL)
            let deadline = ContinuousClock.now + .seconds(15)
            while kill(postgres, 0) == 0, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(kill(postgres, 0) != 0, "postgres \(postgres) still runs")
            await connection.close()
        }
    }

    @Test("no token and no secret in anything that is written at trace level")
    func canary() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
        let file = scratch.path + "/env"
        let notes = CommandRun.folder.appendingPathComponent("notes").path
        let process = try CommandRun.start(
            "lakebase",
            [
                "dev", "--log-level", "trace", "--token-lifetime", "2s", "--data", data, "--as", "app", "--env-file",
                file,
                "--", notes, "--log-level", "trace", "--port", "0", "--connection-age", "1",
            ], output: output, errors: errors)
        defer { kill(process.processIdentifier, SIGKILL) }
        let said = try await scratch.text("out", containing: "Notes: http://")
        let address = try #require(said.split(separator: "\n").first { $0.hasPrefix("Notes: ") }?.dropFirst(7))
        let commandLines = try Self.commandLines()
        let end = ContinuousClock.now + .seconds(7)
        while ContinuousClock.now < end {
            _ = try await CommandRun.fetch("\(address)/status")
            try await Task.sleep(for: .milliseconds(100))
        }
        kill(process.processIdentifier, SIGTERM)
        try await waitForEnd(of: process)
        let everything = try scratch.text("out") + scratch.text("err")
        #expect(everything.contains(" trace ") && everything.contains(" debug "))
        // Every token is a JWT, whose first part is an object in Base64.
        #expect(!everything.contains("eyJ"))
        let environment = try scratch.text("env")
        let secret = try #require(
            environment.split(separator: "\n").first { $0.hasPrefix("DATABRICKS_CLIENT_SECRET=") }?.split(
                separator: "="
            ).last)
        #expect(secret.count >= 16)
        #expect(!everything.contains(secret))
        #expect(commandLines.contains("--token-lifetime"))
        #expect(!commandLines.contains(secret) && !commandLines.contains("eyJ"))
    }

    private struct Announcement: Decodable {
        var environment: [String: String]
        var identities: [String: [String: String]]
    }

    private func waitForEnd(of process: Process) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while process.isRunning, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        try #require(!process.isRunning, "it did not end")
    }

    private static func connect(_ environment: [String: String]) async throws -> PQConnection {
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
        return try await PQConnection.connect(login, logger: logger)
    }

    /// The command lines of all processes, where the system shows them as files.
    private static func commandLines() throws -> String {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.filter { $0.allSatisfy(\.isNumber) }
            .compactMap { FileManager.default.contents(atPath: "/proc/\($0)/cmdline") }
            .map { String(decoding: $0, as: UTF8.self) }
            .joined(separator: "\n")
    }
}
