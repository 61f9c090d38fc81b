//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Who may use the connection now, and who is next: one at a time, first come first served.
///
/// Confined to the connection's actor.
struct TurnQueue {
    private var isTaken = false
    private var waiting: [UnsafeContinuation<Void, Never>] = []
    private var head = 0

    /// Takes the turn if nobody has it.
    mutating func takeIfFree() -> Bool {
        if self.isTaken { return false }
        self.isTaken = true
        return true
    }

    mutating func wait(_ waiter: UnsafeContinuation<Void, Never>) { self.waiting.append(waiter) }

    /// Hands the turn to the next in line, or frees it.
    mutating func pass() {
        guard self.head < self.waiting.count else {
            self.isTaken = false
            return
        }
        let next = self.waiting[self.head]
        self.head += 1
        if self.head == self.waiting.count {
            self.waiting.removeAll(keepingCapacity: true)
            self.head = 0
        }
        next.resume()
    }
}
