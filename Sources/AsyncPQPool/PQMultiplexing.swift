//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Whether one-shot statements of several tasks may share a connection when all connections are in use.
///
/// See the guide "Multiplexing".
public enum PQMultiplexing: Sendable, Hashable {
    /// Each statement has a connection to itself.
    case off
    /// Up to this many statements are on one connection at a time.
    case depth(Int)

    /// As many as pay off: with more, a statement that turns out long delays more others.
    public static let standard = PQMultiplexing.depth(16)

    /// How many statements may be on one connection at a time; 1 where none may share.
    package var limit: Int {
        switch self {
        case .off: 1
        case .depth(let depth): min(max(depth, 1), 256)
        }
    }
}

/// When one-shot statements may share a connection.
package struct SharingLimits: Sendable, Hashable {
    /// The average time up to which a statement is short.
    package var longestAverage: Duration
    /// A connection whose first statement has been running for longer gets no more statements.
    package var stall: Duration

    package init(longestAverage: Duration = .milliseconds(2), stall: Duration = .milliseconds(10)) {
        self.longestAverage = longestAverage
        self.stall = stall
    }
}
