//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// How long statements take, so that short ones can share a connection.
///
/// Pure: the caller measures. The time of a statement is a moving average; one that took long once has to be short
/// several times before it counts as short again.
package struct StatementTimes: Sendable {
    package typealias Slot = StatementSlot

    /// What is known of a statement.
    package enum Verdict: Sendable {
        /// It only reads, and is short: it may run behind others, and others behind it.
        case short(Slot)
        /// It only reads, but is long, or not known well enough: it runs by itself, and its time is wanted.
        case measure(Slot)
        /// It never shares a connection.
        case alone
    }

    private struct Entry {
        var isReading: Bool
        var runs = 0
        var average: Duration = .zero
    }

    private var places: [ExactText: Int] = [:]
    private var entries: [Entry] = []
    private var generation = 0
    private let capacity: Int
    private let limit: Duration

    /// Runs that are needed before an average says anything.
    private static let fewestRuns = 2
    /// A longer time counts as this, so that a statement is not long for ever.
    private static let longest = Duration.milliseconds(100)
    /// The weight of the latest run in the average is one of this many.
    private static let memory = 8
    /// Longer texts are not remembered.
    private static let longestText = 16 * 1024

    /// Creates an empty table.
    ///
    /// - Parameter limit: The average time up to which a statement is short.
    /// - Parameter capacity: How many statements are remembered.
    package init(limit: Duration, capacity: Int = 1024) {
        self.limit = limit
        self.capacity = max(capacity, 1)
    }

    /// What is known of a statement, which is remembered from then on.
    package mutating func verdict(_ query: PQQuery) -> Verdict {
        let text = ExactText(query.sql)
        let index: Int
        if let place = self.places[text] {
            index = place
        } else {
            guard query.sql.utf8.count <= Self.longestText else { return .alone }
            if self.entries.count >= self.capacity { self.forgetAll() }
            index = self.entries.count
            self.places[text] = index
            self.entries.append(Entry(isReading: ReadingStatement.isOne(query.sql)))
        }
        let entry = self.entries[index]
        guard entry.isReading else { return .alone }
        let slot = Slot(index: index, generation: self.generation)
        return entry.runs >= Self.fewestRuns && entry.average <= self.limit ? .short(slot) : .measure(slot)
    }

    /// Records the time of a run.
    package mutating func record(_ slot: Slot, took: Duration) {
        guard slot.generation == self.generation, self.entries.indices.contains(slot.index) else { return }
        let took = min(max(took, .zero), Self.longest)
        let runs = self.entries[slot.index].runs
        let average = self.entries[slot.index].average
        self.entries[slot.index].average = runs == 0 ? took : average + (took - average) / min(runs + 1, Self.memory)
        self.entries[slot.index].runs = min(runs + 1, Self.memory)
    }

    private mutating func forgetAll() {
        self.places.removeAll(keepingCapacity: true)
        self.entries.removeAll(keepingCapacity: true)
        self.generation += 1
    }
}

/// Recognises statements that only read, by their words.
///
/// Words in literals and comments count as well: a statement that is taken for a writing one merely runs by itself. What
/// a function of the user's own does is not seen.
enum ReadingStatement {
    /// Whether a statement only reads, takes no row locks and leaves the session as it is.
    static func isOne(_ sql: String) -> Bool {
        guard !SessionText.changesSession(sql) else { return false }
        var isFirst = true
        var word: [UInt8] = []
        func matters() -> Bool {
            defer {
                word.removeAll(keepingCapacity: true)
                isFirst = false
            }
            if isFirst { return !Self.beginnings.contains { word.elementsEqual($0.utf8) } }
            return Self.writers.contains { word.elementsEqual($0.utf8) }
                || Self.families.contains { word.starts(with: $0.utf8) }
        }
        for byte in sql.utf8 {
            if SessionText.isLetter(byte) || byte == UInt8(ascii: "_") {
                word.append(byte == UInt8(ascii: "_") ? byte : byte | 0x20)
            } else if !word.isEmpty, matters() {
                return false
            }
        }
        if !word.isEmpty, matters() { return false }
        return !isFirst
    }

    private static let beginnings = ["select", "with", "values", "table"]

    /// Statements in WITH, row locks, and functions that change something.
    private static let writers: Set<String> = [
        "insert", "update", "delete", "merge", "into", "share", "nextval", "setval", "txid_current",
        "pg_current_xact_id", "set_config", "pg_notify", "pg_sleep", "pg_sleep_for", "pg_sleep_until",
    ]

    private static let families = [
        "pg_advisory", "pg_try_advisory", "dblink", "lo_", "pg_cancel", "pg_terminate", "pg_reload", "pg_rotate",
        "pg_switch", "pg_logical", "pg_replication", "pg_create", "pg_drop", "pg_import",
    ]
}
