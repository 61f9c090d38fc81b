//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import ProgramLauncher

@testable import LakebaseLocal
@testable import LocalPostgres

/// What a program printed and how it ended.
struct ProgramOutput: Sendable {
    var status: Int32
    var text: String
}

/// Runs a shell line with the local PostgreSQL's programs in `PATH` and nothing of this process's `PG*` variables.
func runShell(_ line: String, _ arguments: [String] = [], settings: [String: String] = [:]) async throws
    -> ProgramOutput
{
    var environment = ChildProcess.plainEnvironment
    let folder = try await InstalledServers.find().newest.binFolder
    environment["PATH"] = "\(folder):\(environment["PATH"] ?? "")"
    // psql leaves the user's own files alone.
    environment["HOME"] = "/nonexistent"
    environment.merge(settings) { $1 }
    let result = try await ChildProcess.run("/bin/sh", ["-c", line, "sh"] + arguments, environment: environment)
    return ProgramOutput(
        status: result.status, text: result.output.trimmingCharacters(in: .whitespacesAndNewlines))
}
