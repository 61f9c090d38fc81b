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
    func nextCopyChunk(_ copy: OpenCopy) async throws -> [UInt8]? {
        if let endedLease { throw endedLease }
        guard self.session.copy === copy else { throw self.closeReason ?? Self.copyEnded }
        copy.phase = .copying
        do {
            guard let handle else { throw self.closedError }
            copy.task = OpenCopy.currentTask
            if copy.isDueToYield() { await Task.yield() }
            try self.requireOpen(handle)
            if !copy.reachedEnd,
                let chunk = try await self.withWaits(of: copy, { try await self.readCopyChunk(copy, handle) })
            {
                copy.phase = .parked
                return chunk
            }
            copy.hasResult = true
            let end = PQRows(
                result: try await self.withCancellableWaits { try await self.receive(handle, query: copy.sql) })
            copy.observation?.ended(.success(end))
            self.endCopy()
            return nil
        } catch {
            await self.leaveCopyOut(copy)
            copy.observation?.ended(.failure(error))
            self.endCopy()
            throw error
        }
    }

    private static var copyEnded: PQError {
        PQError(
            .unsupported,
            "the COPY was stopped before its end, since the transaction that it ran in ended; read it within the transaction"
        )
    }

    private func readCopyChunk(_ copy: OpenCopy, _ handle: OpaquePointer) async throws -> [UInt8]? {
        var chunk: [UInt8] = []
        while true {
            try self.checkCancellation()
            var count = Self.takeRows(handle, &chunk)
            if count == 0, chunk.count < Self.chunkSize {
                let before = chunk.count
                guard self.session.consumeInput(handle, on: self.eventLoop) else { throw self.lostDuringCopy(handle) }
                count = Self.takeRows(handle, &chunk)
                if count == 0, chunk.count > before { continue }
            }
            if count < 0 {
                copy.reachedEnd = true
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

    /// Stops a COPY on the server, unless all of it has arrived, and drops what the server has sent.
    ///
    /// Also works in a cancelled task.
    private func leaveCopyOut(_ copy: OpenCopy) async {
        guard let handle, !copy.hasResult else { return }
        copy.hasResult = true
        self.source.beginWaits()
        do {
            if !copy.reachedEnd { try await self.leaveCopy(.toClient, handle) }
            copy.reachedEnd = true
            self.session.resumeReading(on: self.eventLoop)
            try await self.receiveEnd(handle)
        } catch {
            // Most likely the answer to the cancellation. A connection that did not answer is closed.
            self.logger.debug("A COPY was left", metadata: ["error": "\(error)"])
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

    /// Ends a COPY whose caller is not reading, and passes the turn on.
    ///
    /// Also works in a cancelled task.
    func settle(_ copy: OpenCopy) async {
        guard self.session.copy === copy else { return }
        switch copy.phase {
        case .copying: return
        case .ending(let waiting):
            await withUnsafeContinuation { copy.phase = .ending(waiting + [$0]) }
            return
        case .parked: break
        }
        copy.phase = .ending([])
        await self.leaveCopyOut(copy)
        copy.observation?.ended(.failure(CancellationError()))
        self.endCopy()
    }

    /// Ends a COPY whose caller is not reading, when the connection is closed.
    func closeParked(_ copy: OpenCopy) {
        guard case .parked = copy.phase else { return }
        copy.observation?.ended(.failure(self.closedError))
        self.endCopy()
    }
}
