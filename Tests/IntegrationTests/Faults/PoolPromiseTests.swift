//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase
import LakebaseLocal
import ServiceLifecycle
import TestSupport
import Testing

@Suite("The pool's promises, on a real server", .loadsTheMachine, .serialized)
struct PoolPromiseTests {
    @Test("connecting takes 150 ms and a query 2: 50 callers at once are served by at most 6 connections")
    func spike() async throws {
        try await withLocalLakebase { stack in
            let pool = PQPoolConfiguration(minimumConnections: 1, maximumConnections: 50)
            try await stack.withRelayedClient(pool: pool) { client, relay in
                try await eventually("the minimum is open") { client.statistics.pool.idle == 1 }
                relay.faults = .init(connectDelay: .milliseconds(150))
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            let rows = try await client.query("SELECT \(number), pg_sleep(0.002)::text")
                            return try rows.first?.decode(Int.self, at: 0) ?? -1
                        }
                    }
                    var answers: Set<Int> = []
                    for try await answer in group { answers.insert(answer) }
                    #expect(answers == Set(0..<50))
                }
                try await eventually("all that was begun is open") { client.statistics.pool.connecting == 0 }
                #expect(client.statistics.pool.totals.opened <= 6)
                print("spike: \(client.statistics.pool.totals.opened) connections opened")
            }
        }
    }

    @Test("an idle app holds no connection, lets the compute sleep, and wakes it once, also by 20 requests at once")
    func suspend() async throws {
        try await withLocalLakebase(.init(suspendAfter: .milliseconds(1500))) { stack in
            try await stack.withClient(pool: PQPoolConfiguration(idleTimeout: .milliseconds(400))) { client in
                try await client.query("SELECT 1")
                try await eventually("it holds no connection") { client.statistics.pool.size == 0 }
                #expect(await stack.local.computePhase == .active)
                await stack.local.wait(for: .idle)
                let starts = stack.local.counts.computeStarts
                // Probes of its health do not keep it awake, and do not wake it.
                for _ in 0..<50 { #expect(await client.checkHealth().isReady) }
                #expect(await stack.local.computePhase == .idle)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            let rows = try await client.query("SELECT \(number)")
                            #expect(try rows.first?.decode(Int.self, at: 0) == number)
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(stack.local.counts.computeStarts == starts + 1)
            }
        }
    }

    @Test("limits that the compute does not bear are warned about once, with what would fit")
    func budget() async throws {
        let log = LogStore()
        let warning = "The pools together may open more connections than the compute allows"
        try await withLocalLakebase { stack in
            let stack = LocalStack(local: stack.local, ready: stack.ready, logger: log.logger)
            try await stack.withClient(pool: PQPoolConfiguration(maximumConnections: 10, processCount: 4)) { client in
                try await client.query("SELECT 1")
                #expect(!log.text.contains(warning), "40 of 209")
                try client.resize(minimum: 0, maximum: 100)
                try client.resize(minimum: 0, maximum: 100)
                let lines = log.text.split(separator: "\n").filter { $0.contains(warning) }
                #expect(lines.count == 1)
                #expect(lines.first?.contains("lower maximumConnections to 51") == true, "\(lines)")
                #expect(lines.first?.contains("2 compute units, which allow about 419") == true, "\(lines)")
            }
        }
    }

    @Test("a sleeping endpoint is ready, as the workspace says, without a login")
    func healthOfASleeper() async throws {
        try await withLocalLakebase { stack in
            try await stack.withClient { client in
                try await eventually("it runs") { client.isLive }
                let health = await client.checkHealth()
                #expect(health.isReady && health.reason == .asleep && health.endpointState == "IDLE")
                #expect(stack.local.counts.loginsAccepted == 0 && stack.local.counts.computeStarts == 0)
                #expect(stack.local.counts.credentialsMinted == 0)
                try await client.query("SELECT 1")
                #expect(await client.checkHealth().reason == .connected)
                #expect(await client.checkHealth().statistics.credential?.mints == 1)
            }
        }
    }

    @Test("10,000 leases and queries cancelled at random: no slot is lost, no connection comes back dirty")
    func randomCancellation() async throws {
        // A tenth of it in a hurry: LAKEBASE_CANCELLATIONS=1000.
        let count = Int(ProcessInfo.processInfo.environment["LAKEBASE_CANCELLATIONS"] ?? "") ?? 10_000
        let (workers, maximum) = (50, 10)
        try await withLocalLakebase { stack in
            try await stack.withClient(pool: PQPoolConfiguration(maximumConnections: maximum)) { client in
                try await Self.expectEverySlot(client, maximum)
                let dirty = Tally<[String]>([])
                let (cancelled, served) = (Tally(0), Tally(0))
                await withTaskGroup(of: Void.self) { group in
                    for worker in 0..<workers {
                        group.addTask {
                            for round in 0..<(count / workers) {
                                let number = worker * count + round
                                do {
                                    try await Self.cancelling(after: Self.patience) {
                                        let problem = try await Self.work(client, number, kind: .random(in: 0..<4))
                                        if let problem { dirty.change { $0.append(problem) } }
                                    }
                                    served.change { $0 += 1 }
                                } catch is CancellationError {
                                    cancelled.change { $0 += 1 }
                                } catch {
                                    dirty.change { $0.append("\(number): \(error)") }
                                }
                            }
                        }
                    }
                }
                #expect(dirty.value == [])
                #expect(served.value + cancelled.value == count / workers * workers)
                #expect(cancelled.value > count / 20 && served.value > count / 20, "both happened often")
                try await eventually("every slot is back") {
                    let pool = client.statistics.pool
                    return pool.leased == 0 && pool.waiting == 0 && pool.connecting == 0
                }
                try await Self.expectEverySlot(client, maximum)
                let open = try await client.query(
                    "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")
                #expect(try open.first?.decode(Int.self, at: 0) == 0)
                print(
                    "cancellation: \(cancelled.value) cancelled, \(served.value) served, \(client.statistics.logins) logins"
                )
            }
        }
    }

    @Test("a graceful shutdown under load lets accepted requests finish and then returns")
    func shutdownUnderLoad() async throws {
        try await withLocalLakebase { stack in
            let configuration = try LakebaseConfiguration.fromEnvironment(
                stack.environment(), pool: PQPoolConfiguration(maximumConnections: 5, drainTimeout: .seconds(20)))
            let client = try LakebaseClient(configuration: configuration, logger: stack.logger)
            let services = ServiceGroup(services: [client], logger: stack.logger)
            let (failures, served, refused) = (Tally<[String]>([]), Tally(0), Tally(0))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await services.run() }
                for task in 0..<50 {
                    group.addTask {
                        while true {
                            do {
                                // One of them takes long, and was accepted as well.
                                let seconds = task == 0 ? 1.0 : 0.002
                                try await client.query("SELECT pg_sleep(\(seconds))::text")
                                served.change { $0 += 1 }
                            } catch let error as LakebaseError where error.code == .shutDown {
                                return refused.change { $0 += 1 }
                            } catch {
                                return failures.change { $0.append("\(error)") }
                            }
                        }
                    }
                }
                try await eventually("the load runs") { served.value > 200 }
                await services.triggerGracefulShutdown()
                try await group.waitForAll()
            }
            #expect(failures.value == [])
            #expect(refused.value == 50)
            #expect(client.statistics.pool.size == 0 && client.statistics.pool.waiting == 0)
            #expect(await client.checkHealth().reason == .ended)
        }
    }

    @Test("a graceful shutdown cuts nobody before its deadline, and everybody after")
    func shutdownDeadline() async throws {
        try await withLocalLakebase { stack in
            let configuration = try LakebaseConfiguration.fromEnvironment(
                stack.environment(), pool: PQPoolConfiguration(drainTimeout: .milliseconds(700)))
            let client = try LakebaseClient(configuration: configuration, logger: stack.logger)
            let services = ServiceGroup(services: [client], logger: stack.logger)
            try await withThrowingTaskGroup(of: Duration?.self) { group in
                group.addTask {
                    try await services.run()
                    return nil
                }
                try await client.query("SELECT 1")
                let begin = ContinuousClock.now
                group.addTask {
                    await #expect(throws: PQError.self) { try await client.query("SELECT pg_sleep(600)::text") }
                    return begin.duration(to: .now)
                }
                try await eventually("it is under way") { client.statistics.pool.leased == 1 }
                let trigger = begin.duration(to: .now)
                await services.triggerGracefulShutdown()
                for try await cut in group {
                    if let cut { #expect(cut >= trigger + .milliseconds(700)) }
                }
            }
            #expect(client.statistics.pool.size == 0)
        }
    }
}

