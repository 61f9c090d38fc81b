//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// A real PostgreSQL server on a private Unix socket, for the time of a test.
struct RealPostgres {
    let directory: String
    private let process: Process

    var socketPath: String { "\(self.directory)/.s.PGSQL.5432" }

    /// Makes a cluster and starts it; PostgreSQL refuses to run as root, so root borrows the user `postgres`.
    static func start(settings: [String] = []) async throws -> RealPostgres {
        let tools = try self.tools()
        let directory = "/tmp/gateway-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        if geteuid() == 0 { try await self.run(["/bin/chown", "postgres", directory]) }
        let data = "\(directory)/data"
        try await self.run(self.unprivileged(["\(tools)/initdb", "-D", data, "-U", "ada", "-A", "trust", "--no-sync"]))
        let process = Process()
        let command = self.unprivileged(
            [
                "\(tools)/postgres", "-D", data, "-k", directory, "-c", "listen_addresses=", "-c", "fsync=off",
            ] + settings.flatMap { ["-c", $0] })
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let server = RealPostgres(directory: directory, process: process)
        for _ in 0..<600 {
            if (try? await self.run(["\(tools)/pg_isready", "-q", "-h", directory])) != nil { return server }
            try await Task.sleep(for: .milliseconds(50))
        }
        server.stop()
        throw CocoaError(.executableLoad, userInfo: [NSLocalizedDescriptionKey: "PostgreSQL did not start"])
    }

    func stop() {
        self.process.terminate()
        self.process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: self.directory)
    }

    private static func tools() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = try FileManager.default.contentsOfDirectory(atPath: root)
        let directories = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(root)/\($0)/bin" }
        return try #require(
            directories.first { FileManager.default.isExecutableFile(atPath: "\($0)/initdb") },
            "PostgreSQL's initdb is needed below \(root)"
        )
    }

    private static func unprivileged(_ command: [String]) -> [String] {
        guard geteuid() == 0 else { return command }
        return ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + command
    }

    /// Runs a command to its end without holding a thread.
    private static func run(_ command: [String]) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        guard status == 0 else {
            throw CocoaError(.executableLoad, userInfo: [NSLocalizedDescriptionKey: "\(command) failed"])
        }
    }
}
