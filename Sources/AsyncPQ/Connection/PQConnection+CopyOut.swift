//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Logging
import Synchronization

extension PQConnection {
    /// Chunks end here, at the next row.
    private static let chunkSize = 65536

    /// The next rows of a COPY, as many as have arrived, at most about 64 kB; nil at its end, when the turn is passed on.
    ///
    /// - Parameter observation: Receives the end.
    func nextCopyChunk(_ observation: Observation?) async throws -> [UInt8]? {
        do {
            guard let handle, self.session.copy != nil else { throw self.closedError }
            self.session.copy?.task = CopyState.currentTask
            if self.session.copy?.isDueToYield() == true { await Task.yield() }
            try self.requireOpen(handle)
            if let chunk = try await self.withCancellableWaits({ try await self.readCopyChunk(handle) }) {
                return chunk
            }
            let sql = self.session.copy?.sql
            let end = PQRows(
                result: try await self.withCancellableWaits { try await self.receive(handle, query: sql) })
            observation?.ended(.success(end))
            self.endCopy()
            return nil
        } catch {
            observation?.ended(.failure(error))
            self.endCopy()
            throw error
        }
    }

    private func readCopyChunk(_ handle: OpaquePointer) async throws -> [UInt8]? {
        var chunk: [UInt8] = []
        if self.session.copy?.reachedEnd == true { return nil }
        while true {
            if Task.isCancelled {
                try await self.leaveCopyOut(handle)
                throw CancellationError()
            }
            var count = Self.takeRows(handle, &chunk)
            if count == 0, chunk.count < Self.chunkSize {
                let before = chunk.count
                guard PQSession.consumeAllInput(handle) else { throw self.lostDuringCopy(handle) }
                count = Self.takeRows(handle, &chunk)
                if count == 0, chunk.count > before { continue }
            }
            if count < 0 {
                self.session.copy?.reachedEnd = true
                self.session.resumeReading(on: self.eventLoop)
                return chunk.isEmpty ? nil : chunk
            }
            if !chunk.isEmpty { return chunk }
            // A cancelled task is found at the top.
            _ = try await self.awaitCopyInput(handle)
        }
    }

    /// Appends the rows that libpq holds until the chunk is full.
    ///
    /// - Returns: Above 0 when the chunk is full, 0 when more has to arrive, below 0 at the end.
    private static func takeRows(_ handle: OpaquePointer, _ chunk: inout [UInt8]) -> Int32 {
        while chunk.count < Self.chunkSize {
            var row: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(handle, &row, 1)
            guard count > 0 else { return count }
            if chunk.isEmpty { chunk.reserveCapacity(Self.chunkSize + 4096) }
            chunk.append(contentsOf: UnsafeRawBufferPointer(start: row, count: Int(count)))
            PQfreemem(row)
        }
        return 1
    }

    /// Stops a COPY on the server and drops what it has sent.
    private func leaveCopyOut(_ handle: OpaquePointer) async throws {
        self.source.beginWaits()
        do {
            if self.session.copy?.reachedEnd != true {
                try await self.leaveCopy(.toClient, handle)
                self.session.copy?.reachedEnd = true
                self.session.resumeReading(on: self.eventLoop)
            }
            try await self.receiveEnd(handle)
        } catch let error as PQError where error.code == .server {
            // The answer to the cancellation, or an error of the rest, which is not wanted any more.
        }
    }

    /// The columns of a statement's result, without running it.
    func describeColumns(_ query: PQQuery) async throws -> [PQColumn] {
        try await self.withTurn { handle in
            try self.check(query)
            try SessionEncoding.check(query, on: handle)
            guard PQsendPrepare(handle, "", query.sql, 0, nil) != 0 else { throw self.broken() }
            _ = try await self.receive(handle, query: query.sql)
            try self.requireOpen(handle)
            guard PQsendDescribePrepared(handle, "") != 0 else { throw self.broken() }
            return PQRows(result: try await self.receive(handle, query: query.sql)).columns
        }
    }

    /// Ends a COPY whose reader was dropped half-way, in a task of its own; what wants the connection next waits for it.
    nonisolated func abandonCopyOut(_ observation: Observation?) {
        self.session.ending.withLock { ending in
            ending = Task {
                await self.endAbandonedCopy()
                observation?.ended(.failure(CancellationError()))
            }
        }
    }

    private func endAbandonedCopy() async {
        defer {
            self.session.ending.withLock { $0 = nil }
            self.endCopy()
        }
        guard let handle, self.session.copy != nil else { return }
        do {
            try await self.leaveCopyOut(handle)
        } catch {
            self.logger.debug("A COPY could not be ended", metadata: ["error": "\(error)"])
        }
    }
}
