//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Logging
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The state of a session: libpq's connection, the queue of its callers, the prepared statements, the changes of its
/// queries.
///
/// It belongs to the connection that opened it and to those that are leased in its place.
///
/// `@unchecked Sendable`: `condition` and `isCancelRequested` are atomic, and `configuration`, `logger` and `epoch` are constants; everything else is
/// touched on the loop's thread only, by connections, which are actors on that loop, and by callers that have just made sure
/// to be on it.
final class PQSession: @unchecked Sendable {
    let configuration: PQConnection.Configuration
    let logger: Logger
    let notices: NoticeSink
    /// The configuration's observer, within reach of each query.
    let queryObserver: (any PQQueryObserver)?
    /// libpq's connection; nil once closed.
    var handle: OpaquePointer?
    /// libpq's connection after the end of the session, until the turn that was taken by then is passed on.
    private var ended: OpaquePointer?
    /// Why the connection is closed, once it is.
    var closeReason: PQError?
    var closeHandlers = HandlerList<PQError>()
    /// The stream whose rows a caller reads in a loop.
    var openStream: OpenStream?
    /// The addresses to which the host name was resolved.
    var addresses: [String] = []
    /// The server process of this session, for cancelling.
    ///
    /// Not what libpq reports: a gateway may use process ids of its own.
    var serverProcess: Int32?
    var statements: StatementCache
    /// The texts that are never prepared, because the parameter types that the server infers for them would not hold.
    var unpreparable = UnpreparableTexts()
    /// The texts whose results are read in text form, because a type in them has no other.
    var textual = UnpreparableTexts()
    var turns = AsyncMutexQueue<UnsafeContinuation<Bool, Never>>()
    /// The socket as the loop sees it.
    let source = SocketSource()
    /// The statements of many callers, where the session may be shared.
    var sharedUse: (any SharedUse)?
    /// Whether the server is being told to stop the statement, and the socket is not read until it was.
    var isBeingStopped = false
    /// Whether a request to cancel the statement is on its way to the server.
    let isCancelRequested = Atomic<Bool>(false)
    /// The COPY that has the turn.
    var copy: OpenCopy?
    /// The receivers of notifications.
    var listeners = NotificationListeners()
    /// What queries so far have changed in the session, besides the state of the transaction.
    var leftBehind: SessionChanges = []
    /// The open blocks, the innermost last.
    var blocks = TransactionBlocks()
    /// The error that made the server end the transaction, if the transaction may be run again because of it.
    var transactionFailure: PQError?
    /// ``leftBehind`` and the state of the transaction after the last query, for other threads.
    let condition = Atomic<UInt8>(0)
    /// Until when statements have to be done, for as long as a body with a deadline runs.
    var deadline: ContinuousClock.Instant? {
        didSet { self.largestInPlace = self.deadline == nil ? Self.shortMessage : -1 }
    }
    /// Queries with more bytes of values than this are not sent in place; with a deadline none is.
    private var largestInPlace = PQSession.shortMessage
    /// The count of schema changes that the statements prepared here are known to fit.
    private var knownEpoch: UInt64
    private let epoch: StatementEpoch

    init(configuration: PQConnection.Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        self.notices = NoticeSink(logger: logger)
        self.queryObserver = configuration.queryObserver
        self.statements = StatementCache(
            capacity: configuration.isBehindPooler ? 0 : configuration.statementCacheCapacity)
        self.epoch = configuration.statementEpoch
        self.knownEpoch = configuration.statementEpoch.current
    }

    /// Ends libpq's connection, and frees it as soon as no statement uses it.
    ///
    /// The server's end can be noticed, and the connection be closed, at each suspension of a statement, which then still has
    /// the pointer.
    func end(_ handle: OpaquePointer) {
        guard self.turns.isTaken else { return PQfinish(handle) }
        // The server learns of it now.
        _ = shutdown(PQsocket(handle), Int32(SHUT_RDWR))
        self.ended = handle
    }

    /// Whether a statement is running, and is not one whose caller may take its time between two reads.
    var hasCallerBetweenWaits: Bool { self.turns.isTaken && self.copy == nil && self.openStream == nil }

    /// Passes the turn to the next caller.
    func endTurn() {
        // The answer was complete, and nobody else would notice.
        if self.source.isLost, self.handle != nil { self.source.onUnawaitedReadiness() }
        self.routeNotifications()
        self.noteStatus()
        if let ended {
            self.ended = nil
            PQfinish(ended)
        }
        self.turns.pass()?.resume(returning: true)
    }

    func noteStatus() {
        let settled = self.handle.map { PQtransactionStatus($0) == PQTRANS_IDLE } ?? false
        let changes = settled ? self.leftBehind : self.leftBehind.union(.unsettled)
        self.condition.store(changes.rawValue, ordering: .releasing)
    }

    /// Passes the notifications that libpq keeps to their listeners.
    func routeNotifications() {
        guard let handle else { return }
        while let notification = PQnotifies(handle) {
            self.listeners.deliver(notification.pointee)
            PQfreemem(notification)
        }
    }

