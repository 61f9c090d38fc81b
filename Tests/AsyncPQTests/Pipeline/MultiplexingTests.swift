//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization
import TestSupport
import Testing

@testable import AsyncPQ
@testable import AsyncPQPool

/// Many tasks on few connections, against PostgreSQL.
@Suite("Multiplexing on a server", .loadsTheMachine)
struct MultiplexingTests {
    /// A task's own number back, or an error that is its own.
    private static func query(_ number: Int) -> PQQuery {
        number % 10 == 0 ? "SELECT \(number)::bigint / 0" : "SELECT \(number)::bigint"
    }

    private static func isRight(_ result: Result<PQRows, any Error>, _ number: Int) -> Bool {
        switch result {
        case .success(let rows): number % 10 != 0 && (try? rows[0].decode(Int.self, at: 0)) == number
        case .failure(let error): number % 10 == 0 && (error as? PQError)?.sqlState == .divisionByZero
        }
    }

    /// What became of statements that race with their cancellation.
    private final class Tally: Sendable {
        let counts = Mutex((own: 0, cancelled: 0, wrong: 0))
    }

    private final class Flag: Sendable {
        private let state = Atomic<Bool>(false)
        var isSet: Bool { self.state.load(ordering: .relaxed) }
        func set() { self.state.store(true, ordering: .relaxed) }
    }

    #if DEBUG
    private static let statements = 40_000
    private static let cancelled = 2_000
    #else
    private static let statements = 1_000_000
    private static let cancelled = 10_000
    #endif

