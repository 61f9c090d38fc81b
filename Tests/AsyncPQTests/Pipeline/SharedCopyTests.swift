//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization
import TestSupport
import Testing

@testable import AsyncPQ
@testable import AsyncPQPool

@Suite("COPY beside shared statements", .sharesTheMachine)
struct SharedCopyTests {
    @Test(.timeLimit(.minutes(5)))
    func `COPY as a query of a pool is an error of its own, and the statements beside it get their answers`()
        async throws
    {
        let shared = try SharedPool(connections: 3, sharing: SharedPool.patient)
        try await withConnection { try await $0.execute(script: "CREATE TABLE shared_copy (n bigint)") }
        try await withRunning(shared.pool) {
            try await shared.warm(["SELECT \(1)::bigint"])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<600 {
                    group.addTask {
                        switch number % 6 {
                        case 0:
                            let error = try await pqError { try await shared.pool.query("COPY shared_copy FROM STDIN") }
                            #expect(error.code == .unsupported && error.message.contains("copyIn"), "\(error)")
                        case 1:
                            let error = try await pqError {
                                try await shared.pool.query(" /* all */ copy shared_copy TO STDOUT")
                            }
                            #expect(error.code == .unsupported && error.message.contains("copyOut"), "\(error)")
                        default:
                            let rows = try await shared.pool.query("SELECT \(number)::bigint")
                            #expect(try rows.decode(Int.self) == [number])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(await shared.isAtRest())
            let totals = shared.statistics.totals
            #expect(totals.multiplexed > 0 && totals.opened == 3 && totals.lost == 0, "\(totals)")
        }
        try await withConnection { try await $0.execute(script: "DROP TABLE shared_copy") }
    }

    @Test(arguments: ["COPY (SELECT 1) TO STDOUT", "COPY pg_temp.shared_copy FROM STDIN"])
    func `COPY on a shared connection, which the pool never sends, closes it and says why`(sql: String) async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE shared_copy (n bigint)")
            let ended = Mutex(0)
            await connection.allowSharing { ends in ended.withLock { $0 += ends.statements.count } }
            var times = StatementTimes(limit: .seconds(1))
            guard case .measure(let slot) = times.verdict("SELECT 1") else {
                Issue.record("a statement that only reads may share")
                return
            }
            let answers = await withTaskGroup(of: (Int, SharedAnswer).self) { group in
                // On the loop, so that they are sent together and in this order.
                for (place, sql) in ["SELECT 1", sql, "SELECT 2"].enumerated() {
                    group.addTask(executorPreference: connection.eventLoop) {
                        let statement = SharedStatement(
                            id: place, query: PQQuery(unsafeSQL: sql), slot: slot, askedAt: .now,
                            deadline: .now + .seconds(60))
                        let answer = await withUnsafeContinuation { (caller: SharedStatement.Caller) in
                            statement.caller = caller
                            connection.submitShared(statement)
                        }
                        return (place, answer)
                    }
                }
                return await group.reduce(into: [Int: SharedAnswer]()) { $0[$1.0] = $1.1 }
            }
            guard case .rows(let rows) = answers[0] else {
                Issue.record("the statement before: \(answers)")
                return
            }
            #expect(try rows.decode(Int32.self) == [1])
            guard case .failed(let own as PQError) = answers[1] else {
                Issue.record("the COPY: \(answers)")
                return
            }
            #expect(own.code == .unsupported && own.message.contains("COPY") && own.query == sql, "\(own)")
            if case .failed(let later as PQError) = answers[2] {
                #expect(later.code == .connectionClosed, "\(later)")
            } else if case .elsewhere = answers[2] {
                // It came when the connection was closed already, and goes to another.
            } else {
                Issue.record("the statement after: \(answers)")
            }
            #expect(await becomesTrue { ended.withLock { $0 } == 3 }, "each leaves the connection once")
            #expect(await !connection.isOpen)
        }
    }
}
