//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Logging
import Synchronization

/// A connection to a PostgreSQL server, driven by libpq on an event loop.
///
/// The connection is an actor whose executor is its ``eventLoop``. Queries run one at a time, in the order they were
/// asked for; callers on the same loop pay no change of threads.
///
/// ```swift
/// let connection = try await PQConnection.connect(
///     .init(host: "127.0.0.1", username: "ann", database: "app"), logger: logger)
/// let rows = try await connection.query("SELECT id, name FROM users WHERE id = \(id)")
/// await connection.close()
/// ```
///
/// Cancelling a task cancels its query on the server and throws `CancellationError`, unless the query is done by then;
/// the connection stays usable.
public actor PQConnection {
    /// The loop that drives the connection.
    public nonisolated let eventLoop: PQEventLoop

    /// The configuration that the connection was opened with.
    ///
    /// The password is kept for cancelling queries.
    public nonisolated var configuration: Configuration { self.session.configuration }

    nonisolated var logger: Logger { self.session.logger }
    nonisolated let session: PQSession
    /// Ends the session when the last reference to its connection is released; nil on a lease.
    private let keeper: SessionKeeper?
    /// The connection from which this one is leased.
    private let leasedFrom: PQConnection?
    /// Whether this is a leased connection, which works until its lease is over.
    nonisolated let isLeased: Bool
    nonisolated let leaseIsOver = Atomic<Bool>(false)

    /// The loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { self.eventLoop.asUnownedSerialExecutor() }

    init(configuration: Configuration, eventLoop: PQEventLoop, logger: Logger) {
        self.eventLoop = eventLoop
        self.session = PQSession(configuration: configuration, logger: logger)
        self.keeper = SessionKeeper(eventLoop: eventLoop, session: self.session)
        self.leasedFrom = nil
        self.isLeased = false
    }

    init(leasing original: PQConnection) {
        self.eventLoop = original.eventLoop
        self.session = original.session
        self.keeper = nil
        self.leasedFrom = original
        self.isLeased = true
    }

    var notices: NoticeSink { self.session.notices }
    var source: SocketSource { self.session.source }
    var closeReason: PQError? { self.session.closeReason }

    /// libpq's connection; nil once closed.
    var handle: OpaquePointer? {
        get { self.session.handle }
        set { self.session.handle = newValue }
    }

    var addresses: [String] {
        get { self.session.addresses }
        set { self.session.addresses = newValue }
    }

    var serverProcess: Int32? {
        get { self.session.serverProcess }
        set { self.session.serverProcess = newValue }
    }

    /// Whether the connection accepts queries, as far as is known without asking the server.
    public var isOpen: Bool { self.handle != nil && self.endedLease == nil }

    /// The state of the session's transaction.
    public var transactionStatus: TransactionStatus {
        guard let handle else { return .unknown }
        return TransactionStatus(PQtransactionStatus(handle))
    }

    /// Whether the last query left a transaction open or the connection is closed, readable from any thread.
    ///
    /// For pools, which read it when a connection is released, without switching to its loop.
    public nonisolated var needsReset: Bool { self.leftBehind.contains(.unsettled) }

    /// The server's version as `major * 10000 + minor`, 0 when closed.
    public var serverVersion: Int { self.handle.map { Int(PQserverVersion($0)) } ?? 0 }

    /// Whether the connection is encrypted.
    public var usesTLS: Bool { self.handle.map { PQsslInUse($0) != 0 } ?? false }

    /// Ends the session and closes the socket.
    ///
    /// Queries still waiting for their turn throw.
    public func close() {
        guard self.endedLease == nil else { return }
        self.shutDown(PQError(.connectionClosed, "the connection was closed by this program"))
    }

    func shutDown(_ reason: PQError) {
        guard let handle else { return }
        self.handle = nil
        self.session.closeReason = reason
        self.session.noteStatus()
        self.eventLoop.remove(self.source)
        self.session.end(handle)
        self.closeParkedReaders()
        self.session.listeners.endAll(reason)
        for handler in self.session.closeHandlers.takeAll() { handler(reason) }
        // After the pool has learned of the end, so that it gives this connection no more statements.
        self.session.sharedUse?.sessionEnded(reason)
    }

    /// Handles what arrived between two queries: notices, parameter changes, or the end of the connection.
    func absorbUnawaitedInput() {
        guard let handle else { return }
        if let sharedUse = self.session.sharedUse, sharedUse.isActive {
            if !sharedUse.takeAnswers(handle) { _ = self.hungUp(handle, after: nil, query: nil) }
            return
        }
        if self.session.isBeingStopped || self.session.openStream?.holdsSocket == true {
            self.eventLoop.silence(self.source)
            return
        }
        if self.session.pausesReading(on: self.eventLoop) { return }
        let (notices, wasLost) = (self.notices.count, self.source.isLost)
        guard self.session.consumeInput(handle, on: self.eventLoop), PQstatus(handle) == CONNECTION_OK else {
            // A statement can be running all the same, between two of its waits. What it was answered so far is for its
            // caller to take before.
            if self.session.hasCallerBetweenWaits, !wasLost {
                self.source.isLost = true
                self.eventLoop.silence(self.source)
            } else {
                _ = self.hungUp(handle, after: nil, query: nil)
            }
            return
        }
        // Lets libpq process what it read.
        _ = PQisBusy(handle)
        if self.notices.count == notices { self.session.copy?.hasUnexplainedInput = true }
        self.session.routeNotifications()
    }

    /// The error of a connection that broke, with libpq's message.
    func lostConnection() -> PQError {
        let text = self.handle.map { PQErrorText.lastMessage($0) } ?? ""
        // A farewell says more than the silence after it. While no query runs it is a mere notice to libpq.
        let server = self.notices.lastWords ?? PQServerError(connectionMessage: text)
        return PQError(
            .connectionClosed, server?.message ?? (text.isEmpty ? "the server closed the connection" : text),
            server: server)
    }
}

