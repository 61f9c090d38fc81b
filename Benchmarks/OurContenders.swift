//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Lakebase
import Logging
import Metrics

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
    let rate = try await measure(tasks: tasks, seconds: seconds, executor: loop) { [connections] task, end in
        try await run(server, task: task, until: end) { query in try await connections[task].query(query) }
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
    telemetry: TelemetryConfiguration = TelemetryConfiguration(), metrics: (any MetricsFactory)? = nil
) async throws -> Double {
    let loops = try PQEventLoopGroup(count: 1)
    var configuration = LakebaseConfiguration(
        target: .postgres(host: server.host, password: nil), port: server.port, database: server.database,
        username: server.user, tls: .disable)
    configuration.pool.maximumConnections = tasks
    configuration.telemetry = telemetry
    let made = configuration
    let client = try withMetricsFactory(metrics ?? NOOPMetricsHandler.instance) {
        try LakebaseClient(configuration: made, eventLoops: loops, logger: silent)
    }
    let rate = try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        defer { group.cancelAll() }
        try await client.query("SELECT 1")
        return try await measure(tasks: tasks, seconds: seconds, executor: onLoop ? loops.loops[0] : nil) { task, end in
            try await run(server, task: task, until: end) { query in try await client.query(query) }
        }
    }
    for loop in loops.loops { loop.stop() }
    return rate
}

private func run(
    _ server: BenchServer, task: Int, until end: ContinuousClock.Instant, _ query: (PQQuery) async throws -> PQRows
) async throws -> Int {
    var accounts = Accounts(task: task, count: server.rows)
    var count = 0
    while ContinuousClock.now < end {
        let rows = try await query("SELECT abalance FROM pgbench_accounts WHERE aid = \(Int32(accounts.next()))")
        _ = try rows[0].decode(Int.self, at: 0)
        count += 1
    }
    return count
}

private func measure(
    tasks: Int, seconds: Int, executor: (any TaskExecutor)?,
    _ body: @escaping @Sendable (Int, ContinuousClock.Instant) async throws -> Int
) async throws -> Double {
    let start = ContinuousClock.now
    let end = start + .seconds(seconds)
    let total = try await withThrowingTaskGroup(of: Int.self) { group in
        for task in 0..<tasks {
            group.addTask(executorPreference: executor) { try await body(task, end) }
        }
        return try await group.reduce(0, +)
    }
    let (whole, fraction) = start.duration(to: .now).components
    return Double(total) / (Double(whole) + Double(fraction) / 1e18)
}
