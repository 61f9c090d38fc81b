//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

/// The calling thread.
private func threadID() -> UInt {
    #if canImport(Darwin)
    UInt(bitPattern: pthread_self())
    #else
    UInt(pthread_self())
    #endif
}

@Suite("The loop as executor")
struct ExecutorTests {
    @Test func `code that prefers the loop never changes threads`() async throws {
        try await withConnection { connection in
            let threads = try await withTaskExecutorPreference(connection.eventLoop) {
                var threads = [threadID()]
                for number in 0..<50 {
                    _ = try await connection.query("SELECT \(number)")
                    threads.append(threadID())
                }
                return Set(threads)
            }
            #expect(threads.count == 1)
            #expect(threads.first == (await connection.threadOfLoop()))
        }
    }

    @Test @MainActor func `the main actor can ask too and is back on its thread afterwards`() async throws {
        try await withConnection { connection in
            let found = try await connection.cell("SELECT 1", as: Int.self)
            #expect(found == 1)
            MainActor.assertIsolated()
            #expect(threadID() != (await connection.threadOfLoop()))
        }
    }

    @Test func `plain and detached tasks and other actors can ask`() async throws {
        actor Other {
            func ask(_ connection: PQConnection) async throws -> Int {
                let answer = try await connection.cell("SELECT 2", as: Int.self)
                self.assertIsolated()
                return answer
            }
        }
        try await withConnection { connection in
            let plain = try await Task { try await connection.cell("SELECT 1", as: Int.self) }.value
            #expect(plain == 1)
            let detached = try await Task.detached { try await connection.cell("SELECT 1", as: Int.self) }.value
            #expect(detached == 1)
            let isolated = try await Other().ask(connection)
            #expect(isolated == 2)
        }
    }

    @Test func `what is printed of a connection in use is read from no other thread's memory`() async throws {
        try await withConnection { connection in
            let querying = Task {
                while !Task.isCancelled { _ = try? await connection.query("SELECT 1") }
            }
            var dumped = ""
            for _ in 0..<100 {
                dumped = ""
                dump(connection, to: &dumped)
                dump(connection.eventLoop, to: &dumped)
            }
            querying.cancel()
            await querying.value
            #expect(dumped.contains("configuration") && dumped.contains("name: \"\(connection.eventLoop.name)\""))
            #expect(!dumped.contains("PQSession") && !dumped.contains("turnEnds"))
        }
    }

    @Test func `connections on different loops work side by side`() async throws {
        let group = try PQEventLoopGroup(count: 3)
        #expect(group.loops.count == 3)
        #expect(Set((0..<6).map { _ in ObjectIdentifier(group.next()) }).count == 3)
        let sum = try await withThrowingTaskGroup(of: Int.self) { tasks in
            for number in 0..<30 {
                let loop = group.next()
                tasks.addTask {
                    try await withConnection(on: loop) { try await $0.cell("SELECT \(number)", as: Int.self) }
                }
            }
            return try await tasks.reduce(0, +)
        }
        #expect(sum == 435)
        for loop in group.loops { loop.stop() }
    }

    @Test func `the number of loops is clamped`() throws {
        let group = try PQEventLoopGroup(count: -3)
        #expect(group.loops.count == 1)
        group.loops.first?.stop()
        #expect((1...8).contains(PQEventLoopGroup.defaultCount))
    }

    @Test func `a hundred thousand jobs from many threads all run`() async throws {
        let loop = try PQEventLoop(name: "jobs")
        let counter = Counter(loop: loop)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { for _ in 0..<1000 { await counter.add() } } }
        }
        #expect(await counter.count == 100_000)
        loop.stop()
    }

    private actor Counter {
        let loop: PQEventLoop
        var count = 0
        nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

        init(loop: PQEventLoop) { self.loop = loop }

        func add() { self.count += 1 }
    }
}

extension PQConnection {
    fileprivate func threadOfLoop() -> UInt { threadID() }
}
