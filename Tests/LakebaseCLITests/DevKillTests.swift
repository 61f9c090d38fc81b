//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("lakebase dev and kill -9", .serialized)
struct DevKillTests {
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
            let environment = try JSONDecoder().decode(DevRun.Announcement.self, from: Data(line.utf8)).environment
            let connection = try await DevRun.connect(environment)
            try await connection.query("CREATE TABLE IF NOT EXISTS kept (n int)")
            let rows = try await connection.query("SELECT count(*) FROM kept")
            let kept = try rows.first?.decode(Int.self, at: 0)
            #expect(kept == committed)
            for number in 0..<100 {
                try await connection.query("INSERT INTO kept VALUES (\(Int32(number)))")
                committed += 1
            }
            let postgres = try DevRun.postgres(in: data)
            kill(process.processIdentifier, SIGKILL)
            let gone = try await isGone(postgres)
            #expect(gone, "postgres \(postgres) still runs")
            await connection.close()
        }
        // What the killed one could not remove, the next start does.
        let state = try Data(contentsOf: URL(fileURLWithPath: data + "/lakebase.json"))
        let sockets = try JSONDecoder().decode(State.self, from: state).runtimeDirectory
        #expect(FileManager.default.fileExists(atPath: sockets))
        let next = try await CommandRun.run("lakebase", ["dev", "--data", data, "--", "true"])
        #expect(next.status == 0, "\(next.errors)")
        #expect(!FileManager.default.fileExists(atPath: sockets))
    }

    private struct State: Decodable {
        var runtimeDirectory: String
    }
}
