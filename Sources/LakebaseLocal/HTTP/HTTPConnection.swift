//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// One HTTP connection as a value: what is being read, which requests are not answered yet, and the deadlines.
///
/// It has no clock and no socket: events go in with their time, actions come out.
struct HTTPConnection: Sendable, Equatable {
    typealias Instant = ContinuousClock.Instant

    /// A request whose answer is not complete.
    struct Exchange: Sendable, Equatable {
        /// Whether it is an HTTP/1.0 request, without chunks and 100 Continue.
        var isOld: Bool
        /// Whether the answer has no body, whatever its length field says.
        var isHead: Bool
        /// Whether the client waits to be told to send its body.
        var awaitsContinue: Bool
        var hasEnded = false
        var answerBegan = false
        /// Whether the connection ends with the answer.
        var isLast: Bool
    }

    enum Reading: Sendable, Equatable {
        /// No byte of the next request has arrived.
        case idle(since: Instant)
        /// A part of a head has arrived.
        case head(since: Instant)
        case body(since: Instant, bytes: Int)
        /// The answer is sent; the rest of the body is read and dropped.
        case draining(since: Instant)
        /// Further bytes are ignored.
        case over
    }

    /// An action for the handler.
    enum Action: Sendable, Equatable {
        case nothing
        /// Answer with this status, then close.
        case refuse(status: Int)
        case close
    }

    private(set) var reading: Reading
    private(set) var exchanges: [Exchange] = []
    private var requests = 0
    private let limits: HTTPLimits

    init(limits: HTTPLimits, now: Instant) {
        self.limits = limits
        self.reading = .idle(since: now)
    }

    /// Whether further bytes are dropped.
    var isOver: Bool { self.reading == .over }

    // MARK: What comes

    mutating func receivedBytes(now: Instant) {
        if case .idle = self.reading { self.reading = .head(since: now) }
    }

    mutating func receivedHead(_ exchange: Exchange, now: Instant) {
        self.requests += 1
        self.exchanges.append(exchange)
        self.reading = .body(since: now, bytes: 0)
    }

    mutating func receivedBody(_ count: Int) {
        if case .body(let since, let bytes) = self.reading {
            self.reading = .body(since: since, bytes: bytes > Int.max - count ? .max : bytes + count)
        }
    }

    mutating func receivedEnd(now: Instant) -> Action {
        switch self.reading {
        case .draining:
            self.reading = .over
            return .close
        case .body:
            if !self.exchanges.isEmpty { self.exchanges[self.exchanges.count - 1].hasEnded = true }
            self.reading = .idle(since: now)
            return .nothing
        case .idle, .head, .over: return .nothing
        }
    }

    // MARK: What goes

    /// Begins an answer; returns its request, whose connection ends with it if its body was not read completely.
    mutating func beginAnswer() -> Exchange? {
        guard !self.exchanges.isEmpty else { return nil }
        self.exchanges[0].answerBegan = true
        if !self.exchanges[0].hasEnded { self.exchanges[0].isLast = true }
        return self.exchanges[0]
    }

    /// Tells the client to send its body; returns whether it waits for that.
    mutating func beginBody() -> Bool {
        guard let exchange = self.exchanges.first, exchange.awaitsContinue, !exchange.hasEnded, !exchange.answerBegan
        else { return false }
        self.exchanges[0].awaitsContinue = false
        return true
    }

    mutating func endAnswer(now: Instant) -> Action {
        guard !self.exchanges.isEmpty else { return .nothing }
        let done = self.exchanges.removeFirst()
        if !done.hasEnded, !done.awaitsContinue {
            // Closed at once, the socket would be reset, and the answer with it.
            self.reading = .draining(since: now)
            return .nothing
        }
        guard done.isLast else {
            if case .idle = self.reading { self.reading = .idle(since: now) }
            return .nothing
        }
        self.reading = .over
        return .close
    }

    /// Ignores everything from now on.
    mutating func end() { self.reading = .over }

    // MARK: Time

    /// The next deadline; `nil` when there is none.
    var deadline: Instant? {
        switch self.reading {
        case .idle(let since):
            guard self.exchanges.isEmpty else { return nil }
            // A connection that has never said anything is as slow a head as any.
            return since + (self.requests == 0 ? self.limits.headTime : self.limits.idleTime)
        case .head(let since): return since + self.limits.headTime
        case .body(let since, let bytes):
            guard let time = self.limits.bodyTime else { return nil }
            return since + time + .milliseconds(bytes / max(1, self.limits.bodyRate) * 1000)
        case .draining(let since): return since + self.limits.drainTime
        case .over: return nil
        }
    }

    /// Handles a deadline.
    mutating func tick(now: Instant) -> Action {
        guard let deadline, deadline <= now else { return .nothing }
        switch self.reading {
        case .idle, .draining:
            self.reading = .over
            return .close
        case .head:
            // As long as an earlier request is not answered the rest stays in the buffer, unread.
            guard self.exchanges.isEmpty else {
                self.reading = .head(since: now)
                return .nothing
            }
            self.reading = .over
            return .refuse(status: 408)
        case .body:
            guard self.exchanges.count == 1 else {
                self.reading = .body(since: now, bytes: 0)
                return .nothing
            }
            let began = self.exchanges[0].answerBegan
            self.reading = .over
            return began ? .close : .refuse(status: 408)
        case .over: return .nothing
        }
    }
}
