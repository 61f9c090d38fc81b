//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Lakebase
import Logging
import Metrics
import Synchronization

private let silent: Logger = {
    var logger = Logger(label: "bench")
    logger.logLevel = .critical
    return logger
}()

/// Account numbers in no order, the same in every run.
private struct Accounts {
    private var state: UInt64
    private let count: UInt64

    init(task: Int, count: Int) {
        self.state = 88_172_645_463_325_252 &+ UInt64(task) &* 0x9E37_79B9_7F4A_7C15
        self.count = UInt64(count)
    }

    mutating func next() -> Int {
        self.state ^= self.state << 13
        self.state ^= self.state >> 7
        self.state ^= self.state << 17
        return Int(self.state % self.count) + 1
    }
}

/// Queries a second with a connection for each task, all on one loop, as pgbench has one thread.
@concurrent
func heldConnections(_ server: BenchServer, tasks: Int, seconds: Int) async throws -> Double {
    let loop = try PQEventLoop()
    var connections: [PQConnection] = []
    for _ in 0..<tasks {
        connections.append(try await PQConnection.connect(server.configuration, on: loop, logger: silent))
    }
    let rate = try await measure(tasks: tasks, seconds: seconds, executor: loop) { [connections] task, timeIsUp in
        try await run(server, task: task, until: timeIsUp) { query in try await connections[task].query(query) }
    }
    for connection in connections { await connection.close() }
    loop.stop()
    return rate
}

/// Queries a second with a connection borrowed from the client's pool for each query.
///
/// - Parameter metrics: The backend that is installed when the client is made; nil means none.
@concurrent
func leasePerQuery(
    _ server: BenchServer, tasks: Int, seconds: Int, onLoop: Bool,
    telemetry: LakebaseConfiguration.Telemetry = LakebaseConfiguration.Telemetry(), metrics: (any MetricsFactory)? = nil
) async throws -> Double {
    let loops = try PQEventLoopGroup(count: 1)
    let client = try withMetricsFactory(metrics ?? NOOPMetricsHandler.instance) {
        try server.client(connections: tasks, loops: loops, telemetry: telemetry)
    }
    let rate = try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        defer { group.cancelAll() }
        try await client.query("SELECT 1")
        return try await measure(tasks: tasks, seconds: seconds, executor: onLoop ? loops.loops[0] : nil) {
            task, timeIsUp in
            try await run(server, task: task, until: timeIsUp) { query in try await client.query(query) }
        }
    }
    for loop in loops.loops { loop.stop() }
    return rate
}

/// The same with fewer connections than tasks, and how long each query took from asking for a connection to the row.
@concurrent
func leaseLatency(
    _ server: BenchServer, tasks: Int, connections: Int, seconds: Int, onLoop: Bool
) async throws -> Measurement {
    let loops = try PQEventLoopGroup(count: 1)
    let client = try server.client(connections: connections, loops: loops)
    let collected = Mutex(Latencies())
    let rate = try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        defer { group.cancelAll() }
        try await client.query("SELECT 1")
        return try await measure(tasks: tasks, seconds: seconds, executor: onLoop ? loops.loops[0] : nil) {
            task, timeIsUp in
            var latencies = Latencies()
            let count = try await run(server, task: task, until: timeIsUp) { query in
                let start = ContinuousClock.now
                let rows = try await client.query(query)
                latencies.add(start.duration(to: .now))
                return rows
            }
            collected.withLock { $0.values += latencies.values }
            return count
        }
    }
    for loop in loops.loops { loop.stop() }
    let (p50, p99) = collected.withLock { $0.percentiles }
    return Measurement(rate: rate, p50: p50, p99: p99)
}

extension BenchServer {
    /// A client with a pool of that size.
    func client(
        connections: Int, loops: PQEventLoopGroup,
        telemetry: LakebaseConfiguration.Telemetry = LakebaseConfiguration.Telemetry()
    ) throws -> LakebaseClient {
        var configuration = LakebaseConfiguration(
            target: .postgres(host: self.host, password: nil), port: self.port, database: self.database,
            username: self.user, tls: .disable)
        configuration.pool.maximumConnections = connections
        configuration.telemetry = telemetry
        return try LakebaseClient(configuration: configuration, eventLoops: loops, logger: silent)
    }
}

/// Set when the time of a measurement is over, so that no query pays for a look at the clock; pgbench has the same.
private final class TimeIsUp: Sendable {
    let flag = Atomic<Bool>(false)
}

private func run(
    _ server: BenchServer, task: Int, until timeIsUp: TimeIsUp, _ query: (PQQuery) async throws -> PQRows
) async throws -> Int {
    var accounts = Accounts(task: task, count: server.rows)
    var count = 0
    while !timeIsUp.flag.load(ordering: .relaxed) {
        let rows = try await query("SELECT abalance FROM pgbench_accounts WHERE aid = \(Int32(accounts.next()))")
        _ = try rows[0].decode(Int.self, at: 0)
        count += 1
    }
    return count
}

private func measure(
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
            timeIsUp.flag.store(true, ordering: .relaxed)
            return 0
        }
        return try await group.reduce(0, +)
    }
    let (whole, fraction) = start.duration(to: .now).components
    return Double(total) / (Double(whole) + Double(fraction) / 1e18)
}
