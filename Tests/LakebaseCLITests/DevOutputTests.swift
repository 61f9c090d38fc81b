//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("what lakebase dev writes", .serialized)
struct DevOutputTests {
    @Test("one line of JSON, and an environment file for its owner only")
    func environment() async throws {
        let scratch = try Scratch()
        let file = scratch.path + "/env"
        _ = FileManager.default.createFile(atPath: file, contents: Data(), attributes: [.posixPermissions: 0o644])
        try await DevRun.with(["--as", "app", "--env-file", file]) { run in
            let written = try scratch.text("env")
            for name in [
                "DATABRICKS_HOST", "DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET", "PGHOST", "PGPORT",
                "PGDATABASE", "PGUSER", "PGSSLMODE", "PGSSLROOTCERT", "NODE_EXTRA_CA_CERTS", "PGAPPNAME",
                "LAKEBASE_ENDPOINT",
            ] {
                let value = try #require(run.environment[name], "\(name)")
                #expect(written.contains("\(name)=\(value)\n"), "\(name)")
            }
            #expect(run.announcement.identities["developer"]?["DATABRICKS_TOKEN"] != nil)
            #expect(run.environment["DATABRICKS_TOKEN"] == nil)
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
            kill(run.processID, SIGTERM)
            try await run.process.ended()
            let (said, complained) = (try run.scratch.text("out"), try run.scratch.text("err"))
            #expect(run.process.terminationStatus == 0, "\(complained)")
            #expect(said.split(separator: "\n").count == 1)
            // A slow machine may have been told what the start was at.
            #expect(complained.split(separator: "\n").allSatisfy { $0.hasSuffix(" s)") }, "\(complained)")
        }
    }

    @Test("a shell reads the environment file, with blanks and quotes in the folder's name", arguments: ["sh", "dash"])
    func sourced(shell: String) async throws {
        guard FileManager.default.isExecutableFile(atPath: "/bin/\(shell)") else { return }
        let scratch = try Scratch()
        let data = scratch.path + "/it's a \"$folder\""
        let script = """
            cd "$2" || exit
            "$1" dev --data "$3" --env-file .env --json >line &
            while ! [ -s line ]; do sleep 0.05; done
            set -a; . ./.env; set +a
            kill $!; wait $!
            printf '%s' "$PGSSLROOTCERT"
            """
        let run = try await CommandRun.run(
            "/bin/\(shell)", ["-c", script, "sh", CommandRun.folder.path + "/lakebase", scratch.path, data])
        #expect(run.output == data + "/ca.pem", "\(run.errors)")
    }

    @Test("a reader that leaves with the line does not end it")
    func readerLeaves() async throws {
        let scratch = try Scratch()
        let pipe = Pipe()
        let process = try CommandRun.start(
            "lakebase", ["dev", "--json"], output: pipe.fileHandleForWriting, errors: try scratch.file("err"))
        try pipe.fileHandleForWriting.close()
        let reader = pipe.fileHandleForReading.fileDescriptor
        _ = fcntl(reader, F_SETFL, O_NONBLOCK)
        var line = Data()
        var bytes = [UInt8](repeating: 0, count: 65536)
        let deadline = ContinuousClock.now + .seconds(120)
        while !line.contains(UInt8(ascii: "\n")), ContinuousClock.now < deadline {
            let count = read(reader, &bytes, bytes.count)
            if count > 0 { line += bytes.prefix(count) } else { try await Task.sleep(for: .milliseconds(10)) }
        }
        try pipe.fileHandleForReading.close()
        let environment = try JSONDecoder().decode(DevRun.Announcement.self, from: line).environment
        let connection = try await DevRun.connect(environment)
        let rows = try await connection.query("SELECT 1")
        #expect(rows.count == 1)
        await connection.close()
        #expect(process.isRunning)
        kill(process.processIdentifier, SIGTERM)
        try await process.ended()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    }

    @Test(
        "a line that nobody can take is an error, and nothing stays",
        arguments: ["\"$@\" | true", "\"$@\" >&-", "\"$@\" >/dev/full"])
    func nobodyReads(redirection: String) async throws {
        let scratch = try Scratch()
        // Reports the status of the command and not that of the other end of the pipe.
        let script =
            "exec 9>\"$1\"; lakebase=$2; shift 2; run() { \"$lakebase\" \"$@\"; echo $? >&9; }; set -- run \"$@\"; "
        let temporary = scratch.path + "/tmp"
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        let run = try await CommandRun.run(
            "/bin/sh",
            [
                "-c", script + redirection, "sh", scratch.path + "/status", CommandRun.folder.path + "/lakebase", "dev",
                "--json",
            ], environment: ["TMPDIR": temporary])
        let status = try scratch.text("status")
        #expect(status == "1\n", "\(run.errors)")
        #expect(run.errors.contains("standard output cannot be written"), "\(run.errors)")
        let left = try FileManager.default.contentsOfDirectory(atPath: temporary)
        #expect(left.isEmpty, "\(left)")
    }

    @Test("words for people that nobody reads do not end it")
    func closedForPeople() async throws {
        let scratch = try Scratch()
        let file = scratch.path + "/env"
        let errors = try scratch.file("err")
        let process = try CommandRun.start(
            "/bin/sh",
            ["-c", "exec \"$@\" >&-", "sh", CommandRun.folder.path + "/lakebase", "dev", "--env-file", file],
            output: errors, errors: errors)
        let deadline = ContinuousClock.now + .seconds(120)
        while !FileManager.default.fileExists(atPath: file), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(10))
        }
        let connection = try await DevRun.connect(try EnvironmentLines.parse(scratch.text("env")))
        await connection.close()
        kill(process.processIdentifier, SIGTERM)
        try await process.ended()
        let complaints = try scratch.text("err")
        #expect(process.terminationReason == .exit && process.terminationStatus == 0, "\(complaints)")
    }
}
