//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The statements of many callers on one connection: those to be sent, and those on the server, in order.
///
/// Pure: it sends nothing and reads no clock. `Statement` and `Caller` are opaque to it; tests use numbers.
struct MultiplexQueue<Statement, Caller> {
    typealias Instant = ContinuousClock.Instant

    /// A statement that is to be sent.
    struct Unsent {
        let id: UInt64
        let statement: Statement
        let caller: Caller
    }

    /// What was found when a caller gave up.
    enum Abandoned {
        /// The statement will not be sent.
        case unsent(Caller)
        /// The statement runs on; its answer goes to no caller.
        case sent(Caller)
        /// The caller has its answer already.
        case unknown
    }

    private struct Sent {
        let id: UInt64
        /// Nil once the caller has given up.
        var caller: Caller?
        let at: Instant
    }

    private var lastID: UInt64 = 0
    private var unsent: [Unsent] = []
    private var sent: [Sent] = []
    private var head = 0
    /// When the server finished the latest statement.
    private var progress: Instant?

    init() {}

    var hasUnsent: Bool { !self.unsent.isEmpty }
    /// How many statements are on the server.
    var sentCount: Int { self.sent.count - self.head }

    /// A number for the next statement.
    mutating func makeID() -> UInt64 {
        self.lastID += 1
        return self.lastID
    }

    /// Adds a statement to be sent.
    mutating func add(_ id: UInt64, _ statement: Statement, _ caller: Caller) {
        self.unsent.append(Unsent(id: id, statement: statement, caller: caller))
    }

    /// Removes and returns the statements to be sent, in order.
    mutating func takeUnsent() -> [Unsent] {
        defer { self.unsent = [] }
        return self.unsent
    }

    /// Records that a statement is on its way.
    mutating func didSend(_ id: UInt64, _ caller: Caller, at now: Instant) {
        self.sent.append(Sent(id: id, caller: caller, at: now))
    }

    /// Handles the complete answer to the first statement on the server.
    ///
    /// - Returns: Its caller, nil if that has given up, and for how long the server worked on it; nil where nothing was
    ///   sent. Of answers that arrive together, the first is charged with the time.
    mutating func answered(at now: Instant) -> (caller: Caller?, took: Duration)? {
        guard self.head < self.sent.count else { return nil }
        let first = self.sent[self.head]
        let begin = self.progress.map { max($0, first.at) } ?? first.at
        self.progress = now
        self.sent[self.head].caller = nil
        self.head += 1
        if self.head == self.sent.count {
            self.sent.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head > 256, self.head * 2 > self.sent.count {
            self.sent.removeFirst(self.head)
            self.head = 0
        }
        return (first.caller, max(.zero, begin.duration(to: now)))
    }

    /// Handles a caller that gives up.
    mutating func abandon(_ id: UInt64) -> Abandoned {
        if let index = self.unsent.firstIndex(where: { $0.id == id }) {
            return .unsent(self.unsent.remove(at: index).caller)
        }
        guard let index = self.sent[self.head...].firstIndex(where: { $0.id == id }),
            let caller = self.sent[index].caller
        else { return .unknown }
        self.sent[index].caller = nil
        return .sent(caller)
    }

    /// Removes everything, because the connection is closed.
    ///
    /// - Returns: The callers whose statements were sent, and those whose statements were not.
    mutating func end() -> (sent: [Caller], unsent: [Caller]) {
        defer {
            self.sent = []
            self.head = 0
            self.unsent = []
        }
        return (self.sent[self.head...].compactMap(\.caller), self.unsent.map(\.caller))
    }
}
