//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Deadlines in order of time, as a binary heap.
///
/// Entries are never removed early: what a socket waits for is looked at when its entry comes up.
struct DeadlineHeap {
    struct Entry {
        var deadline: ContinuousClock.Instant
        var token: SocketTable.Token
    }

    private var entries: [Entry] = []

    var isEmpty: Bool { self.entries.isEmpty }

    var count: Int { self.entries.count }

    var earliest: ContinuousClock.Instant? { self.entries.first?.deadline }

    mutating func insert(_ entry: Entry) {
        self.entries.append(entry)
        var child = self.entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard self.entries[child].deadline < self.entries[parent].deadline else { break }
            self.entries.swapAt(child, parent)
            child = parent
        }
    }

    /// The earliest entry whose time has come, removed.
    mutating func popExpired(now: ContinuousClock.Instant) -> Entry? {
        guard let first = self.entries.first, first.deadline <= now else { return nil }
        let last = self.entries.removeLast()
        guard !self.entries.isEmpty else { return first }
        self.entries[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < self.entries.count {
                if self.entries[child].deadline < self.entries[smallest].deadline { smallest = child }
            }
            guard smallest != parent else { return first }
            self.entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
