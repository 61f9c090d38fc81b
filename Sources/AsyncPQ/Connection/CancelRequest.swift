//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// PostgreSQL's own request to cancel what a session is doing, sent with the key that the server gave the session.
///
/// It needs no login, so that it also reaches a server without a free connection, and a pooler passes it on to the server's
/// session that has the statement.
///
/// `@unchecked Sendable`: libpq copied all it needs out of the connection, and the copy is used by one thread at a time: the
/// one that ``start(done:)`` begins, and that of the last owner afterwards.
final class CancelRequest: @unchecked Sendable {
    private enum Copy {
        /// Sent without encryption, as libpq before version 17 does.
        case plain(OpaquePointer)
        /// Sent as the connection itself.
        case alike(OpaquePointer, Functions)
    }

    /// What became of it.
    enum Outcome {
        case delivered
        case failed(String)
    }

    private let copy: Copy
    private let state = Mutex<Outcome?>(nil)

    /// Copies what is needed out of libpq's connection.
    ///
    /// - Parameter mayBePlain: Whether it may be sent without encryption for a connection that is encrypted.
    /// - Returns: nil where this libpq would have to send it so, and where it lacks memory.
    init?(for handle: OpaquePointer, mayBePlain: Bool) {
        if let functions = Self.functions {
            guard let copy = functions.create(handle) else { return nil }
            self.copy = .alike(copy, functions)
        } else {
            guard mayBePlain || PQsslInUse(handle) == 0, let copy = PQgetCancel(handle) else { return nil }
            self.copy = .plain(copy)
        }
    }

    deinit {
        switch self.copy {
        case .plain(let copy): PQfreeCancel(copy)
        case .alike(let copy, let functions): functions.finish(copy)
        }
    }

    /// Nil until the server has acted on it, or it has failed.
    var outcome: Outcome? { self.state.withLock { $0 } }

    /// Sends it on a thread of its own, on which libpq waits until the server has acted on it.
    ///
    /// - Parameter done: Called there at the end.
    func start(done: @escaping @Sendable () -> Void) throws(PQError) {
        try DetachedThread.start {
            // libpq sends the request as any program would, and a server that has closed the connection by then would end this
            // process. The signal is this thread's own, and ends with it.
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            let outcome = self.send()
            self.state.withLock { $0 = outcome }
            done()
        }
    }

    private func send() -> Outcome {
        switch self.copy {
        case .plain(let copy):
            var message = [CChar](repeating: 0, count: 256)
            guard PQcancel(copy, &message, Int32(message.count)) == 0 else { return .delivered }
            let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return .failed(PQErrorText.trim(String(decoding: text, as: UTF8.self)))
        case .alike(let copy, let functions):
            guard functions.send(copy) == 0 else { return .delivered }
            let text = functions.message(copy).map { PQErrorText.trim(String(cString: $0)) }
            return .failed(text ?? "the cancel request could not be sent")
        }
    }

    // MARK: libpq 17

    private typealias Create = @convention(c) (OpaquePointer) -> OpaquePointer?
    private typealias Send = @convention(c) (OpaquePointer) -> Int32
    private typealias Message = @convention(c) (OpaquePointer) -> UnsafePointer<CChar>?
    private typealias Finish = @convention(c) (OpaquePointer) -> Void

    /// Functions that libpq has since version 17.
    private struct Functions {
        let create: Create
        let send: Send
        let message: Message
        let finish: Finish
    }

    private static let functions: Functions? = {
        guard let create = LoadedSymbol.function("PQcancelCreate", as: Create.self),
            let send = LoadedSymbol.function("PQcancelBlocking", as: Send.self),
            let message = LoadedSymbol.function("PQcancelErrorMessage", as: Message.self),
            let finish = LoadedSymbol.function("PQcancelFinish", as: Finish.self)
        else { return nil }
        return Functions(create: create, send: send, message: message, finish: finish)
    }()
}
