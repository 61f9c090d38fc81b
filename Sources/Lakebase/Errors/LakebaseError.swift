//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ
import Databricks

/// What went wrong between an application and its Lakebase, with the likely cause and what to do about it.
public struct LakebaseError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case credentialUnavailable, loginRejected, connectFailed, acquireTimedOut, queueFull, shutDown
            case targetNotFound
        }

        private let kind: Kind

        /// No database credential could be minted, so no new connection can log in.
        public static let credentialUnavailable = Code(kind: .credentialUnavailable)
        /// The server refused the login, also with a freshly minted credential.
        public static let loginRejected = Code(kind: .loginRejected)
        /// No connection came about within the time for waking up.
        public static let connectFailed = Code(kind: .connectFailed)
        /// All connections were taken for too long.
        public static let acquireTimedOut = Code(kind: .acquireTimedOut)
        /// Too many callers wait for a connection already.
        public static let queueFull = Code(kind: .queueFull)
        /// The client is shut down, or shutting down.
        public static let shutDown = Code(kind: .shutDown)
        /// The host of the endpoint, or the endpoint of the host, could not be found.
        public static let targetNotFound = Code(kind: .targetNotFound)

        /// The code's name.
        public var description: String { self.kind.rawValue }
    }

    /// Which kind of failure.
    public var code: Code
    /// What happened and why, without secrets.
    public var message: String
    /// What to do about it.
    public var remedy: String?
    /// The error behind this one.
    public var underlying: (any Error)?

    /// An error of the given kind.
    public init(_ code: Code, _ message: String, remedy: String? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.underlying = underlying
    }

    /// The server's SQLSTATE, if the server had a say.
    public var sqlState: SQLState? { (self.underlying as? PQError)?.sqlState }
}

extension LakebaseError: CustomStringConvertible {
    /// What happened and what to do about it, in one line.
    public var description: String {
        guard let remedy else { return self.message }
        return "\(self.message); \(remedy)"
    }
}

extension LakebaseError {
    static func poolShutDown() -> LakebaseError {
        LakebaseError(.shutDown, "the Lakebase client is shut down and lends no more connections")
    }

    static func queueFull(_ statistics: PoolStatistics) -> LakebaseError {
        LakebaseError(
            .queueFull, "too many callers wait for a connection: \(statistics)",
            remedy: "raise maximumConnections or shed load")
    }

    static func acquireTimedOut(
        after timeout: Duration, _ statistics: PoolStatistics, isRunning: Bool, lastError: (any Error)?
    ) -> LakebaseError {
        var message = "no connection became free within \(timeout): \(statistics)"
        if let lastError { message += "; the last attempt to open one failed: \(lastError)" }
        return LakebaseError(
            .acquireTimedOut, message,
            remedy: isRunning
                ? statistics.isPaused
                    ? "the client is paused: call resume()" : "hold connections for shorter or raise maximumConnections"
                : "nothing connects before run() is called: call it, for example by making the client part of a ServiceGroup",
            underlying: lastError)
    }
}
