//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import BenchmarkSupport
import Foundation

/// The data of a COPY in a file that psql wrote, and in one of ours.
struct CopyFile {
    /// The paths.
    let psql: String
    let ours: String
    /// `text` or `binary`.
    let format: String

    var size: Int {
        get throws { try FileManager.default.attributesOfItem(atPath: self.psql)[.size] as? Int ?? 0 }
    }

    /// Whether the two files are equal, as far as both are there.
    var isComplete: Bool {
        let files = FileManager.default
        return !files.fileExists(atPath: self.ours) || files.contentsEqual(atPath: self.psql, andPath: self.ours)
    }

    func remove() {
        for path in [self.psql, self.ours] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Copies with psql; returns the seconds that it tells, without its start and its login.
    func psql(_ server: BenchServer, isOut: Bool) async throws -> Double {
        let copy = isOut ? "copy_source TO" : "copy_target FROM"
        let output = try await runProgram(
            "psql",
            [
                "-X", "-q", "-d", server.connectionString, "-c", "\\timing on",
                "-c", "\\copy \(copy) '\(self.psql)' (FORMAT \(self.format))",
            ])
        for line in output.split(separator: "\n") where line.hasPrefix("Time: ") {
            if let number = line.split(separator: " ").dropFirst().first.flatMap({ Double($0) }) {
                return number / 1000
            }
        }
        throw ProgramFailure(program: "psql", output: output)
    }

    /// Copies with a connection of ours; returns the seconds from opening the file to closing it.
    func ours(_ connection: PQConnection, isOut: Bool, executor: (any TaskExecutor)?) async throws -> Double {
        let copying = Task(executorPreference: executor) {
            let start = ContinuousClock.now
            if isOut { try await self.copyOut(connection) } else { try await self.copyIn(connection) }
            return start.duration(to: .now).inSeconds
        }
        return try await copying.value
    }

    @concurrent
    private func copyOut(_ connection: PQConnection) async throws {
        let file = fopen(self.ours, "w")
        defer { if let file { fclose(file) } }
        guard let file else { throw ProgramFailure(program: "COPY", output: "\(self.ours) cannot be written") }
        for try await chunk in connection.copyOut("COPY copy_source TO STDOUT (FORMAT \(unescaped: self.format))") {
            guard fwrite(chunk, 1, chunk.count, file) == chunk.count else {
                throw ProgramFailure(program: "COPY", output: "\(self.ours) cannot be written")
            }
        }
    }

    @concurrent
    private func copyIn(_ connection: PQConnection) async throws {
        let file = fopen(self.psql, "r")
        defer { if let file { fclose(file) } }
        guard let file else { throw ProgramFailure(program: "COPY", output: "\(self.psql) cannot be read") }
        try await connection.copyIn("COPY copy_target FROM STDIN (FORMAT \(unescaped: self.format))") { writer in
            while true {
                let chunk = [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
                    count = fread(buffer.baseAddress, 1, buffer.count, file)
                }
                guard !chunk.isEmpty else { return }
                try await writer.write(chunk)
            }
        }
    }
}
