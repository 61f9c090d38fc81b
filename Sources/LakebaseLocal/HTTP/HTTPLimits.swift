//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The limits of one connection, and of all connections together, before the caller is authenticated.
struct HTTPLimits: Sendable, Equatable {
    /// The longest request target in bytes.
    var target = 8 * 1024
    /// The most items of a query.
    var queryItems = 100
    /// The most header fields.
    var fields = 100
    /// The longest header field, and all of them together, in bytes.
    var fieldBytes = 16 * 1024, headBytes = 32 * 1024
    /// How long a head may take to come, from its first byte on.
    var headTime: Duration = .seconds(15)
    /// How long a connection may say nothing between two requests; longer than clients keep theirs.
    var idleTime: Duration = .seconds(120)
    /// How long a body may take to come, apart from what its size takes at ``bodyRate``; `nil` for as long as it likes.
    var bodyTime: Duration? = .seconds(20)
    /// The slowest that a body may come, in bytes a second.
    var bodyRate = 1024
    /// How long the rest of a body is read and dropped that nobody wanted, so that the client sees the answer.
    var drainTime: Duration = .seconds(5)
    /// The most connections on which nobody has shown a credential; the oldest goes for the next.
    var strangers = 256
    /// Whether a client that waits with its body is told to send it at once, where what answers does not say so itself.
    var continuesAtOnce = false
    /// The most bytes of bodies in memory, of requests with a credential and of those without one.
    var knownBytes = 128 << 20, strangerBytes = 4 << 20

    /// For the visitors of apps, whose bodies and answers last as long as the app likes.
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