extension PoolPromiseTests {
    /// Short in half of the cases, so that some are served and all moments are hit.
    private static var patience: Duration { .microseconds(.random(in: 0...(Bool.random() ? 30_000 : 500_000))) }

    /// Runs `body` in a task that is cancelled after a while.
    private static func cancelling(
        after limit: Duration, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask { try? await Task.sleep(for: limit) }
            // Either is over: the work, or the patience.
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// One piece of work; returns what was wrong with the connection or the answer.
    private static func work(_ client: LakebaseClient, _ number: Int, kind: Int) async throws -> String? {
        switch kind {
        case 0:
            return try Self.problem(try await client.query(Self.question(number)), number)
        case 1:
            return try Self.problem(
                try await client.query(
                    "SELECT \(number), coalesce(current_setting('test.mark', true), '') = '', pg_sleep(0.004)::text"),
                number
            )
        case 2:
            return try await client.withConnection { connection in
                let status = await connection.transactionStatus
                if status != .idle { return "\(number) got a connection that is \(status)" }
                if let problem = try Self.problem(try await connection.query(Self.question(number)), number) {
                    return problem
                }
                // Left open on purpose.
                try await connection.query("BEGIN")
                return try Self.problem(try await connection.query(Self.mark(number)), number)
            }
        default:
            return try await client.withTransaction { connection in
                try await connection.query("SELECT pg_sleep(0.002)::text")
                return try Self.problem(try await connection.query(Self.mark(number)), number)
            }
        }
    }

    /// Second column: true outside of the transactions that were marked.
    private static func question(_ number: Int) -> PQQuery {
        "SELECT \(number), coalesce(current_setting('test.mark', true), '') = ''"
    }

    /// Leaves a mark that lasts as long as the transaction.
    private static func mark(_ number: Int) -> PQQuery {
        "SELECT \(number), set_config('test.mark', 'here', true) = 'here'"
    }

    private static func problem(_ rows: PQRows, _ number: Int) throws -> String? {
        guard let row = rows.first else { return "\(number) got no row" }
        let answer = try row.decode(Int.self, at: 0)
        if answer != number { return "\(number) got the answer of \(answer)" }
        return try row.decode(Bool.self, at: 1) ? nil : "\(number) is in a transaction of another task"
    }

    /// Takes all connections at the same time.
    private static func expectEverySlot(_ client: LakebaseClient, _ count: Int) async throws {
        let holding = Tally(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try await client.withConnection { _ in
                        holding.change { $0 += 1 }
                        try await eventually("all are leased") { holding.value == count }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
