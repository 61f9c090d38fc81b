//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The limits of one connection, and of all connections together, before the caller is authenticated.
struct HTTPLimits: Sendable, Equatable {
    /// The longest request target in bytes.
    var target = 8 * 1024
    /// The maximum number of items in a query.
    var queryItems = 100
    /// The maximum number of header fields.
    var fields = 100
    /// The longest header field, and all of them together, in bytes.
    var fieldBytes = 16 * 1024, headBytes = 32 * 1024
    /// How long a head may take to arrive, from its first byte on.
    var headTime: Duration = .seconds(15)
    /// How long a connection may be silent between two requests; longer than clients keep theirs.
    var idleTime: Duration = .seconds(120)
    /// How long a body may take to arrive, in addition to its size at ``bodyRate``; `nil` for no limit.
    var bodyTime: Duration? = .seconds(20)
    /// The lowest rate at which a body may arrive, in bytes a second.
    var bodyRate = 1024
    /// How long the rest of an unwanted body is read and dropped, so that the client sees the answer.
    var drainTime: Duration = .seconds(5)
    /// The maximum number of connections on which no valid credential was presented; the oldest is closed for the next.
    var strangers = 256
    /// Whether a client that waits with its body is told to send it at once, if the server does not do that itself.
    var continuesAtOnce = false
    /// The maximum bytes of bodies in memory, for requests with a credential and for those without one.
    var knownBytes = 128 << 20, strangerBytes = 4 << 20

    /// The limits for the visitors of apps, whose bodies and answers last as long as the app likes.
    static let visitors: HTTPLimits = {
        var limits = HTTPLimits()
        limits.target = 64 * 1024
        limits.queryItems = 10_000
        limits.fieldBytes = 64 * 1024
        limits.headBytes = 128 * 1024
        limits.bodyTime = nil
        limits.continuesAtOnce = true
        return limits
    }()
}
