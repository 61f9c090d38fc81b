//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import BenchmarkSupport
import Lakebase
import Logging
import Metrics

/// Queries a second with a connection for each task, all on one loop, as pgbench has one thread.
@concurrent
func heldConnections(_ server: BenchServer, tasks: Int, seconds: Int) async throws -> Double {
    let loop = try PQEventLoop()
    var connections: [PQConnection] = []
    for _ in 0..<tasks {
        connections.append(try await server.connect(on: loop))
    }
    let rate = try await measureRate(tasks: tasks, seconds: seconds, executor: loop) { [connections] task, timeIsUp in
        try await server.selectBalances(task: task, until: timeIsUp) { query in try await connections[task].query(query)
        }
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
        return try await measureRate(tasks: tasks, seconds: seconds, executor: onLoop ? loops.loops[0] : nil) {
            task, timeIsUp in
            try await server.selectBalances(task: task, until: timeIsUp) { query in try await client.query(query) }
        }
    }
    for loop in loops.loops { loop.stop() }
    return rate
}

/// The same with fewer connections than tasks, and how long each query took from asking for a connection to the row.
@concurrent
func leaseLatency(
    _ server: BenchServer, tasks: Int, connections: Int, seconds: Int, onLoop: Bool
) async throws -> Measured {
    let loops = try PQEventLoopGroup(count: 1)
    let client = try server.client(connections: connections, loops: loops)
    defer { for loop in loops.loops { loop.stop() } }
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        defer { group.cancelAll() }
        try await client.query("SELECT 1")
        return try await measureSelects(
            server, tasks: tasks, seconds: seconds, executor: onLoop ? loops.loops[0] : nil
        ) { query in try await client.query(query) }
    }
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
        return try LakebaseClient(configuration: configuration, eventLoops: loops, logger: .silent)
    }
}