extension PQConnection: CustomReflectable {
    /// The configuration: everything else belongs to the loop's thread, and `dump` comes from others.
    public nonisolated var customMirror: Mirror { Mirror(self, children: ["configuration": self.configuration]) }
}

/// Ends a session when the connection that opened it, and all leased from it, are released.
///
/// It is a separate actor, so that only its deinitialization has to run on the loop, and not that of each leased
/// connection.
private actor SessionKeeper {
    private let eventLoop: PQEventLoop
    private let session: PQSession

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.eventLoop.asUnownedSerialExecutor() }

    init(eventLoop: PQEventLoop, session: PQSession) {
        self.eventLoop = eventLoop
        self.session = session
    }

    isolated deinit {
        if let handle = self.session.handle {
            self.session.handle = nil
            self.eventLoop.remove(self.session.source)
            PQfinish(handle)
        }
    }
}

extension PQConnection {
    /// The state of a session's transaction.
    public enum TransactionStatus: Sendable, Hashable {
        /// Outside of a transaction.
        case idle
        /// A query is running.
        case active
        /// In a transaction.
        case inTransaction
        /// In a transaction that can only be rolled back.
        case inFailedTransaction
        /// The connection is closed or broken.
        case unknown

        init(_ status: PGTransactionStatusType) {
            if status == PQTRANS_IDLE {
                self = .idle
            } else if status == PQTRANS_ACTIVE {
                self = .active
            } else if status == PQTRANS_INTRANS {
                self = .inTransaction
            } else if status == PQTRANS_INERROR {
                self = .inFailedTransaction
            } else {
                self = .unknown
            }
        }
    }
}

/// libpq's texts, trimmed.
enum PQErrorText {
    static func lastMessage(_ handle: OpaquePointer) -> String {
        Self.trim(String(cString: PQerrorMessage(handle)))
    }

    /// The text without the line feed that libpq puts at the end.
    static func trim(_ text: String) -> String {
        var text = Substring(text)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}

/// Sends the server's notices to the log, at debug, and to handlers, instead of libpq's standard error.
final class NoticeSink {
    private let logger: Logger
    var handlers = HandlerList<PQServerError>()
    /// The FATAL message with which the server ended the session.
    var lastWords: PQServerError?
    /// How many notices have arrived.
    private(set) var count = 0

    init(logger: Logger) { self.logger = logger }

    func install(on handle: OpaquePointer) {
        PQsetNoticeReceiver(
            handle,
            { context, result in
                guard let context, let result, let notice = PQServerError(result: result) else { return }
                Unmanaged<NoticeSink>.fromOpaque(context).takeUnretainedValue().log(notice)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func log(_ notice: PQServerError) {
        self.count &+= 1
        if notice.severity == "FATAL" || notice.severity == "PANIC" { self.lastWords = notice }
        self.logger.debug(
            "Notice from the server",
            metadata: [
                "pq.severity": "\(notice.severity)", "pq.sqlstate": "\(notice.sqlState)",
                "pq.notice": "\(notice.message)",
            ])
        for handler in self.handlers.all { handler(notice) }
    }
}
