//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import ExactText

extension PQConnection {
    /// Sends data of a COPY, and waits while the server does not take more.
    ///
    /// - Throws: ``PQError``: the server's where it has refused the data, and then the COPY is over; `CancellationError`.
    func sendCopyData(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try await self.sendCopyData(rest.prefix(Self.largestPiece))
            rest = rest.dropFirst(Self.largestPiece)
        }
    }

    /// What libpq is given at once, since its buffer never shrinks.
    private static let largestPiece = 262_144

    private func sendCopyData(_ bytes: ArraySlice<UInt8>) async throws {
        guard let handle, let copy = self.session.copy, !copy.reachedEnd else { throw self.closedError }
        try self.requireTime(for: copy)
        guard self.readDuringCopy(handle) else { throw self.lostDuringCopy(handle) }
        if copy.hasUnexplainedInput { try await self.throwRefusal(handle, copy) }
        let sent = bytes.withUnsafeBytes { buffer in
            PQputCopyData(handle, buffer.bindMemory(to: CChar.self).baseAddress, Int32(clamping: buffer.count))
        }
        guard sent == 1 else { throw self.lostDuringCopy(handle) }
        if PQflush(handle) != 0 {
            try await self.withWaits(of: copy) {
                if try await self.flushCopy(handle) { throw CancellationError() }
            }
        }
        if copy.isDueToYield() { await Task.yield() }
    }

    /// Throws the error with which the server has ended the COPY, if it has.
    private func throwRefusal(_ handle: OpaquePointer, _ copy: OpenCopy) async throws {
        guard copy.mayAsk <= .now else { return }
        guard await self.serverEndedCopy() else {
            copy.mayAsk = .now + .seconds(1)
            return
        }
        try self.requireOpen(handle)
        if let refusal = await self.leaveCopyIn() { throw refusal }
        throw PQError(.connectionClosed, "the server ended the COPY", query: copy.sql)
    }

    /// Has the server undo a COPY; the turn stays with the caller.
    ///
    /// Also works in a cancelled task. The connection is closed where the server does not answer.
    ///
    /// - Returns: The error with which the server had refused the data before, if it had.
    func leaveCopyIn() async -> PQError? {
        guard let handle, let copy = self.session.copy, !copy.reachedEnd else { return nil }
        copy.reachedEnd = true
        self.source.beginWaits()
        do {
            try await self.leaveCopy(.fromClient, handle)
            try await self.receiveEnd(handle)
            return nil
        } catch let error as PQError {
            return error.serverMessage?.containsExactly(Self.copyEnd) ?? false ? nil : error
        } catch {
            return nil
        }
    }

    /// Ends a COPY with success, unless the task is cancelled by then.
    ///
    /// The turn is passed on in any case.
    func finishCopyIn(_ rest: [UInt8]) async throws -> PQRows {
        defer { self.endCopy() }
        do {
            try await self.sendCopyData(rest)
            guard let handle, let copy = self.session.copy, !copy.reachedEnd else { throw self.closedError }
            return try await self.withWaits(of: copy) {
                guard PQputCopyEnd(handle, nil) == 1 else { throw self.lostDuringCopy(handle) }
                copy.reachedEnd = true
                guard try await self.flushCopy(handle) else {
                    return PQRows(result: try await self.receive(handle, query: copy.sql))
                }
                do {
                    let end = ContinuousClock.now + .seconds(10)
                    return PQRows(result: try await self.receive(handle, query: copy.sql, deadline: end))
                } catch let error as PQError where error.sqlState == .queryCanceled {
                    throw CancellationError()
                }
            }
        } catch {
            _ = await self.leaveCopyIn()
            throw error
        }
    }

    /// Has the server undo a COPY, and passes the turn on.
    ///
    /// - Returns: The error with which the server had refused the data before, if it had.
    func abandonCopyIn() async -> PQError? {
        defer { self.endCopy() }
        return await self.leaveCopyIn()
    }
}
