//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase
import LakebaseLocal

extension LocalStack {
    /// Runs a client whose connections go through a relay to the default endpoint.
    func withRelayedClient<Value: Sendable>(
        pool: PQPoolConfiguration = PQPoolConfiguration(),
        _ body: @Sendable (LakebaseClient, FaultRelay) async throws -> Value
    ) async throws -> Value {
        let endpoint = self.ready.endpoints[0]
        let relay = try FaultRelay(to: endpoint.address, port: endpoint.port)
        defer { relay.stop() }
        var configuration = try LakebaseConfiguration.fromEnvironment(
            self.environment(.app, ["LAKEBASE_PG_HOST": "127.0.0.1", "PGPORT": String(relay.port)]),
            pool: pool.forBusyMachines)
        // The endpoint's certificate is not for the relay's address.
        configuration.tls = .require
        let client = try LakebaseClient(configuration: configuration, logger: self.logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            return try await body(client, relay)
        }
    }
}

/// Many tasks that query without a pause and keep account of what came of it.
final class Load: Sendable {
    struct Account: Sendable {
        var successes = 0
        /// When the latest success began.
        var latestBegin: ContinuousClock.Instant?
        var wrong: [String] = []
        /// Statements that were under way when their connection ended.
        var cut = 0
        /// Anything else that was thrown.
        var unexpected: [String] = []
        var isOver = false
    }

    private let account = Tally(Account())
    private let client: LakebaseClient

    init(_ client: LakebaseClient) { self.client = client }

    var value: Account { self.account.value }

    func end() { self.account.change { $0.isOver = true } }

    /// Runs the tasks until ``end()``; each looks at what the server answered.
    func run(tasks: Int) async {
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var number = task
                    while !self.account.value.isOver, !Task.isCancelled {
                        number += tasks
                        await self.ask(number)
                    }
                }
            }
        }
    }

    private func ask(_ number: Int) async {
        let begin = ContinuousClock.now
        do {
            let rows = try await self.client.query("SELECT \(number) * 2, pg_sleep(0.001)::text")
            let answer = try rows.first?.decode(Int.self, at: 0)
            self.account.change { account in
                if answer != number * 2 { account.wrong.append("\(number) gave \(answer ?? -1)") }
                account.successes += 1
                account.latestBegin = account.latestBegin.map { max($0, begin) } ?? begin
            }
        } catch let error as PQError where Self.endedConnection(error) {
            self.account.change { $0.cut += 1 }
        } catch {
            self.account.change { $0.unexpected.append("\(error)") }
        }
    }

    /// Whether the error says that the session ended under a statement, and nothing else.
    private static func endedConnection(_ error: PQError) -> Bool {
        if error.code == .connectionClosed { return true }
        return error.sqlState == .adminShutdown || error.sqlState == .crashShutdown
    }

    /// Waits for a query that began after `instant` and succeeded; returns how long after it that was.
    func successBegun(after instant: ContinuousClock.Instant) async throws -> Duration? {
        let limit = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < limit {
            if let begin = self.account.value.latestBegin, begin > instant { return instant.duration(to: .now) }
            try await Task.sleep(for: .milliseconds(2))
        }
        return nil
    }
}
