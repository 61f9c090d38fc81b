//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import BoundedTime
import Logging
import Synchronization

/// Compares the connections that the pools may open with the limit of the compute, and warns when they exceed it.
final class BudgetWatch: Sendable {
    private struct Known {
        var ceiling: Int
        var reserved: Int
    }

    private struct State {
        var isAsked = false
        var known: Known?
        var warnedFor: Int?
    }

    private let processCount: Int
    private let timeout: Duration
    private let logger: Logger
    private let state = Mutex(State())

    init(configuration: PQPoolConfiguration, logger: Logger) {
        self.processCount = configuration.processCount
        self.timeout = configuration.connectTimeout.bounded
        self.logger = logger
    }

    /// Reads the server's connection limit over the first connection; a server that does not report it is not asked
    /// again.
    func ask(_ connection: PQConnection, maximumConnections: Int) async {
        let isFirst = self.state.withLock { state in
            defer { state.isAsked = true }
            return !state.isAsked
        }
        guard isFirst, let known = try? await self.limits(of: connection) else { return }
        self.state.withLock { $0.known = known }
        self.check(maximumConnections: maximumConnections)
    }

    /// Warns once for each maximum that is too large.
    func check(maximumConnections: Int) {
        let budget = self.state.withLock { state -> ConnectionBudget? in
            guard let known = state.known, state.warnedFor != maximumConnections else { return nil }
            let budget = ConnectionBudget(
                maximumConnections: maximumConnections, processCount: self.processCount, ceiling: known.ceiling,
                reserved: known.reserved)
            if budget.isExceeded { state.warnedFor = maximumConnections }
            return budget
        }
        guard let budget, let remedy = budget.remedy else { return }
        self.logger.warning(
            "The pools together may open more connections than the compute allows",
            metadata: [
                "lakebase.pool.wanted": "\(budget.wanted)", "lakebase.pool.ceiling": "\(budget.available)",
                "lakebase.pool.remedy": "\(remedy)",
            ])
    }

    /// - Throws: `CancellationError` when the server does not answer within the connect timeout.
    private func limits(of connection: PQConnection) async throws -> Known? {
        try await withThrowingTaskGroup(of: Known?.self) { group in
            group.addTask {
                let rows = try await connection.query(
                    """
                    SELECT current_setting('max_connections')::int8,
                        current_setting('superuser_reserved_connections')::int8
                        + coalesce(current_setting('reserved_connections', true), '0')::int8
                    """)
                return try rows.decode((Int, Int).self).first.map { Known(ceiling: $0.0, reserved: $0.1) }
            }
            group.addTask { [timeout] in
                try await Task.sleep(for: timeout)
                throw CancellationError()
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
