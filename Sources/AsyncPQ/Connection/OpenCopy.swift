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

/// The direction of a COPY.
enum CopyDirection: Sendable {
    /// `COPY … FROM STDIN`.
    case fromClient
    /// `COPY … TO STDOUT`.
    case toClient

    /// nil unless a result with this status begins a COPY.
    init?(_ status: ExecStatusType) {
        if status == PGRES_COPY_IN {
            self = .fromClient
        } else if status == PGRES_COPY_OUT {
            self = .toClient
        } else {
            return nil
        }
    }

    /// The form of the statement.
    var form: String {
        switch self {
        case .fromClient: "COPY … FROM STDIN"
        case .toClient: "COPY … TO STDOUT"
        }
    }

    /// Whether nothing of it is done when the server stops it.
    var isUndone: Bool {
        switch self {
        case .fromClient: true
        case .toClient: false
        }
    }

    /// The error of a COPY that was run by a method that cannot copy.
    func refusal(_ query: String?) -> PQError {
        let method =
            switch self {
            case .fromClient: "copyIn"
            case .toClient: "copyOut"
            }
        return PQError(.unsupported, "COPY cannot run as a query: use \(method); nothing was copied", query: query)
    }
}

/// A COPY in progress, which has the turn of its session.
///
/// `@unchecked Sendable`: `isAbandoned` is atomic, the constants are `Sendable`, and everything else is touched on the
/// connection's loop only, by methods of the connection.
final class OpenCopy: @unchecked Sendable {
    enum Phase {
        /// The caller writes, or waits for data.
        case copying
        /// The caller has data and has not asked for more.
        case parked
        /// The COPY is being ended, and these wait for that.
        case ending([UnsafeContinuation<Void, Never>])
    }

    let direction: CopyDirection
    let sql: String
    let observation: PQConnection.Observation?
    /// Set when the caller will not ask for more data.
    let isAbandoned = Atomic<Bool>(false)

    var phase: Phase
    /// The task that copies, to detect that it waits for itself.
    var task = OpenCopy.currentTask
    /// Whether the server has sent all data, or was sent all.
    var reachedEnd = false
    /// Whether the server's result after the data of a COPY out of the database has been received.
    var hasResult = false
    /// Whether the server has sent something that is not a notice: most likely the error that ended the COPY.
    var hasUnexplainedInput = false
    /// When the server may be asked again whether it has ended the COPY.
    var mayAsk = ContinuousClock.now
    /// How many chunks have been passed on.
    private var chunks = 0

    /// - Parameter observation: Receives the end of a COPY out of the database.
    init(_ direction: CopyDirection, _ sql: String, _ observation: PQConnection.Observation?) {
        self.direction = direction
        self.sql = sql
        self.observation = observation
        switch direction {
        case .fromClient: self.phase = .copying
        case .toClient: self.phase = .parked
        }
    }

    /// A number for the current task; nil outside of one.
    static var currentTask: Int? { withUnsafeCurrentTask { $0?.hashValue } }

    /// Whether other callers of the loop are to have their turn first, in a task that may never wait otherwise.
    func isDueToYield() -> Bool {
        self.chunks &+= 1
        return self.chunks % 16 == 0
    }
}

extension PQSession {
    /// Stops watching the socket while a reader does not keep up, so that the rest of the data stays with the server.
    ///
    /// Returns false where the input is to be read.
    func pausesReading(on loop: PQEventLoop) -> Bool {
        guard let copy, copy.direction == .toClient, !copy.reachedEnd else { return false }
        loop.silence(self.source)
        return true
    }

    func resumeReading(on loop: PQEventLoop) {
        guard self.source.isSilenced, !self.source.isLost, let handle, self.source.descriptor >= 0 else { return }
        loop.watch(self.source, descriptor: self.source.descriptor, write: false)
        if TLSPending.holdsInput(of: handle) { loop.revisit(self.source) }
    }

    /// Whether bytes have arrived that were not read yet.
    func hasInput(_ handle: OpaquePointer) -> Bool {
        guard self.source.descriptor >= 0 else { return false }
        if TLSPending.holdsInput(of: handle) { return true }
        var item = pollfd(fd: self.source.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, 0) > 0
    }
}
