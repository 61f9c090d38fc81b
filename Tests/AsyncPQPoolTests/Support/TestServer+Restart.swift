//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

extension TestServer {
    /// Stops the server, which ends all sessions.
    func stop() async throws { try await self.control(["-m", "fast", "stop"]) }

    /// Starts the server again on its port.
    func startAgain() async throws {
        try await self.control(["-l", "\(self.folder)/log", "-o", "-p \(self.port)", "start"])
    }

    /// Runs `pg_ctl` to its end.
    private func control(_ arguments: [String]) async throws {
        let data = "\(self.folder)/data"
        // What the server was started with, its program first.
        let program = try String(contentsOfFile: "\(data)/postmaster.opts", encoding: .utf8).prefix { $0 != " " }
        let control = URL(filePath: String(program)).deletingLastPathComponent().path + "/pg_ctl"
        // PostgreSQL refuses to run as root.
        let user = getuid() == 0 ? ["runuser", "-u", "postgres", "--"] : []
        let command = ["/usr/bin/env", "-C", "/"] + user + [control, "-D", data, "-w", "-t", "60"] + arguments
        let null = open("/dev/null", O_RDWR)
        defer { close(null) }
        // Not Foundation's `Process`, which waits until the server, too, has closed what it inherits.
        let child = try Self.spawn(
            command, environment: ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PG") }, input: null,
            output: null)
        var status: Int32 = 0
        let end = ContinuousClock.now + .seconds(60)
        while waitpid(child, &status, WNOHANG) == 0 {
            guard ContinuousClock.now < end else {
                kill(child, SIGKILL)
                throw TestServerError(description: "\(command.joined(separator: " ")) does not end")
            }
            // To its end also in a cancelled task.
            try? await Task.sleep(for: .milliseconds(5))
        }
        guard status == 0 else {
            throw TestServerError(description: "\(command.joined(separator: " ")) failed")
        }
    }
}
