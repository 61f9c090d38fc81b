//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import BenchmarkSupport
import Databricks
import Foundation
import Lakebase
import Logging

/// What `lakebase dev` takes for branches and for its own keep.
struct ControlPlaneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "control-plane", abstract: "Branches made and listed by lakebase dev, and the memory it needs.")

    @Option(help: "The lakebase command.") var lakebase: String
    @Option(help: "Rounds.") var rounds = 7
    @Option(help: "How many branches are listed.") var branches = 100

    func run() async throws {
        let folder = NSTemporaryDirectory() + "lakebase-bench-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: self.lakebase)
        process.arguments = ["dev", "--json", "--data", folder]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        let line = output.fileHandleForReading.availableData
        guard let ready = try? JSONDecoder().decode(ReadyLine.self, from: line) else {
            throw ProgramFailure(program: "lakebase dev", output: String(decoding: line, as: UTF8.self))
        }
        say("milliseconds; median, least and most")
        try await self.measure(ready.environment, memory: { Self.residentMegabytes(of: process.processIdentifier) })
    }

    private struct ReadyLine: Decodable {
        var environment: [String: String]
    }

    private func measure(_ environment: [String: String], memory: () -> Double?) async throws {
        var logger = Logger(label: "bench")
        logger.logLevel = .critical
        let workspace = WorkspaceClient(
            configuration: try WorkspaceConfiguration.resolve(environment: environment), logger: logger)
        _ = try await workspace.currentUser.me()
        let idle = memory()

        var asleep: [Double] = []
        for _ in 0..<self.rounds { asleep.append(try await self.branch(workspace, asleep.count)) }
        report("branch of a sleeping database", asleep, goal: 150)

        let client = try LakebaseClient(configuration: .fromEnvironment(environment), logger: logger)
        let awake = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            try await client.query("CREATE TABLE notes AS SELECT generate_series(1, 1000) AS id")
            var awake: [Double] = []
            for _ in 0..<self.rounds { awake.append(try await self.branch(workspace, asleep.count + awake.count)) }
            return awake
        }
        report("branch of a database in use", awake, goal: 150)

        // Those just made, and the one that was there, are of the number.
        for number in asleep.count + awake.count..<max(self.branches - 1, asleep.count + awake.count) {
            _ = try await self.branch(workspace, number)
        }
        var lists: [Double] = []
        var count = 0
        for _ in 0..<self.rounds {
            let start = ContinuousClock.now
            count = try await workspace.postgres.listBranches(parent: Self.project, pageSize: 100).all().count
            lists.append(milliseconds(start.duration(to: .now)))
        }
        guard count >= self.branches else {
            throw ProgramFailure(program: "lakebase dev", output: "it lists \(count) of \(self.branches) branches")
        }
        report("list of \(count) branches", lists, goal: 50)
        if let idle { report("memory of lakebase dev, idle, in MB", [idle], goal: 60) }
        if let full = memory() { report("memory with \(count) branches, in MB", [full], goal: 60) }
    }

    private static let project = "projects/local"

    /// From the request to the end of the operation.
    private func branch(_ workspace: WorkspaceClient, _ number: Int) async throws -> Double {
        let start = ContinuousClock.now
        let branch = Postgres.Branch(spec: .init(noExpiry: true))
        _ = try await workspace.postgres.createBranch(branch, id: "bench-\(number)", parent: Self.project)
            .wait(polling: PollingPolicy(step: .milliseconds(5), jitter: .zero ... .zero))
        return milliseconds(start.duration(to: .now))
    }

    /// What the kernel says the process has in memory; nil where it does not say.
    private static func residentMegabytes(of process: Int32) -> Double? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") })
        else { return nil }
        return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).compactMap { Double($0) }.first.map { $0 / 1024 }
    }
}
