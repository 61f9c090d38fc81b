//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@Suite("the Notes app and bad input", .serialized)
struct NotesBadInputTests {
    private func refuses(
        _ arguments: [String], _ environment: [String: String], _ status: Int32, _ words: String...,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let run = try await CommandRun.run("notes", arguments, environment: environment)
        #expect(run.status == status, "\(run.errors)", sourceLocation: location)
        for word in words { #expect(run.errors.contains(word), "\(word): \(run.errors)", sourceLocation: location) }
        #expect(!run.errors.contains("Fatal error"), "\(run.errors)", sourceLocation: location)
    }

    @Test("half a configuration is reported whole")
    func halfConfiguration() async throws {
        try await self.refuses(
            ["--port", "0"], ["LAKEBASE_TYPE": "other", "PGPORT": "99999"], 1,
            "LAKEBASE_TYPE", "autoscaling or provisioned", "PGPORT", "DATABRICKS_HOST")
        try await self.refuses(
            ["--port", "0"], ["LAKEBASE_TYPE": "provisioned", "DATABRICKS_HOST": "http://127.0.0.1:9"], 1,
            "LAKEBASE_INSTANCE", "DATABRICKS_CLIENT_ID")
        try await self.refuses(
            ["--port", "0"],
            ["LAKEBASE_ENDPOINT": "projects/x", "DATABRICKS_HOST": "http://127.0.0.1:9", "DATABRICKS_TOKEN": "canary"],
            1, "LAKEBASE_ENDPOINT", "projects/")
    }

    @Test("a workspace that does not answer is named, and the token is not")
    func unreachable() async throws {
        let environment = [
            "LAKEBASE_ENDPOINT": "projects/x/branches/y/endpoints/z", "DATABRICKS_HOST": "http://127.0.0.1:9",
            "DATABRICKS_TOKEN": "canary", "PGHOST": "127.0.0.1",
        ]
        let run = try await CommandRun.run("notes", ["--port", "0"], environment: environment)
        #expect(run.status == 1, "\(run.errors)")
        #expect(run.errors.contains("127.0.0.1:9"), "\(run.errors)")
        #expect(!(run.output + run.errors).contains("canary"))
    }

    @Test("ports")
    func ports() async throws {
        try await self.refuses(["--port", "65536"], [:], 64, "--port 65536")
        try await self.refuses(["--port", "many"], [:], 64, "--port")
        try await self.refuses(["--host", ""], [:], 64, "--host")
        try await DevRun.with(["--as", "app"]) { run in
            let port = try #require(run.environment["DATABRICKS_HOST"]?.split(separator: ":").last.map(String.init))
            try await self.refuses(["--port", port], run.environment, 1, "127.0.0.1:\(port) is taken", "--port")
            try await self.refuses(
                ["--host", "host.invalid", "--port", "0"], run.environment, 1, "host.invalid", "--host")
            try await self.refuses(["--host", "192.0.2.1", "--port", "0"], run.environment, 1, "192.0.2.1", "--host")
        }
    }
}
