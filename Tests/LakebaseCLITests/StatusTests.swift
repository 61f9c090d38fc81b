//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@Suite("lakebase dev status") struct StatusTests {
    @Test("it shows projects and branches by the data folder and by the environment, and says when nothing runs")
    func status() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        let script = """
            lakebase="$0"
            "$lakebase" dev status --data "$1" || exit 1
            "$lakebase" dev status --json || exit 1
            """
        let lakebase = CommandRun.folder.appendingPathComponent("lakebase").path
        let run = try await CommandRun.run(
            "lakebase", ["dev", "--data", data, "--", "sh", "-c", script, lakebase, data])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("projects/local\n  production (default)"), "\(run.output)")
        #expect(run.output.contains("idle") && run.output.contains("127."), "\(run.output)")
        #expect(
            run.output.contains("\"name\" : \"projects/local/branches/production/endpoints/primary\""), "\(run.output)")

        let stopped = try await CommandRun.run("lakebase", ["dev", "status", "--data", data])
        #expect(stopped.status == 1 && stopped.errors.contains("No lakebase dev runs on"), "\(stopped.errors)")
        let nowhere = try await CommandRun.run("lakebase", ["dev", "status", "--data", scratch.path + "/nothing"])
        #expect(
            nowhere.status == 1 && nowhere.errors.contains("is not the folder of a local Lakebase"), "\(nowhere.errors)"
        )
        let unnamed = try await CommandRun.run("lakebase", ["dev", "status"])
        #expect(unnamed.status == 1 && unnamed.errors.contains("--data"), "\(unnamed.errors)")
    }
}
