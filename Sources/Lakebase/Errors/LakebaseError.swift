//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ
import AsyncPQPool
import Databricks

/// An error of connecting to Lakebase or of leasing a connection, with its likely cause and a remedy.
public struct LakebaseError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case credentialUnavailable, loginRejected, connectionFailed, timedOut, queueFull, shutDown
            case targetNotFound, identityRejected
        }

        private let kind: Kind

        /// No database credential could be minted, so no new connection can log in.
        public static let credentialUnavailable = Code(kind: .credentialUnavailable)
        /// The server refused the login, also with a freshly minted credential.
        public static let loginRejected = Code(kind: .loginRejected)
        /// The client could not connect within the time that a compute has to wake.
        public static let connectionFailed = Code(kind: .connectionFailed)
        /// No connection became free in time.
        public static let timedOut = Code(kind: .timedOut)
        /// Too many callers wait for a connection already.
        public static let queueFull = Code(kind: .queueFull)
        /// The client is shut down, or shutting down.
        public static let shutDown = Code(kind: .shutDown)
        /// The host of the endpoint, or the endpoint of the host, could not be found.
        public static let targetNotFound = Code(kind: .targetNotFound)
        /// A visitor's forwarded identity is missing, refused by the workspace, or contradicts itself.
        public static let identityRejected = Code(kind: .identityRejected)

        /// The code's name.
        public var description: String { self.kind.rawValue }

        /// The entry of the catalogue for an error of this kind, as specific as the underlying error allows.
        fileprivate func problem(_ underlying: (any Error)?) -> LakebaseProblem {
            let beneath = underlying as? PQError
            switch self.kind {
            case .credentialUnavailable, .targetNotFound:
                if let underlying = underlying as? DatabricksError { return .ofWorkspace(underlying) }
                return self.kind == .targetNotFound ? .targetMissing : .workspaceUnavailable
            case .loginRejected: return .loginRefused
            case .connectionFailed: return beneath.map(LakebaseProblem.ofConnecting) ?? .computeUnreachable
            case .timedOut: return .timedOut
            case .queueFull: return .queueFull
            case .shutDown: return .shutDown
            case .identityRejected: return .visitorRejected
            }
        }
    }

    /// The kind of failure.
    public var code: Code
    /// What happened and why, without secrets.
    public var message: String
    /// What to do about it.
    public var remedy: String?
    /// The underlying error.
    public var underlying: (any Error)?
    /// The entry of the catalogue, which is more specific than the code.
    public var problem: LakebaseProblem
    /// What was found out about this failure; set after a refused login, if the server or the workspace answered.
    public var explanation: LakebaseExplanation?

    /// An error of the given kind.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: What happened and why, without secrets.
    ///   - problem: The entry of the catalogue; derived from the code and the underlying error when nil.
    ///   - remedy: What to do about it.
    ///   - underlying: The underlying error.
    public init(
        _ code: Code, _ message: String, problem: LakebaseProblem? = nil, remedy: String? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.underlying = underlying
        self.problem = problem ?? code.problem(underlying)
    }

    /// The server's SQLSTATE, if the error came from the server.
    public var sqlState: SQLState? {
        (self.underlying as? PQError)?.sqlState ?? (self.underlying as? LakebaseError)?.sqlState
    }
}

extension LakebaseError: SQLStateError {}

extension LakebaseError: CustomStringConvertible {
    /// What happened, what to do about it and the id of the catalogue's entry, in one line.
    public var description: String {
        let text = self.remedy.map { "\(self.message); \($0)" } ?? self.message
        return "\(text) [\(self.problem.id)]"
    }
}

extension LakebaseError {
    /// Converts the pool's own error to the client's.
    static func of(_ error: PQPoolError) -> LakebaseError {
        switch error.reason {
        case .shutDown:
            LakebaseError(.shutDown, "the Lakebase client is shut down and leases no more connections")
        case .queueFull: .queueFull(error.statistics)
        case .timedOut(let time):
            .timedOut(
                after: time, error.statistics, isRunning: error.isRunning, lastError: error.lastConnectError)
        }
    }

    /// The error to throw when no credential could be minted; explained errors and cancellations are passed on.
    static func explaining(mintFailure error: any Error) -> any Error {
        if error is LakebaseError || error is CancellationError { return error }
        return LakebaseError(
            .credentialUnavailable, "no database credential could be minted: \(error)",
            remedy: (error as? DatabricksError).map { LakebaseProblem.ofWorkspace($0).remedy }
                ?? "check that the workspace can be reached and that this identity may use the database",
            underlying: error)
    }

    /// The explanation of what kept connections from opening, for a caller that timed out; nil if nothing did.
    ///
    /// The pool forgets the error of an attempt as soon as another attempt succeeds, so an error that is found here
    /// still applies.
    ///
    /// - Parameter attempt: The last error of an attempt that is still being repeated, if none has failed for good.
    func explanationBeneath(_ attempt: (any Error)?) -> LakebaseExplanation? {
        guard self.problem == .timedOut, let cause = self.underlying ?? attempt else { return nil }
        let explained = (cause as? LakebaseError)?.explanation
        let general = LakebaseProblem.of(cause).map { problem in
            LakebaseExplanation(general: problem, evidence: ["the last attempt to open a connection failed: \(cause)"])
        }
        guard var explanation = explained ?? general else { return nil }
        let context = self.message.firstRange(of: Self.lastAttempt).map { self.message[..<$0.lowerBound] }
        explanation.evidence.insert("\(self.problem.id): \(context ?? self.message[...])", at: 0)
        return explanation
    }

    static func queueFull(_ statistics: PQPoolStatistics) -> LakebaseError {
        LakebaseError(
            .queueFull, "too many callers wait for a connection: \(statistics)",
            remedy: "raise maximumConnections or shed load")
    }

    private static let lastAttempt = "; the last attempt to open one failed: "

    static func timedOut(
        after timeout: Duration, _ statistics: PQPoolStatistics, isRunning: Bool, lastError: (any Error)?
    ) -> LakebaseError {
        var message = "no connection became free within \(timeout): \(statistics)"
        if let lastError { message += "\(Self.lastAttempt)\(lastError)" }
        // Without a connection of its own the pool can do nothing about it.
        if isRunning, statistics.size == statistics.connecting, let lastError,
            LakebaseProblem.of(lastError) == .tooManyConnections
        {
            return LakebaseError(
                .timedOut, message, problem: .tooManyConnections,
                remedy: LakebaseProblem.tooManyConnections.remedy, underlying: lastError)
        }
        return LakebaseError(
            .timedOut, message, problem: isRunning ? .timedOut : .notRunning,
            remedy: isRunning
                ? statistics.isPaused
                    ? "the client is paused: call resume()"
                    : "hold connections for less time or "
                        + "raise maximumConnections"
                : "nothing connects before run() is called: call it, for example by making the client part of a ServiceGroup",
            underlying: lastError)
    }
}
