//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

@Suite("secrets of lakebase dev", .serialized)
struct DevCanaryTests {
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
        let said = try await scratch.text("out", containing: "Notes: http://", within: .seconds(120))
        let address = try #require(said.split(separator: "\n").first { $0.hasPrefix("Notes: ") }?.dropFirst(7))
        let commandLines = try Self.commandLines()
        let end = ContinuousClock.now + .seconds(7)
        while ContinuousClock.now < end {
            _ = try await Self.fetch("\(address)/status")
            try await Task.sleep(for: .milliseconds(100))
        }
        kill(process.processIdentifier, SIGTERM)
        try await process.ended(within: .seconds(120))
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

    /// The command lines of all processes, where the system shows them as files.
    private static func commandLines() throws -> String {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.filter { $0.allSatisfy(\.isNumber) }
            .compactMap { FileManager.default.contents(atPath: "/proc/\($0)/cmdline") }
            .map { String(decoding: $0, as: UTF8.self) }
            .joined(separator: "\n")
    }

    /// What a page answers.
    private static func fetch(_ address: String) async throws -> String {
        let url = try #require(URL(string: address))
        return String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self)
    }
}
