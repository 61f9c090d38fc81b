//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import BenchmarkSupport
import Foundation
import Lakebase
import LakebaseLocal
import LocalGround
import Logging

/// How fast `lakebase dev` is ready, and how fast a sleeping endpoint answers.
struct StartupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "startup", abstract: "Start of lakebase dev from nothing and on existing data; waking an endpoint."
    )

    @Option(help: "The lakebase command.") var lakebase: String
    @Option(help: "Rounds.") var rounds = 7

    func run() async throws {
        var fromNothing: [Double] = []
        var withData: [Double] = []
        for _ in 0..<self.rounds {
            let folder = NSTemporaryDirectory() + "lakebase-bench-" + UUID().uuidString
            defer { try? FileManager.default.removeItem(atPath: folder) }
            fromNothing.append(try await self.timeStart([]))
            _ = try await self.timeStart(["--data", folder])
            withData.append(try await self.timeStart(["--data", folder]))
        }
        let wakes = try await self.timeWakes()
        say("milliseconds; median, least and most of \(self.rounds) rounds")
        report("lakebase dev ready, from nothing", fromNothing, goal: 1000)
        report("lakebase dev ready, on existing --data", withData, goal: 300)
        report("first row from a sleeping endpoint", wakes, goal: 100)
    }

    /// From the start of the process to its line of JSON.
    private func timeStart(_ options: [String]) async throws -> Double {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: self.lakebase)
        process.arguments = ["dev", "--json"] + options
        let output = Pipe()
        process.standardOutput = output
        let start = ContinuousClock.now
        try process.run()
        let first = output.fileHandleForReading.availableData
        let elapsed = milliseconds(start.duration(to: .now))
        process.terminate()
        process.waitUntilExit()
        guard !first.isEmpty else { throw ProgramFailure(program: "lakebase dev", output: "no line of JSON") }
        return elapsed
    }

    /// A query by a client whose endpoint sleeps, from the call to the row.
    ///
    /// The credential is there already.
    private func timeWakes() async throws -> [Double] {
        var logger = Logger(label: "bench")
        logger.logLevel = .critical
        let local = try LocalLakebase(logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await local.run() }
            defer { group.cancelAll() }
            let ready = try await local.ready()
            let environment = Dictionary(uniqueKeysWithValues: ready.environment(for: .app).map { ($0.name, $0.value) })
            let client = try LakebaseClient(configuration: .fromEnvironment(environment), logger: logger)
            group.addTask { await client.run() }
            try await client.query("SELECT 1")
            var times: [Double] = []
            for _ in 0..<self.rounds {
                await local.suspendCompute()
                await local.wait(for: .idle)
                while client.statistics.pool.size > 0 { try await Task.sleep(for: .milliseconds(5)) }
                let start = ContinuousClock.now
                try await client.query("SELECT 1")
                times.append(milliseconds(start.duration(to: .now)))
            }
            return times
        }
    }
}

/// Prints a line of a table of durations.
func report(_ name: String, _ values: [Double], goal: Int) {
    let numbers = String(format: "%6.0f  (%.0f ... %.0f)", median(values), values.min() ?? 0, values.max() ?? 0)
    say("  \(name.padding(toLength: 40, withPad: " ", startingAt: 0))\(numbers)   goal \(goal)")
}

func milliseconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) * 1000 + Double(attoseconds) / 1e15
}
