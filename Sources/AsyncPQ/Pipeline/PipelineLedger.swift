//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The answers that a pipeline still owes, in the order in which they will come.
///
/// Pure: what was sent goes in, and each result that arrives is assigned to what it answers. In pipeline mode libpq
/// returns for each command its results and then nothing once, and for each synchronization point a single result.
struct PipelineLedger<Preparation> {
    /// What the next results answer.
    enum Expectation {
        /// The preparation of the statement with this number.
        case preparation(Preparation, of: Int)
        /// The statement with this number.
        case statement(Int, sql: String)
        /// The end of an implicit transaction: that of one statement, or of all.
        case sync(of: Int?)
    }

    /// What a result says, apart from its rows.
    enum Status: Sendable {
        case succeeded
        case failed
        /// The server skipped the command, because an earlier one of its transaction had failed.
        case skipped
        /// The synchronization point was reached.
        case synced
        /// The command's results are complete.
        case complete
    }

    /// What follows from a result.
    enum Event {
        /// The statement with this number succeeded.
        case succeeded(Int, sql: String)
        /// The statement with this number, its preparation, or its commit, failed; nil for the commit of all statements.
        case failed(Int?)
        /// The server skipped the statement with this number.
        case skipped(Int)
        /// The statement was not prepared.
        case notPrepared(Preparation)
        /// Nothing that concerns a caller.
        case none
        /// What arrived answers nothing that was sent: the connection cannot be used any more.
        case outOfStep
    }

    private var expected: [Expectation?] = []
    private var head = 0
    /// Whether a result of the first expectation has arrived.
    private var hasResult = false
    /// The statement whose preparation failed, whose own answer says no more than that it was skipped.
    private var failedPreparation: Int?

    init() {}

    var isEmpty: Bool { self.head == self.expected.count }
    var count: Int { self.expected.count - self.head }

    /// Records that something was sent.
    mutating func expect(_ expectation: Expectation) { self.expected.append(expectation) }

    /// The text of the statement whose results come next.
    var currentSQL: String? {
        var index = self.head
        while index < self.expected.count {
            if case .statement(_, let sql) = self.expected[index] { return sql }
            if case .sync = self.expected[index] { return nil }
            index += 1
        }
        return nil
    }

    /// Handles one result.
    ///
    /// A second event follows where a preparation fails: the statement has failed, and is not prepared.
    mutating func received(_ status: Status) -> (Event, Event) {
        guard self.head < self.expected.count, let current = self.expected[self.head] else {
            return (.outOfStep, .none)
        }
        switch (current, status) {
        case (.sync, .synced):
            self.advance()
            return (.none, .none)
        case (.sync(let number), .failed):
            // A deferred constraint, say.
            self.hasResult = true
            return (.failed(number), .none)
        case (.sync, .complete) where self.hasResult:
            self.hasResult = false
            return (.none, .none)
        case (.sync, _), (_, .synced):
            return (.outOfStep, .none)
        case (_, .complete):
            // Without any result before, libpq has nothing more to give.
            guard self.hasResult else { return (.outOfStep, .none) }
            self.advance()
            return (.none, .none)
        case (.preparation, .succeeded):
            self.hasResult = true
            return (.none, .none)
        case (.preparation(let preparation, let number), .failed):
            self.hasResult = true
            self.failedPreparation = number
            return (.failed(number), .notPrepared(preparation))
        case (.preparation(let preparation, _), .skipped):
            self.hasResult = true
            return (.notPrepared(preparation), .none)
        case (.statement(let number, let sql), .succeeded):
            self.hasResult = true
            return (.succeeded(number, sql: sql), .none)
        case (.statement(let number, _), .failed):
            self.hasResult = true
            return (.failed(number), .none)
        case (.statement(let number, _), .skipped):
            self.hasResult = true
            guard self.failedPreparation != number else { return (.none, .none) }
            return (.skipped(number), .none)
        }
    }

    /// Removes and returns the numbers of the statements that were sent and not answered, and what was to be prepared.
    mutating func abandon() -> (statements: [Int], preparations: [Preparation]) {
        var statements: [Int] = []
        var preparations: [Preparation] = []
        for expectation in self.expected[self.head...] {
            switch expectation {
            case .statement(let number, _): if self.failedPreparation != number { statements.append(number) }
            case .preparation(let preparation, _): preparations.append(preparation)
            case .sync, nil: break
            }
        }
        self.expected.removeAll()
        self.head = 0
        return (statements, preparations)
    }

    private mutating func advance() {
        self.expected[self.head] = nil
        self.head += 1
        self.hasResult = false
        if self.head == self.expected.count {
            self.expected.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head > 1024, self.head * 2 > self.expected.count {
            self.expected.removeFirst(self.head)
            self.head = 0
        }
    }
}
