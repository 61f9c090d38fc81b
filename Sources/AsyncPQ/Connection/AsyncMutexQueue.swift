//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The callers that use a connection one at a time, first come, first served.
///
/// Generic over what stands for a waiting caller, so that tests use numbers. Confined to the connection's actor.
struct AsyncMutexQueue<Waiter> {
    private var isTaken = false
    /// In order of arrival; nil once given up.
    private var waiting: [(id: UInt64, waiter: Waiter?)] = []
    private var head = 0
    private var lastID: UInt64 = 0

    /// How many callers wait.
    var waitingCount: Int { self.waiting[self.head...].count { $0.waiter != nil } }

    /// A number for the next caller that has to wait.
    mutating func makeID() -> UInt64 {
        self.lastID += 1
        return self.lastID
    }

    /// Takes the turn if it is free.
    mutating func takeIfFree() -> Bool {
        if self.isTaken { return false }
        self.isTaken = true
        return true
    }

    /// Puts a caller at the end of the line.
    ///
    /// Returns the caller instead if the turn is free, and now is theirs: between finding it taken and joining the line
    /// lies a suspension, in which its holder may have freed it.
    mutating func wait(_ id: UInt64, _ waiter: Waiter) -> Waiter? {
        if self.takeIfFree() { return waiter }
        self.waiting.append((id, waiter))
        return nil
    }

    /// Removes a caller from the line; nil if it is not in it, or no longer.
    mutating func abandon(_ id: UInt64) -> Waiter? {
        guard let index = self.waiting.indices.first(where: { self.waiting[$0].id == id }) else { return nil }
        defer { self.waiting[index].waiter = nil }
        return self.waiting[index].waiter
    }

    /// The next caller, which has the turn now; nil if none waits and the turn is free.
    mutating func pass() -> Waiter? {
        while self.head < self.waiting.count {
            let next = self.waiting[self.head].waiter
            self.waiting[self.head].waiter = nil
            self.head += 1
            if self.head == self.waiting.count {
                self.waiting.removeAll(keepingCapacity: true)
                self.head = 0
            }
            if let next { return next }
        }
        self.isTaken = false
        return nil
    }
}
