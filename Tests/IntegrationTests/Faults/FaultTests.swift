//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase
import LakebaseLocal
import TestSupport
import Testing

/// How often each fault strikes.
///
/// `LAKEBASE_FAULT_ROUNDS=30` is the long run, `LAKEBASE_FAULT=reset` runs one fault only.
private let rounds = Int(ProcessInfo.processInfo.environment["LAKEBASE_FAULT_ROUNDS"] ?? "") ?? 3

@Suite("Faults under a load of 50 tasks", .loadsTheMachine, .serialized)
struct FaultTests {
    enum Fault: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case reset, resetAndRefuse, halfClose, blackHole, delay, narrowBandwidth
        case killBackends, killCompute, suspendCompute

        static let chosen = Self.allCases.filter { fault in
            ProcessInfo.processInfo.environment["LAKEBASE_FAULT"].map { $0 == fault.rawValue } ?? true
        }

        var testDescription: String { self.rawValue }

        /// Whether connections survive it, so that no statement may be cut.
        var isHarmless: Bool {
            switch self {
            case .blackHole, .delay, .narrowBandwidth: true
            case .reset, .resetAndRefuse, .halfClose, .killBackends, .killCompute, .suspendCompute: false
            }
        }
    }

    @Test(
        "no hang, no wrong result, errors only where a statement was in flight, back within a second or five logins",
        .timeLimit(.minutes(10)), arguments: Fault.chosen)
    func survives(fault: Fault) async throws {
        let maximum = 10
        try await withLocalLakebase { stack in
            try await stack.withRelayedClient(pool: PQPoolConfiguration(maximumConnections: maximum)) { client, relay in
                let load = Load(client)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await load.run(tasks: 50) }
                    var slowest = (recovery: Duration.zero, login: Duration.zero)
                    for _ in 0..<rounds {
                        let before = load.value.successes
                        try await eventually("the load runs") { load.value.successes > before + 200 }
                        let back = try await self.strike(fault, stack, relay, load)
                        async let login = self.login(stack)
                        let recovery = try #require(await load.successBegun(after: back), "nothing works any more")
                        let time = MeasuredTime(work: recovery, yardstick: try await login)
                        #expect(time.isWithin(.seconds(1)), "a login took \(time.yardstick)")
                        if recovery > slowest.recovery { slowest = (recovery, time.yardstick) }
                    }
                    load.end()
                    try await group.waitForAll()
                    let account = load.value
                    #expect(account.wrong == [])
                    #expect(account.unexpected == [])
                    #expect(account.cut <= (fault.isHarmless ? 0 : rounds * maximum))
                    print(
                        "\(fault): \(account.successes) served, \(account.cut) cut, back after \(slowest.recovery) at most, "
                            + "where a login took \(slowest.login)")
                }
                // Longer than the minute that a login of these tests may take: one that the fault stopped ends by then.
                try await eventually(within: .seconds(90), "all connections are back") {
                    let pool = client.statistics.pool
                    return pool.leased == 0 && pool.waiting == 0 && pool.connecting == 0
                }
                #expect(client.statistics.pool.size <= maximum)
            }
        }
    }

    /// Measures what a client that begins now takes to its first row, without the relay: the machine may be busy with other tests.
    private func login(_ stack: LocalStack) async throws -> Duration {
        try await ContinuousClock().measure {
            try await stack.withClient { _ = try await $0.query("SELECT 1") }
        }
    }

    /// Lets a fault happen; returns when the database could be reached again.
    private func strike(
        _ fault: Fault, _ stack: LocalStack, _ relay: FaultRelay, _ load: Load
    ) async throws -> ContinuousClock.Instant {
        switch fault {
        case .reset:
            relay.reset()
        case .resetAndRefuse:
            relay.faults = .init(refuses: true)
            relay.reset()
            try await Task.sleep(for: .milliseconds(1500))
            relay.faults = .init()
        case .halfClose:
            relay.halfClose()
        case .blackHole:
            relay.faults = .init(holds: true)
            try await Task.sleep(for: .milliseconds(1500))
            relay.faults = .init()
        case .delay:
            relay.faults = .init(delay: .milliseconds(20))
            let before = load.value.successes
            try await eventually("it goes on, slowly") { load.value.successes > before + 50 }
            relay.faults = .init()
        case .narrowBandwidth:
            relay.faults = .init(bytesPerSecond: 20_000)
            let before = load.value.successes
            try await eventually("it goes on, slowly") { load.value.successes > before + 50 }
            relay.faults = .init()
        case .killBackends:
            try await stack.withClient { other in
                _ = try await other.query(
                    """
                    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE usename = \(stack.ready.app.userName) AND pid <> pg_backend_pid()
                    """)
            }
        case .killCompute:
            let starts = stack.local.counts.computeStarts
            kill(try #require(await stack.local.postgresProcessID), SIGKILL)
            try await eventually("it starts again") {
                stack.local.counts.computeStarts > starts
            }
            await stack.local.wait(for: .active)
        case .suspendCompute:
            let starts = stack.local.counts.computeStarts
            await stack.local.suspendCompute()
            try await eventually("it wakes") { stack.local.counts.computeStarts > starts }
            await stack.local.wait(for: .active)
        }
        return .now
    }

    @Test("callers cancelled in a black hole are gone once it ends, and callers with a deadline are not held up")
    func cancelledInABlackHole() async throws {
        try await withLocalLakebase { stack in
            try await stack.withRelayedClient(
                pool: PQPoolConfiguration(maximumConnections: 4, acquireTimeout: .seconds(600))
            ) {
                client, relay in
                try await client.query("SELECT 1")
                relay.faults = .init(holds: true)
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 { group.addTask { _ = try? await client.query("SELECT 1") } }
                    try? await eventually("they are under way") { client.statistics.pool.waiting > 0 }
                    // The black hole lasts until this is over, and the pool's own limit is ten minutes.
                    let error = await #expect(throws: LakebaseError.self) {
                        try await client.withConnection(deadline: .now + .milliseconds(100)) { _ in }
                    }
                    #expect(error?.code == .timedOut)
                    group.cancelAll()
                    relay.faults = .init()
                }
                try await eventually("nothing is left behind") { client.statistics.pool.leased == 0 }
                #expect(try await client.query("SELECT 2").count == 1)
            }
        }
    }
}