    /// Has statements prepared again that another session of the same pool found stale.
    @inline(__always)
    func noteSchemaChanges() {
        let epoch = self.epoch.current
        guard epoch != self.knownEpoch else { return }
        self.knownEpoch = epoch
        self.statements.forgetNames()
    }

    /// Drops the prepared statement of a query if its error says that it no longer fits, and if its result has no binary form, has
    /// that read in text form from now on.
    ///
    /// Returns false where something else is the matter, so that it would fail again.
    func noteUnfit(_ query: PQQuery, after error: PQError) -> Bool {
        let key = StatementCache.Key(query)
        if error.meansNoBinaryForm, !self.textual.contains(query.sql) {
            self.textual.insert(query.sql)
            self.statements.forget(key)
            return true
        }
        guard error.meansStaleStatement || error.mayMeanStaleStatement, self.statements.forget(key) else {
            return false
        }
        if error.meansStaleStatement {
            // Everywhere in the pool.
            self.statements.forgetNames()
            self.knownEpoch = self.epoch.advance()
        }
        return true
    }

    /// Records what a command changed in the session.
    ///
    /// - Parameter sql: The statement, where it is one.
    func note(_ result: PQResult, of sql: String?) {
        if result.endsPreparedStatements { self.statements.forgetAll() }
        guard let tag = PQcmdStatus(result.pointer) else { return }
        self.leftBehind.formUnion(SessionChanges(commandTag: tag, of: sql))
        if strcmp(tag, "BEGIN") == 0 {
            self.transactionFailure = nil
            self.blocks.endAll()
        }
        if strcmp(tag, "DISCARD ALL") == 0 {
            self.leftBehind.subtract([.state, .statements])
            self.listeners.endAll(NotificationListeners.wasReset)
        }
    }

    /// Takes the turn and sends, if the connection is free and knows the statement.
    func sendPrepared(_ query: PQQuery) -> Sending {
        self.noteSchemaChanges()
        guard let handle, PQclientEncoding(handle) == SessionEncoding.utf8, query.bindings.failure == nil,
            query.bindings.bytes.count <= self.largestInPlace,
            !self.statements.hasManyPending || PQtransactionStatus(handle) != PQTRANS_IDLE,
            let name = self.statements.preparedName(query), self.turns.takeIfFree()
        else { return .notSent }
        if self.statements.latestChangesSession { self.leftBehind.insert(.state) }
        guard query.sendPrepared(as: name, on: handle) else { return .failed }
        self.source.beginWaits()
        guard let token = self.source.token else { return .failed }
        return .sent(token, ticket: self.source.ticket)
    }

    /// The result of sending; unless nothing was sent, the turn is taken.
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

    /// Reads the answer if it is complete and a single successful result, and passes the turn on.
    func collect(on loop: PQEventLoop) -> Answer {
        guard let handle, PQflush(handle) == 0 else { return .unusual([]) }
        if PQisBusy(handle) != 0 {
            guard self.consumeInput(handle, on: loop) else { return .lost }
            guard PQisBusy(handle) == 0 else { return .incomplete }
        }
        guard let pointer = PQgetResult(handle) else { return .unusual([]) }
        let result = PQResult(owning: pointer, from: handle)
        guard result.status == PGRES_TUPLES_OK, PQisBusy(handle) == 0 else { return .unusual([result]) }
        if let next = PQgetResult(handle) { return .unusual([result, PQResult(owning: next, from: handle)]) }
        self.endTurn()
        return .rows(PQRows(result: result))
    }

    /// The answer; unless it is rows, the caller still has the turn.
    enum Answer {
        case incomplete
        case rows(PQRows)
        /// Something that the slow path has to handle, with the results received so far.
        case unusual([PQResult])
        case lost
    }

    /// Reads what has arrived, as far as libpq has room, and has the loop come back for what TLS still holds.
    ///
    /// A TLS record can be larger than the room libpq offers, and the rest of it then waits inside the TLS library
    /// while the socket stays silent. To read until nothing is left could take as long as the server sends: libpq makes more
    /// room each time, and the other connections of the loop would wait, even the one that is to stop this server.
    ///
    /// Returns false when the connection is lost and has no answer left.
    func consumeInput(_ handle: OpaquePointer, on loop: PQEventLoop) -> Bool {
        let isAwaited = PQisBusy(handle) != 0
        guard PQconsumeInput(handle) != 0 else {
            // libpq reads on after a large piece, and an answer in it came before the end.
            guard isAwaited, PQisBusy(handle) == 0 else { return false }
            self.source.isLost = true
            return true
        }
        if TLSPending.holdsInput(of: handle) { loop.revisit(self.source) }
        return true
    }

    /// Reads what has arrived, unless an answer is at hand.
    ///
    /// The loop may have read the answer, and found the end of the connection after it, before the caller that it had woken
    /// came to look. The caller takes the answer first, and finds the end at its next wait.
    ///
    /// Returns false when the connection is lost and has no answer left.
    func consumeInputWhileBusy(_ handle: OpaquePointer, on loop: PQEventLoop) -> Bool {
        PQisBusy(handle) == 0 || self.consumeInput(handle, on: loop)
    }
}
