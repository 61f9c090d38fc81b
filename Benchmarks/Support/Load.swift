//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
import Synchronization

/// Account numbers in no order, the same in every run.
package struct Accounts {
    private var state: UInt64
    private let count: UInt64

    package init(task: Int, count: Int) {
        self.state = 88_172_645_463_325_252 &+ UInt64(task) &* 0x9E37_79B9_7F4A_7C15
        self.count = UInt64(count)
    }

    package mutating func next() -> Int {
        self.state ^= self.state << 13
        self.state ^= self.state >> 7
        self.state ^= self.state << 17
        return Int(self.state % self.count) + 1
    }
}

/// Set when the time of a measurement is over, so that no query pays for a look at the clock; pgbench has the same.
package final class TimeIsUp: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    package var isSet: Bool { self.flag.load(ordering: .relaxed) }

    package func set() { self.flag.store(true, ordering: .relaxed) }
}

extension BenchServer {
    /// Selects by primary key until the time is up; returns how often.
    package func selectBalances(
        task: Int, until timeIsUp: TimeIsUp, _ query: (PQQuery) async throws -> PQRows
    ) async throws -> Int {
        var accounts = Accounts(task: task, count: self.accounts)
        var count = 0
        while !timeIsUp.isSet {
            let rows = try await query("SELECT abalance FROM pgbench_accounts WHERE aid = \(Int32(accounts.next()))")
            _ = try rows[0].decode(Int.self, at: 0)
            count += 1
        }
        return count
    }
}

/// Runs `body` in that many tasks for that long; returns the sum of what they return for each second.
package func measureRate(
    tasks: Int, seconds: Int, executor: (any TaskExecutor)?,
    _ body: @escaping @Sendable (Int, TimeIsUp) async throws -> Int
) async throws -> Double {
    let start = ContinuousClock.now
    let timeIsUp = TimeIsUp()
    let total = try await withThrowingTaskGroup(of: Int.self) { group in
        for task in 0..<tasks {
            group.addTask(executorPreference: executor) { try await body(task, timeIsUp) }
        }
        group.addTask {
            try await Task.sleep(for: .seconds(seconds))
            timeIsUp.set()
            return 0
        }
        return try await group.reduce(0, +)
    }
    return Double(total) / start.duration(to: .now).inSeconds
}

/// As ``measureRate(tasks:seconds:executor:_:)``, with the latencies that the tasks have collected.
private func measureLatencies(
    tasks: Int, seconds: Int, executor: (any TaskExecutor)?,
    _ body: @escaping @Sendable (Int, TimeIsUp, inout Latencies) async throws -> Int
) async throws -> Measured {
    let collected = Mutex(Latencies())
    let rate = try await measureRate(tasks: tasks, seconds: seconds, executor: executor) { task, timeIsUp in
        var latencies = Latencies()
        let count = try await body(task, timeIsUp, &latencies)
        collected.withLock { $0.values += latencies.values }
        return count
    }
    let (p50, p99) = collected.withLock { $0.percentiles }
    return Measured(rate: rate, p50: p50, p99: p99)
}

/// Selects by primary key in that many tasks for that long; the latencies are those of `query`.
package func measureSelects(
    _ server: BenchServer, tasks: Int, seconds: Int, executor: (any TaskExecutor)?,
    _ query: @escaping @Sendable (PQQuery) async throws -> PQRows
) async throws -> Measured {
    try await measureLatencies(tasks: tasks, seconds: seconds, executor: executor) { task, timeIsUp, latencies in
        try await server.selectBalances(task: task, until: timeIsUp) { statement in
            let start = ContinuousClock.now
            let rows = try await query(statement)
            latencies.add(start.duration(to: .now))
            return rows
        }
    }
}
