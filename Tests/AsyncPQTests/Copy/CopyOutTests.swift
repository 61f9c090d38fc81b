//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import TestSupport
import Testing

@testable import AsyncPQ

@Suite("COPY out of the database", .sharesTheMachine)
struct CopyOutTests {
    private struct Enough: Error {}

    /// Rows without end: in the FROM clause the server would first store them all.
    private static let endless: PQQuery =
        "COPY (SELECT generate_series(1, 1000000000), repeat('x', 100)) TO STDOUT"

    private func text(_ sequence: PQCopyOut) async throws -> String {
        var bytes: [UInt8] = []
        for try await chunk in sequence { bytes += chunk }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: Way.allCases)
    func `text, CSV and the rows of a query are copied out`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            try await connection.execute(
                script: #"CREATE TEMP TABLE notes AS VALUES (1, E'a\tb\\c'), (2, NULL), (3, ''), (4, '"x", y')"#)
            let text = try await self.text(connection.copyOut(table: "notes", format: .text))
            #expect(text == "1\ta\\tb\\\\c\n2\t\\N\n3\t\n4\t\"x\", y\n")
            let csv = try await self.text(connection.copyOut(table: "notes", columns: ["column2"], format: .csv))
            #expect(csv == "a\tb\\c\n\n\"\"\n\"\"\"x\"\", y\"\n")
            let rows = try await self.text(
                connection.copyOut(query: "SELECT column1 FROM notes WHERE column1 < 3; -- the first", format: .csv))
            #expect(rows == "1\n2\n")
            let none = try await self.text(connection.copyOut("COPY (SELECT 1 WHERE false) TO STDOUT"))
            #expect(none == "")
            let again = connection.copyOut("COPY (SELECT 1) TO STDOUT")
            #expect(try await self.text(again) + self.text(again) == "1\n1\n")
        }
    }

    @Test(arguments: Way.allCases)
    func `a loop that is left early ends the COPY, and the connection goes on`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            for round in 0..<20 {
                var chunks = 0
                do {
                    for try await _ in connection.copyOut(Self.endless) {
                        chunks += 1
                        if chunks > round % 5 {
                            if round % 2 == 0 { break }
                            throw Enough()
                        }
                    }
                } catch is Enough {}
                let next = try await connection.cell("SELECT \(round)", as: Int.self)
                #expect(next == round)
            }
            // An iterator that was never used has begun nothing.
            _ = connection.copyOut(Self.endless).makeAsyncIterator()
            let works = try await connection.cell("SELECT 1", as: Int.self)
            #expect(works == 1)
            #expect(await connection.isOpen)
        }
    }

    @Test func `a small COPY that is left early does not fail its transaction, a large one an inner one`() async throws
    {
        try await withConnection { connection in
            let one = try await connection.withTransaction { connection in
                for try await _ in connection.copyOut("COPY (SELECT 1) TO STDOUT") { break }
                await #expect(throws: Enough.self) {
                    try await connection.withTransaction { connection in
                        for try await _ in connection.copyOut(Self.endless) { throw Enough() }
                    }
                }
                return try await connection.cell("SELECT 1", as: Int.self)
            }
            #expect(one == 1)
        }
    }

    @Test func `an error half-way is thrown after the rows before it`() async throws {
        try await withConnection { connection in
            var rows = 0
            let error = await #expect(throws: PQError.self) {
                for try await chunk in connection.copyOut(
                    "COPY (SELECT 1 / (100000 - n) FROM generate_series(1, 200000) AS n) TO STDOUT")
                {
                    rows += chunk.count { $0 == UInt8(ascii: "\n") }
                }
            }
            #expect(error?.sqlState == .divisionByZero && rows > 90_000)
            let works = try await connection.cell("SELECT 1", as: Int.self)
            #expect(works == 1)
        }
    }

    @Test(arguments: [Way.socket, .tls])
    func `a reader that does not read holds the server back, not the memory, and no processor`(way: Way) async throws {
        let loop = try PQEventLoop()
        try await withConnection(to: way, on: loop) { connection in
            let process = try await connection.processID()
            var reader = connection.copyOut(Self.endless).makeAsyncIterator()
            _ = try await reader.next()
            try await withConnection { observer in
                try await eventually {
                    try await observer.cell(
                        "SELECT coalesce(wait_event, '') FROM pg_stat_activity WHERE pid = \(process)", as: String.self)
                        == "ClientWrite"
                }
                let before = Memory.residentMegabytes()
                let sent = try await observer.cell(
                    "SELECT bytes_processed FROM pg_stat_progress_copy WHERE pid = \(process)", as: Int.self)
                for _ in 0..<100 { try await observer.query("SELECT 1") }
                let later = try await observer.cell(
                    "SELECT bytes_processed FROM pg_stat_progress_copy WHERE pid = \(process)", as: Int.self)
                #expect(later - sent < 10_000_000)
                if let before, let after = Memory.residentMegabytes() { #expect(after - before < 50) }
            }
            for _ in 0..<1000 { _ = try await reader.next() }
        }
        loop.stop()
    }

    @Test func `a lease that ends after a loop was left early keeps the connection`() async throws {
        try await withConnection { connection in
            for round in 0..<5 {
                let leased = connection.leased()
                for try await _ in leased.copyOut(Self.endless) { break }
                _ = leased.endLease()
                await connection.settle(resets: round % 2 == 0)
                #expect(await connection.isOpen)
                #expect(connection.leftBehind == [])
                let works = try await connection.cell("SELECT 3", as: Int.self)
                #expect(works == 3)
            }
        }
    }

    @Test(arguments: [false, true])
    func `a lease that ends within a loop stops its COPY and keeps the connection`(resets: Bool) async throws {
        try await withConnection { connection in
            for query in [Self.endless, "COPY (SELECT 1) TO STDOUT"] {
                let leased = connection.leased()
                var reader = leased.copyOut(query).makeAsyncIterator()
                _ = try await reader.next()
                _ = leased.endLease()
                await connection.settle(resets: resets)
                #expect(await connection.isOpen)
                #expect(connection.leftBehind == [])
                let works = try await connection.cell("SELECT 3", as: Int.self)
                #expect(works == 3)
                let late = await #expect(throws: PQError.self) { _ = try await reader.next() }
                #expect(late?.code == .leaseEnded)
            }
        }
    }

    @Test func `a transaction that ends within a loop stops its COPY, and the loop says so`() async throws {
        try await withConnection { connection in
            var reader = connection.copyOut(Self.endless).makeAsyncIterator()
            await #expect(throws: Enough.self) {
                try await connection.withTransaction { _ in
                    _ = try await reader.next()
                    throw Enough()
                }
            }
            #expect(await connection.transactionStatus == .idle)
            let works = try await connection.cell("SELECT 3", as: Int.self)
            #expect(works == 3)
            let late = await #expect(throws: PQError.self) { _ = try await reader.next() }
            #expect(late?.message.contains("transaction") == true, "\(String(describing: late))")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `those who wait behind a loop hear of the end of the connection at once`() async throws {
        try await withConnection { connection in
            var reader = connection.copyOut(Self.endless).makeAsyncIterator()
            _ = try await reader.next()
            let waiting = Task { try await connection.query("SELECT 1") }
            try await eventually { await connection.waitingCallers() == 1 }
            await connection.close()
            let error = await #expect(throws: PQError.self) { try await waiting.value }
            #expect(error?.code == .connectionClosed)
            await #expect(throws: PQError.self) { _ = try await reader.next() }
        }
    }
}

extension PQConnection {
    fileprivate func waitingCallers() -> Int { self.session.turns.waitingCount }
}