    @Test(.timeLimit(.minutes(15)), arguments: [Way.socket, .tcp, .tls])
    func `of many statements of 500 tasks each gets its own row or its own error`(way: Way) async throws {
        let shared = try SharedPool(connections: 10, way: way, sharing: SharedPool.patient)
        let count = way == .socket ? Self.statements : Self.statements / 10
        try await withRunning(shared.pool) {
            try await shared.warm([Self.query(1)])
            let wrong = await withTaskGroup(of: Int.self) { group in
                for task in 0..<500 {
                    group.addTask {
                        var wrong = 0
                        for number in stride(from: task, to: count, by: 500) {
                            let result: Result<PQRows, any Error>
                            do { result = .success(try await shared.pool.query(Self.query(number))) } catch {
                                result = .failure(error)
                            }
                            if !Self.isRight(result, number) { wrong += 1 }
                        }
                        return wrong
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(wrong == 0)
            #expect(await shared.isAtRest())
            let statistics = shared.statistics
            #expect(statistics.totals.multiplexed > count / 10, "\(statistics.totals)")
            #expect(statistics.totals.opened == 10 && statistics.totals.lost == 0)
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `tasks cancelled at random moments over 50 connections leave all connections usable`() async throws {
        let shared = try SharedPool(connections: 50, sharing: SharedPool.patient)
        try await withRunning(shared.pool) {
            try await shared.warm([Self.query(1)])
            let tally = Tally()
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<Self.cancelled {
                    group.addTask {
                        let work = Task {
                            for number in 0..<20 {
                                let number = task * 20 + number
                                let result: Result<PQRows, any Error>
                                do { result = .success(try await shared.pool.query(Self.query(number))) } catch {
                                    result = .failure(error)
                                }
                                if case .failure(let error) = result, error is CancellationError {
                                    tally.counts.withLock { $0.cancelled += 1 }
                                    return
                                }
                                let isRight = Self.isRight(result, number)
                                tally.counts.withLock { if isRight { $0.own += 1 } else { $0.wrong += 1 } }
                            }
                        }
                        try? await Task.sleep(for: .microseconds(Int.random(in: 0..<50_000)))
                        work.cancel()
                        await work.value
                    }
                }
            }
            let found = tally.counts.withLock { $0 }
            #expect(found.wrong == 0 && found.own > 0 && found.cancelled > 0, "\(found)")
            #expect(await shared.isAtRest())
            #expect(shared.statistics.totals.lost == 0 && shared.statistics.size <= 50)
            for number in 1..<100 where number % 10 != 0 {
                let rows = try await shared.pool.query(Self.query(number))
                #expect(try rows.decode(Int.self) == [number])
            }
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `server processes that end at random fail only what was sent, and nothing hangs`() async throws {
        let shared = try SharedPool(connections: 8, sharing: SharedPool.patient)
        try await withRunning(shared.pool) {
            try await shared.warm([Self.query(1)])
            let isOver = Flag()
            let (lost, wrong) = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for task in 0..<100 {
                    group.addTask {
                        var (lost, wrong) = (0, 0)
                        var number = task
                        while !isOver.isSet {
                            number += 100
                            let result: Result<PQRows, any Error>
                            do { result = .success(try await shared.pool.query(Self.query(number))) } catch {
                                result = .failure(error)
                            }
                            if case .failure(let error as PQError) = result, error.code == .connectionClosed {
                                lost += 1
                            } else if !Self.isRight(result, number) {
                                wrong += 1
                            }
                        }
                        return (lost, wrong)
                    }
                }
                try await withConnection { killer in
                    for _ in 0..<20 {
                        let victims = shared.connections
                        for victim in victims.suffix(3) {
                            guard let process = await victim.serverProcess else { continue }
                            try await killer.query("SELECT pg_terminate_backend(\(process))")
                        }
                        try await Task.sleep(for: .milliseconds(50))
                    }
                }
                isOver.set()
                return try await group.reduce(into: (0, 0)) { $0 = ($0.0 + $1.0, $0.1 + $1.1) }
            }
            #expect(wrong == 0)
            #expect(lost > 0)
            #expect(await shared.isAtRest())
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a statement that changed its result's form is run again by itself`() async throws {
        let shared = try SharedPool(connections: 2)
        try await withConnection {
            try await $0.execute(script: "CREATE TABLE reshaped (a int); INSERT INTO reshaped VALUES (1)")
        }
        try await withRunning(shared.pool) {
            let query: PQQuery = "SELECT * FROM reshaped"
            try await shared.warm([query])
            for column in ["b", "c", "d"] {
                try await withConnection { try await $0.execute(script: "ALTER TABLE reshaped ADD \(column) int") }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<50 {
                        group.addTask {
                            let count = try await shared.pool.query(query).count
                            #expect(count == 1)
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(await shared.isAtRest())
        }
    }

    /// What fails undoes what was sent with it, so that a write is lost or done twice wherever that goes wrong.
    @Test(.timeLimit(.minutes(5)), arguments: [0, 1, 10])
    func `a function that writes has written once, whatever is sent with it`(failing percent: Int) async throws {
        let shared = try SharedPool(connections: 3, sharing: SharedPool.patient)
        let name = "kept_\(percent)"
        try await withConnection {
            try await $0.execute(
                script: """
                    CREATE TABLE \(name) (n bigint, moment timestamptz DEFAULT now());
                    CREATE FUNCTION \(name)(n bigint) RETURNS bigint LANGUAGE sql VOLATILE
                        AS 'INSERT INTO \(name) VALUES ($1) RETURNING n';
                    """)
        }
        let write = { @Sendable (number: Int) in "SELECT \(unescaped: name)(\(number))" as PQQuery }
        try await withRunning(shared.pool) {
            try await shared.warm([write(-1), Self.query(1)])
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<100 {
                    group.addTask {
                        for number in stride(from: task, to: 5000, by: 100) {
                            let fails = number / 100 % 100 < percent
                            do {
                                let query: PQQuery = fails ? Self.query(number / 10 * 10) : write(number)
                                let rows = try await shared.pool.query(query)
                                #expect(try !fails && rows.decode(Int.self) == [number])
                            } catch {
                                #expect(fails && (error as? PQError)?.sqlState == .divisionByZero)
                            }
                        }
                    }
                }
            }
            #expect(await shared.isAtRest())
            #expect(shared.statistics.totals.multiplexed > 500)
            let counts = try await withConnection {
                try await $0.query(
                    PQQuery(
                        unsafeSQL:
                            "SELECT count(*), count(DISTINCT n), count(DISTINCT moment) FROM \(name) WHERE n >= 0"))
            }
            let (rows, numbers, moments) = try counts[0].decode((Int, Int, Int).self)
            let expected = (0..<5000).count { $0 / 100 % 100 >= percent }
            #expect(rows == expected && numbers == expected)
            // Those that were sent together were one transaction.
            if percent == 0 { #expect(moments < expected / 2, "\(moments) transactions of \(expected) statements") }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an observer receives each statement once, with its own result`() async throws {
        final class Seen: PQQueryObserver {
            let begun = Atomic<Int>(0)
            let ended = Mutex((right: 0, failed: 0))
            func queryBegan(_ sql: String, _ kind: PQQueryKind) -> PQQueryToken {
                self.begun.wrappingAdd(1, ordering: .relaxed)
                return PQQueryToken()
            }
            func queryEnded(_ sql: String, _ token: PQQueryToken, _ result: Result<PQRows, any Error>) {
                let isError = (try? result.get()) == nil
                self.ended.withLock {
                    if isError == sql.contains("/ 0") { $0.right += 1 }
                    if isError { $0.failed += 1 }
                }
            }
        }
        let seen = Seen()
        let shared = try SharedPool(connections: 4, observer: seen, sharing: SharedPool.patient)
        try await withRunning(shared.pool) {
            try await shared.warm([Self.query(1)])
            let before = seen.begun.load(ordering: .relaxed)
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<1000 { group.addTask { _ = try? await shared.pool.query(Self.query(number)) } }
            }
            #expect(seen.begun.load(ordering: .relaxed) == before + 1000)
            #expect(seen.ended.withLock { $0.right } == before + 1000)
            #expect(seen.ended.withLock { $0.failed } == 100)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func `a delegate learns of each use of a connection once, also of cancelled and failed ones`(
        isObserved: Bool
    ) async throws {
        final class Uses: PQPoolDelegate {
            let counts = Mutex((open: [Int: Int](), acquired: 0, released: 0, wrong: 0))
            func connectionAcquired(_ connection: Int, after wait: Duration) {
                self.counts.withLock {
                    $0.acquired += 1
                    $0.open[connection, default: 0] += 1
                    if wait < .zero { $0.wrong += 1 }
                }
            }
            func connectionReleased(_ connection: Int, after use: Duration) {
                self.counts.withLock {
                    $0.released += 1
                    $0.open[connection, default: 0] -= 1
                    if use < .zero || ($0.open[connection] ?? -1) < 0 { $0.wrong += 1 }
                }
            }
        }
        final class Silent: PQQueryObserver {
            func queryBegan(_ sql: String, _ kind: PQQueryKind) -> PQQueryToken { PQQueryToken() }
            func queryEnded(_ sql: String, _ token: PQQueryToken, _ result: Result<PQRows, any Error>) {}
        }
        let uses = Uses()
        let shared = try SharedPool(
            connections: 3, observer: isObserved ? Silent() : nil, delegate: uses, sharing: SharedPool.patient)
        try await withRunning(shared.pool) {
            try await shared.warm([Self.query(1)])
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<2000 {
                    group.addTask {
                        let work = Task { _ = try await shared.pool.query(Self.query(number)) }
                        if number % 7 == 0 { work.cancel() }
                        _ = await work.result
                    }
                }
            }
            #expect(await shared.isAtRest())
            #expect(shared.statistics.totals.multiplexed > 0)
            #expect(
                await becomesTrue {
                    uses.counts.withLock {
                        $0.acquired == $0.released && $0.wrong == 0 && $0.open.values.allSatisfy { $0 == 0 }
                    }
                }, "\(uses.counts.withLock { $0 })")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `statements that write, and leases, never share`() async throws {
        let shared = try SharedPool(connections: 3)
        try await withConnection { try await $0.execute(script: "CREATE TABLE written (n bigint)") }
        try await withRunning(shared.pool) {
            try await shared.warm([Self.query(1)])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        switch number % 3 {
                        case 0: _ = try await shared.pool.query("INSERT INTO written VALUES (\(number))")
                        case 1:
                            let lease = try await shared.pool.acquire()
                            try await lease.connection.withTransaction { connection in
                                try await connection.query("INSERT INTO written VALUES (\(number))")
                                #expect(await connection.transactionStatus == .inTransaction)
                                try await connection.query("SELECT \(number)::bigint")
                            }
                            shared.pool.release(lease, reusable: true)
                        default: _ = try? await shared.pool.query(Self.query(number))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(await shared.isAtRest())
            let rows = try await shared.pool.query("SELECT count(*) FROM written")
            #expect(try rows.decode(Int.self) == [200])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a long statement delays those behind it, and no more come`() async throws {
        let shared = try SharedPool(connections: 1)
        try await withConnection {
            try await $0.execute(script: "CREATE TABLE locked (n bigint); INSERT INTO locked VALUES (1)")
        }
        try await withRunning(shared.pool) {
            let query: PQQuery = "SELECT n FROM locked"
            try await shared.warm([query])
            try await withConnection { locker in
                try await locker.execute(script: "BEGIN; LOCK TABLE locked")
                let callers = (0..<200).map { _ in Task { try await shared.pool.query(query).count } }
                #expect(await becomesTrue { shared.statistics.waiting > 100 })
                // A caller that gives up gets its answer at once, and disturbs no other.
                callers[0].cancel()
                callers[150].cancel()
                await #expect(throws: CancellationError.self) { try await callers[0].value }
                await #expect(throws: CancellationError.self) { try await callers[150].value }
                try await locker.execute(script: "COMMIT")
                for (number, caller) in callers.enumerated() where number != 0 && number != 150 {
                    #expect(try await caller.value == 1)
                }
            }
            #expect(await shared.isAtRest())
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func `a connection that was shared is released when it is closed`(byTheServer: Bool) async throws {
        let shared = try SharedPool(connections: 3, sharing: SharedPool.patient)
        var remembered: [SharedPool.Remembered] = []
        try await withRunning(shared.pool) {
            try await shared.warm([Self.query(1)])
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<50 {
                    group.addTask {
                        for number in 1..<50 { _ = try? await shared.pool.query(Self.query(task + number)) }
                    }
                }
                if byTheServer {
                    group.addTask {
                        try? await withConnection { killer in
                            for victim in shared.connections {
                                guard let process = await victim.serverProcess else { continue }
                                try await killer.query("SELECT pg_terminate_backend(\(process))")
                            }
                        }
                    }
                }
            }
            #expect(shared.statistics.totals.multiplexed > 100)
            remembered = shared.forget()
        }
        #expect(remembered.count >= 3)
        #expect(await becomesTrue { remembered.allSatisfy { $0.connection == nil } })
    }
}
