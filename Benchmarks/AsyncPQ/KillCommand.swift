//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import AsyncPQ
import BenchmarkSupport
import Foundation

/// Ends sessions of the server at random under load, and measures how soon their callers know.
struct KillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "pg_terminate_backend under load: how soon each caller gets its error, and whether one hangs.")

    @OptionGroup var options: ServerOptions
    @Option(help: "Connections that are at work at a time.") var connections = 8
    @Option(help: "Milliseconds between two kills.") var pause = 50
    @Option(parsing: .upToNextOption, help: "What is at work; all kinds when left out.") var kinds = KillKind.allCases

    /// How long callers may take to get an error before they count as hanging.
    private static let patience = Duration.seconds(10)

    func run() async throws {
        say(
            "pg_terminate_backend under load, \(self.options.seconds) s of each kind, a kill every \(self.pause) ms; "
                + "times from the return of the kill to the caller's error\n")
        say("  " + "kind".padded(to: 14) + "   kills  errors  median ms  longest ms  hung  other errors")
        var isFine = true
        for kind in self.kinds {
            let report = try await self.measure(kind)
            say("  " + kind.rawValue.padded(to: 14) + report.line)
            if let other = report.otherError { say("    the first other error: \(other)") }
            isFine = isFine && report.isFine
        }
        say("  goal: no caller hangs, and each has its error within one second: \(isFine ? "reached" : "missed")")
        if !isFine { throw ExitCode.failure }
    }

    private func measure(_ kind: KillKind) async throws -> KillReport {
        let server = self.options.server
        // The killer has a loop of its own, so that it measures the others and not itself.
        let loop = try PQEventLoop()
        let load = try PQEventLoopGroup(count: 1)
        let killer = try await server.connect(on: loop)
        let ledger = KillLedger()
        // Not in a group, which would wait for a caller that hangs.
        let tasks = kind.start(server, connections: self.connections, on: load, ledger)
        let end = ContinuousClock.now + .seconds(self.options.seconds)
        while .now < end {
            try await Task.sleep(for: .milliseconds(self.pause))
            try await self.kill(ledger.randomVictim(), by: killer, ledger)
            _ = try await killer.query("SELECT pg_notify('kills', 'a notification')")
        }
        ledger.stop()
        let deadline = ContinuousClock.now + Self.patience
        let callers = kind.callers(connections: self.connections)
        while ledger.ended < callers, .now < deadline {
            // Each ends with its next error.
            while let victim = ledger.randomVictim() { try await self.kill(victim, by: killer, ledger) }
            try await Task.sleep(for: .milliseconds(10))
        }
        let report = ledger.report(hung: callers - ledger.ended)
        await killer.close()
        loop.stop()
        if report.hung == 0 {
            for task in tasks { await task.value }
            for loop in load.loops { loop.stop() }
        }
        return report
    }

    private func kill(_ victim: Int32?, by killer: PQConnection, _ ledger: KillLedger) async throws {
        guard let victim else { return }
        let isSignalled = try await killer.query("SELECT pg_terminate_backend(\(victim))").value(as: Bool.self)
        if isSignalled { ledger.killed(victim, at: .now) }
    }
}
