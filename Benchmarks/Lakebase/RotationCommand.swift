//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import AsyncPQ
import BenchmarkSupport
import Foundation
import Lakebase
import LakebaseLocal
import Logging
import Synchronization

/// What rotation costs: two clients with the same load at the same time, one of which logs in again all the time.
struct RotationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotation",
        abstract:
            "Latency under load with tokens of 10 seconds and connections of 5, beside a client that never logs in again."
    )

    @Option(help: "How long.") var seconds = 60
    @Option(help: "Tasks of each client.") var tasks = 8
    @Option(help: "Queries a second of each task.") var rate = 50

    func run() async throws {
        var logger = Logger(label: "bench")
        logger.logLevel = .critical
        let local = try LocalLakebase(configuration: .init(tokenLifetime: .seconds(10)), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { [logger] group in
            group.addTask { try await local.run() }
            defer { group.cancelAll() }
            let ready = try await local.ready()
            let environment = Dictionary(uniqueKeysWithValues: ready.environment(for: .app).map { ($0.name, $0.value) })
            var pool = PQPoolConfiguration(maximumConnections: self.tasks)
            let steady = try LakebaseClient(
                configuration: .fromEnvironment(environment, pool: pool), logger: logger)
            pool.maximumAge = .seconds(5)
            let rotating = try LakebaseClient(
                configuration: .fromEnvironment(environment, pool: pool), logger: logger)
            for client in [steady, rotating] {
                group.addTask { await client.run() }
                try await client.query("SELECT 1")
            }
            let before = local.counts
            async let steadyLoad = self.load(on: steady)
            async let rotatingLoad = self.load(on: rotating)
            let (still, turning) = await (steadyLoad, rotatingLoad)
            let counts = local.counts
            say(
                "\(self.seconds) s, \(self.tasks) tasks of each client with up to \(self.rate) queries a second; "
                    + "\(counts.loginsAccepted - before.loginsAccepted) logins, "
                    + "\(counts.credentialsMinted - before.credentialsMinted) mints, "
                    + "\(counts.loginsRefused.count) logins refused")
            self.report("connections of 5 s, tokens of 10 s", turning)
            self.report("connections that stay", still)
            say(String(format: "  p99 with rotation: %.2f of the one without", turning.p99 / still.p99))
        }
    }

    private struct Load {
        var queries: Int
        var failures: Int
        var p50: Double
        var p99: Double
    }

    private func report(_ name: String, _ load: Load) {
        say(
            "  " + name.padding(toLength: 36, withPad: " ", startingAt: 0)
                + String(
                    format: "%8d queries, %d failed, p50 %.0f us, p99 %.0f us", load.queries, load.failures, load.p50,
                    load.p99))
    }

    private func load(on client: LakebaseClient) async -> Load {
        let (seconds, pause) = (self.seconds, Duration.seconds(1) / self.rate)
        let end = ContinuousClock.now + .seconds(seconds)
        let parts = await withTaskGroup(of: (Latencies, Int).self) { group in
            for _ in 0..<self.tasks {
                group.addTask {
                    var (latencies, failures) = (Latencies(), 0)
                    while ContinuousClock.now < end {
                        let start = ContinuousClock.now
                        do {
                            try await client.query("SELECT 1")
                            latencies.add(start.duration(to: .now))
                        } catch {
                            failures += 1
                        }
                        try? await Task.sleep(for: pause)
                    }
                    return (latencies, failures)
                }
            }
            return await group.reduce(into: (Latencies(), 0)) { total, part in
                total.0.values += part.0.values
                total.1 += part.1
            }
        }
        let (p50, p99) = parts.0.percentiles
        return Load(queries: parts.0.values.count, failures: parts.1, p50: p50, p99: p99)
    }
}
