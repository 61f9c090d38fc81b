//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Foundation
import TestSupport
import Testing

@testable import AsyncPQ

@Suite("The end of a session during a statement")
struct SessionEndTests {
    @Test(.timeLimit(.minutes(1)), arguments: Way.allCases)
    func `the server learns of it at once, and libpq's connection is kept until the turn is passed on`(way: Way)
        async throws
    {
        try await withConnection(to: way) { connection in
            let process = try await connection.processID()
            let waiting = Task { [connection] in
                try await eventually { await connection.isBusy() }
                return try await pqError { try await connection.query("SELECT 1") }
            }
            let isOpen = try await connection.closeInTurn {
                try await withConnection { observer in
                    try await eventually {
                        try await observer.cell(
                            "SELECT count(*) FROM pg_stat_activity WHERE pid = \(process)", as: Int.self) == 0
                    }
                }
            }
            #expect(isOpen)
            #expect(try await waiting.value.code == .connectionClosed)
            #expect(try await pqError { try await connection.query("SELECT 1") }.code == .connectionClosed)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: Way.allCases)
    func `an answer that came before the end is the statement's, and the end is noticed after it`(way: Way) async throws
    {
        try await withConnection(to: way) { connection in
            let process = try await connection.processID()
            let (ends, end) = AsyncStream.makeStream(of: PQError.self)
            await connection.onClose { end.yield($0) }
            let rows = try await connection.answer(to: "SELECT 42") {
                try await withConnection { _ = try await $0.query("SELECT pg_terminate_backend(\(process))") }
            }
            #expect(rows.count == 1)
            #expect(await ends.first { _ in true }?.code == .connectionClosed)
            #expect(await !connection.isOpen)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a COPY whose server process is ended while the caller writes fails, and nothing else`() async throws {
        for round in 0..<40 {
            try await withConnection(to: round % 2 == 0 ? .tcp : .socket) { connection in
                try await connection.execute(script: "CREATE TEMP TABLE t (a text)")
                let process = try await connection.processID()
                let row = String(repeating: "x", count: 8000) + "\n"
                let writing = Task {
                    try await pqError {
                        try await connection.copyIn("COPY t FROM STDIN") { writer in
                            while true { try await writer.write(row) }
                        }
                    }
                }
                try await withConnection { observer in
                    try await eventually {
                        try await observer.cell(
                            "SELECT count(*) FROM pg_stat_progress_copy WHERE pid = \(process) AND bytes_processed > 0",
                            as: Int.self) == 1
                    }
                    try await observer.query("SELECT pg_terminate_backend(\(process))")
                }
                let error = try await writing.value
                #expect(error.code == .connectionClosed, "\(error)")
            }
        }
    }
}

extension PQConnection {
    fileprivate func isBusy() -> Bool { self.session.turns.isTaken }

    /// What the caller of a statement receives that is not back before the connection is lost.
    fileprivate func answer(to sql: String, ending: () async throws -> Void) async throws -> PQRows {
        try await self.withTurn { handle in
            guard PQsendQuery(handle, sql) == 1 else { throw self.broken() }
            try await eventually { PQisBusy(handle) == 0 }
            try await ending()
            try await eventually { self.source.isLost }
            return PQRows(result: try await self.receive(handle, query: sql))
        }
    }

    /// Closes the connection within a turn, as a lost server does; returns whether libpq's connection is there to the end.
    fileprivate func closeInTurn(_ body: () async throws -> Void) async throws -> Bool {
        try await self.withTurn { handle in
            self.close()
            try await body()
            return PQsocket(handle) >= 0 && PQserverVersion(handle) > 0
        }
    }
}
