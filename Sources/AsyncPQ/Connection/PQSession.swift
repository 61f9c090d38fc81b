//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Synchronization

/// The part of a connection that a query on the short way touches: libpq's connection, whose turn it is, which statements
/// are prepared.
///
/// `@unchecked Sendable`: `leftOpen` is atomic; everything else is touched on the loop's thread only, by the connection,
/// an actor on that loop, and by callers that have just made sure to be on it.
final class PQSession: @unchecked Sendable {
    /// libpq's connection; nil once closed.
    var handle: OpaquePointer?
    var statements: StatementCache
    /// The texts that are never prepared, since what the server inferred of their parameters would not hold.
    var unpreparable = UnpreparableTexts()
    var turns = TurnQueue<UnsafeContinuation<Bool, Never>>()
    /// The socket as the loop sees it.
    let source = SocketSource()
    /// Whether the last query left a transaction open or the connection is closed.
    let leftOpen = Atomic<Bool>(false)

    init(statementCacheCapacity: Int) {
        self.statements = StatementCache(capacity: statementCacheCapacity)
    }

    /// Lets the next caller have the connection.
    func endTurn() {
        self.noteStatus()
        self.turns.pass()?.resume(returning: true)
    }

    func noteStatus() {
        let settled = self.handle.map { PQtransactionStatus($0) == PQTRANS_IDLE } ?? false
        self.leftOpen.store(!settled, ordering: .releasing)
    }

    /// Takes the turn and sends, if the connection is free and knows the statement.
    func sendPrepared(_ query: PQQuery) -> Sending {
        guard let handle, PQclientEncoding(handle) == SessionEncoding.utf8, query.bindings.failure == nil,
            query.bindings.bytes.count <= Self.shortMessage,
            let name = self.statements.preparedName(query), self.turns.takeIfFree()
        else { return .notSent }
        guard query.sendPrepared(as: name, on: handle) else { return .failed }
        self.source.beginWaits()
        guard let token = self.source.token else { return .failed }
        return .sent(token, ticket: self.source.ticket)
    }

    /// What became of sending; unless it was not sent, the turn is taken.
    enum Sending {
        case notSent
        case failed
        case sent(SocketTable.Token, ticket: UInt64)
    }

    /// Messages up to this size go out at once, unless the server has stopped reading.
    private static let shortMessage = 8192

    /// Parks a caller until the socket is ready, unless libpq has a result at hand.
    func parkWhileBusy(_ waiter: UnsafeContinuation<SocketWake, Never>, on loop: PQEventLoop) {
        guard let handle = self.handle, PQisBusy(handle) != 0 else {
            waiter.resume(returning: .ready)
            return
        }
        loop.park(waiter, on: self.source)
    }

    /// Takes in the answer if all of it has come and it is one good result, and lets the next caller have the connection.
    func collect() -> Answer {
        guard let handle, PQflush(handle) == 0 else { return .unusual([]) }
        if PQisBusy(handle) != 0 {
            guard Self.consumeInput(handle) else { return .lost }
            guard PQisBusy(handle) == 0 else { return .incomplete }
        }
        guard let pointer = PQgetResult(handle) else { return .unusual([]) }
        let result = PQResult(owning: pointer, from: handle)
        guard result.status == PGRES_TUPLES_OK, PQisBusy(handle) == 0 else { return .unusual([result]) }
        if let next = PQgetResult(handle) { return .unusual([result, PQResult(owning: next, from: handle)]) }
        self.endTurn()
        return .rows(PQRows(result: result))
    }

    /// What has come; unless it is rows, the turn is still the caller's.
    enum Answer {
        case incomplete
        case rows(PQRows)
        /// Something that the long way has to see to, with what was taken in already.
        case unusual([PQResult])
        case lost
    }

    /// Reads once; more than once where TLS holds bytes that the socket no longer announces.
    ///
    /// A TLS record can be larger than the room libpq offers, and the rest of it then waits inside the TLS library while
    /// the socket stays silent.
    ///
    /// Returns false when the connection is lost.
    static func consumeInput(_ handle: OpaquePointer) -> Bool {
        guard PQconsumeInput(handle) != 0 else { return false }
        guard PQsslInUse(handle) != 0 else { return true }
        while PQisBusy(handle) != 0, TLSPending.bytes(in: handle) > 0 {
            guard PQconsumeInput(handle) != 0 else { return false }
        }
        return true
    }
}
