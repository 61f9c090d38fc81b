//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The statements of many callers on one connection: those to be sent, and those on the server, in order.
///
/// Statements on the server form batches, each of which ends with a synchronization point: the server answers a batch as a
/// whole, and when one of its statements fails it undoes all of them.
///
/// Pure: it sends nothing and reads no clock. `Statement` and `Caller` are opaque to it; tests use numbers.
struct MultiplexQueue<Statement, Caller> {
    typealias Instant = ContinuousClock.Instant

    /// A statement that is to be sent.
    struct Unsent {
        let id: Int
        let statement: Statement
        let caller: Caller
        /// Whether it was undone together with a batch, so that it has to be a batch by itself.
        var wasUndone = false
    }

    /// What was found when a caller gave up.
    enum Abandoned {
        /// The statement will not be sent.
        case unsent(Statement, Caller)
        /// The statement runs on; its answer goes to no caller.
        case sent(Caller)
        /// The caller has its answer already.
        case unknown
    }

    /// A statement on the server.
    struct Sent {
        let id: Int
        let statement: Statement
        /// Nil once the caller has given up.
        var caller: Caller?
        fileprivate let at: Instant
        fileprivate var endsBatch = false
    }

    private var unsent: [Unsent] = []
    private var sent: [Sent] = []
    private var head = 0
    /// When the server finished the latest statement.
    private var progress: Instant?
    /// How many of the next statements are batches by themselves, because one failed.
    private var separate = 0

    /// How many statements after a failed one are sent as batches by themselves.
    ///
    /// A failure in a batch has all its statements run twice, so that batches pay off only while failures are rare.
    static var caution: Int { 64 }

    init() {}

    var hasUnsent: Bool { !self.unsent.isEmpty }
    /// How many statements are on the server.
    var sentCount: Int { self.sent.count - self.head }

    /// Adds a statement to be sent.
    mutating func add(_ id: Int, _ statement: Statement, _ caller: Caller) {
        self.unsent.append(Unsent(id: id, statement: statement, caller: caller))
    }

    /// Removes and returns the statements to be sent, in order.
    mutating func takeUnsent() -> [Unsent] {
        defer { self.unsent = [] }
        return self.unsent
    }

    /// Whether the next statement may be in a batch with others.
    mutating func mayCombine() -> Bool {
        guard self.separate > 0 else { return true }
        self.separate -= 1
        return false
    }

    /// Records that a statement is on its way.
    mutating func didSend(_ unsent: Unsent, at now: Instant) {
        self.sent.append(Sent(id: unsent.id, statement: unsent.statement, caller: unsent.caller, at: now))
    }

    /// Ends the batch of the statement that was sent last.
    mutating func endBatch() {
        guard self.sentCount > 0 else { return }
        self.sent[self.sent.count - 1].endsBatch = true
    }

    /// How many statements the first batch on the server has; 0 where there is none.
    var firstBatchCount: Int {
        guard let last = self.sent[self.head...].firstIndex(where: \.endsBatch) else { return 0 }
        return last + 1 - self.head
    }

    /// Handles the complete answer to the first batch on the server.
    ///
    /// - Parameter failed: Whether the server undid the batch, which is then its only statement.
    /// - Returns: The statements in order, and for how long the server worked on each: the answers come together, so that
    ///   all are charged alike. Of batches whose answers arrive together, the first is charged with the time.
    mutating func answered(failed: Bool = false, at now: Instant) -> (batch: [Sent], took: Duration) {
        let count = self.firstBatchCount
        guard count > 0 else { return ([], .zero) }
        if failed { self.separate = Self.caution }
        let batch = Array(self.sent[self.head..<(self.head + count)])
        let begin = self.progress.map { max($0, batch[0].at) } ?? batch[0].at
        self.removeFirst(count)
        self.progress = now
        return (batch, max(.zero, begin.duration(to: now)) / count)
    }

    /// Handles the answer that the first batch on the server failed, which undid all its statements: has each sent again,
    /// before all others and by itself.
    ///
    /// - Returns: Those that will not be sent again since their callers have given up.
    mutating func undone(at now: Instant) -> [Statement] {
        let count = self.firstBatchCount
        guard count > 0 else { return [] }
        let batch = self.sent[self.head..<(self.head + count)]
        let again = batch.compactMap { sent in
            sent.caller.map { Unsent(id: sent.id, statement: sent.statement, caller: $0, wasUndone: true) }
        }
        let dropped = batch.filter { $0.caller == nil }.map(\.statement)
        self.separate = Self.caution
        self.unsent.insert(contentsOf: again, at: 0)
        self.removeFirst(count)
        self.progress = now
        return dropped
    }

    private mutating func removeFirst(_ count: Int) {
        for index in self.head..<(self.head + count) { self.sent[index].caller = nil }
        self.head += count
        if self.head == self.sent.count {
            self.sent.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head > 256, self.head * 2 > self.sent.count {
            self.sent.removeFirst(self.head)
            self.head = 0
        }
    }

    /// Handles a caller that gives up.
    mutating func abandon(_ id: Int) -> Abandoned {
        if let index = self.unsent.firstIndex(where: { $0.id == id }) {
            let unsent = self.unsent.remove(at: index)
            return .unsent(unsent.statement, unsent.caller)
        }
        guard let index = self.sent[self.head...].firstIndex(where: { $0.id == id }),
            let caller = self.sent[index].caller
        else { return .unknown }
        self.sent[index].caller = nil
        return .sent(caller)
    }

    /// Removes and returns everything, because the connection is closed.
    mutating func end() -> (sent: [Sent], unsent: [Unsent]) {
        defer {
            self.sent = []
            self.head = 0
            self.unsent = []
        }
        return (Array(self.sent[self.head...]), self.unsent)
    }
}
