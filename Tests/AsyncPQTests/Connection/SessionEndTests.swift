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

    /// libpq reads on after more than 32 kB, and fails as a whole when it meets the end there.
    @Test(.timeLimit(.minutes(1)))
    func `a long answer that was read together with a reset is the statement's`() async throws {
        try await withConnection(to: .tcp) { connection in
            let rows = try await connection.answer(to: "SELECT repeat('x', 50000)", length: 50_000) { socket in
                // The process ends at the first message, and what it then leaves unread resets the connection.
                let noise = [UInt8](repeating: 0, count: 65_536)
                #expect(send(socket, noise, noise.count, Int32(MSG_NOSIGNAL)) > 16_384)
                var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
                try await eventually { poll(&entry, 1, 0) == 1 && entry.revents & Int16(POLLERR) != 0 }
            }
            #expect(try rows.decode(String.self).map(\.count) == [50_000])
            try await eventually { await !connection.isOpen }
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

    /// What the caller of a statement receives that takes nothing in until the connection is lost.
    fileprivate func answer(
        to sql: String, length: Int, ending: (Int32) async throws -> Void
    ) async throws -> PQRows {
        try await self.withTurn { handle in
            self.session.isBeingStopped = true
            guard PQsendQuery(handle, sql) == 1 else { throw self.broken() }
            let socket = PQsocket(handle)
            var bytes = [UInt8](repeating: 0, count: length)
            try await eventually { recv(socket, &bytes, length, Int32(MSG_PEEK | MSG_DONTWAIT)) == length }
            try await ending(socket)
            self.session.isBeingStopped = false
            self.session.resumeReading(on: self.eventLoop)
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
