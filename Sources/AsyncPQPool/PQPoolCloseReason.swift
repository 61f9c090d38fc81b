//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Why a connection of a pool was closed.
public struct PQPoolCloseReason: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: String {
        case idle, aged, replaced, surplus, unusable, suspect, checkFailed, lost, shutDown
    }

    private let kind: Kind

    /// It was idle for ``PQPoolConfiguration/idleTimeout``.
    public static let idle = PQPoolCloseReason(kind: .idle)
    /// It reached ``PQPoolConfiguration/maximumAge``.
    public static let aged = PQPoolCloseReason(kind: .aged)
    /// All connections were replaced: ``PQClient/replaceConnections(within:)``.
    public static let replaced = PQPoolCloseReason(kind: .replaced)
    /// More connections were open than the maximum, which had been lowered.
    public static let surplus = PQPoolCloseReason(kind: .surplus)
    /// Its session could not be used again when it was released.
    public static let unusable = PQPoolCloseReason(kind: .unusable)
    /// Another connection was lost, and the cause has likely ended this one too.
    public static let suspect = PQPoolCloseReason(kind: .suspect)
    /// It did not pass the liveness check before a lease.
    public static let checkFailed = PQPoolCloseReason(kind: .checkFailed)
    /// The server or the network ended it, or the holder of a lease closed it.
    public static let lost = PQPoolCloseReason(kind: .lost)
    /// The pool shut down.
    public static let shutDown = PQPoolCloseReason(kind: .shutDown)

    /// The reason's name.
    public var description: String { self.kind.rawValue }
}
