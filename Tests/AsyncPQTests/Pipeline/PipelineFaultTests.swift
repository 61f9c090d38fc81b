//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import TestSupport
import Testing

/// Pipelines whose task is cancelled or whose server process ends half-way.
@Suite("Pipelines that end early", .sharesTheMachine)
struct PipelineFaultTests {
    /// Waits until the process runs `pg_sleep`.
    private func untilAsleep(_ process: Int32) async throws {
        try await withConnection { observer in
            try await eventually {
                try await observer.cell(
                    "SELECT coalesce(wait_event, '') FROM pg_stat_activity WHERE pid = \(process)", as: String.self)
                    == "PgSleep"
            }
        }
    }

    private func table(_ name: String) async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TABLE \(name) (n int)")
        }
    }

    private func count(_ name: String) async throws -> Int {
        try await withConnection { try await $0.cell("SELECT count(*) FROM \(identifier: name)", as: Int.self) }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [Way.socket, .tls])
    func `a cancelled pipeline leaves nothing behind and the connection usable`(way: Way) async throws {
        let name = "cancelled_pipeline_\(way)"
        try await self.table(name)
        try await withConnection { owner in
            try await owner.execute(script: "GRANT ALL ON \(name) TO PUBLIC")
        }
        try await withConnection(to: way) { connection in
            let process = try await connection.processID()
            let task = Task {
                try await connection.pipeline([
                    "INSERT INTO \(identifier: name) VALUES (1)", "SELECT pg_sleep(60)",
                    "INSERT INTO \(identifier: name) VALUES (2)",
                ])
            }
            try await self.untilAsleep(process)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
            #expect(try await self.count(name) == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a cancelled pipeline of independent statements says what was done`() async throws {
        try await self.table("cancelled_each")
        try await withConnection { connection in
            let process = try await connection.processID()
            let task = Task {
                try await connection.pipeline(independent: [
                    "INSERT INTO cancelled_each VALUES (1)", "SELECT pg_sleep(60)",
                    "SELECT pg_sleep(60)", "INSERT INTO cancelled_each VALUES (2)",
                ])
            }
            try await self.untilAsleep(process)
            task.cancel()
            let outcomes = try await task.value
            #expect(outcomes[0].rows != nil)
            #expect(outcomes[1].error?.sqlState == .queryCanceled)
            #expect(outcomes[2].error?.sqlState == .queryCanceled)
            #expect(try await self.count("cancelled_each") == outcomes.count { $0.rows != nil })
            #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `nothing is sent for a task that was cancelled before`() async throws {
        try await self.table("never_sent")
        try await withConnection { connection in
            let ways: [@Sendable () async throws -> Void] = [
                { try await connection.pipeline(["INSERT INTO never_sent VALUES (1)"]) },
                { _ = try await connection.pipeline(independent: ["INSERT INTO never_sent VALUES (1)"]) },
                { try await connection.executeMany([1]) { "INSERT INTO never_sent VALUES (\($0))" } },
            ]
            for way in ways {
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await way()
                }
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            let count = try await connection.cell("SELECT count(*) FROM never_sent", as: Int.self)
            #expect(count == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [Way.socket, .tcp])
    func `when the server process ends, each statement is done, or its fate is unknown`(way: Way) async throws {
        let name = "killed_each_\(way)"
        try await self.table(name)
        try await withConnection(to: way) { connection in
            let process = try await connection.processID()
            let task = Task {
                try await connection.pipeline(
                    independent: (0..<5).map { "INSERT INTO \(identifier: name) VALUES (\($0))" }
                        + ["SELECT pg_sleep(60)"] + (5..<10).map { "INSERT INTO \(identifier: name) VALUES (\($0))" })
            }
            try await self.untilAsleep(process)
            try await withConnection { try await $0.query("SELECT pg_terminate_backend(\(process))") }
            let outcomes = try await task.value
            #expect(outcomes[..<5].allSatisfy { $0.rows != nil })
            for outcome in outcomes[5...] {
                guard case .unknown(let error) = outcome else {
                    Issue.record("\(outcome)")
                    continue
                }
                #expect(error.code == .connectionClosed)
            }
            #expect(await !connection.isOpen)
            #expect(try await self.count(name) == 5)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `when the server process ends, nothing of an atomic pipeline remains`() async throws {
        try await self.table("killed_atomic")
        try await withConnection { connection in
            let process = try await connection.processID()
            let task = Task {
                try await pqError {
                    try await connection.pipeline(["INSERT INTO killed_atomic VALUES (1)", "SELECT pg_sleep(60)"])
                }
            }
            try await self.untilAsleep(process)
            try await withConnection { try await $0.query("SELECT pg_terminate_backend(\(process))") }
            let error = try await task.value
            #expect(error.code == .connectionClosed && error.sqlState == .adminShutdown, "\(error)")
            #expect(try await pqError { try await connection.pipeline(["SELECT 1"]) }.code == .connectionClosed)
            #expect(
                try await pqError { try await connection.pipeline(independent: ["SELECT 1"]) }.code
                    == .connectionClosed)
            #expect(try await self.count("killed_atomic") == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `pipelines cancelled at random moments leave the connection usable and the count right`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE at_random (n int)")
            var random = SplitMix64(seed: 14)
            var expected = 0
            for round in 0..<60 {
                let size = random.next(below: 400) + 1
                let task = Task { () -> Int in
                    if round % 2 == 0 {
                        return try await connection.executeMany(0..<size) { "INSERT INTO at_random VALUES (\($0))" }
                    }
                    let outcomes = try await connection.pipeline(
                        independent: (0..<size).map { "INSERT INTO at_random VALUES (\($0))" })
                    return outcomes.count { $0.rows != nil }
                }
                try await Task.sleep(for: .microseconds(random.next(below: 4000)))
                task.cancel()
                switch await task.result {
                case .success(let count): expected += count
                case .failure(let error): #expect(error is CancellationError, "\(error)")
                }
                #expect(try await connection.cell("SELECT count(*) FROM at_random", as: Int.self) == expected)
            }
        }
    }
}
