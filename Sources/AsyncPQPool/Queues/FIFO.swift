//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A queue: first in, first out, with removal from the middle for callers that give up.
struct FIFO<Element> {
    private var storage: [Element] = []
    private var head = 0

    var isEmpty: Bool { self.head == self.storage.count }
    var count: Int { self.storage.count - self.head }
    var elements: ArraySlice<Element> { self.storage[self.head...] }

    mutating func append(_ element: Element) { self.storage.append(element) }

    mutating func prepend(_ element: Element) {
        if self.head > 0 {
            self.head -= 1
            self.storage[self.head] = element
        } else {
            self.storage.insert(element, at: 0)
        }
    }

    mutating func popFirst() -> Element? {
        guard self.head < self.storage.count else { return nil }
        defer { self.advance() }
        return self.storage[self.head]
    }

    mutating func removeAll() -> [Element] {
        defer {
            self.storage.removeAll(keepingCapacity: true)
            self.head = 0
        }
        return Array(self.elements)
    }

    mutating func removeFirst(where matches: (Element) -> Bool) -> Element? {
        guard let index = self.elements.firstIndex(where: matches) else { return nil }
        return self.storage.remove(at: index)
    }

    mutating func removeAll(where matches: (Element) -> Bool) -> [Element] {
        let removed = self.elements.filter(matches)
        guard !removed.isEmpty else { return [] }
        self.storage = self.elements.filter { !matches($0) }
        self.head = 0
        return removed
    }

    private mutating func advance() {
        self.head += 1
        // Frees the removed entries, at a cost that all removals share.
        if self.head == self.storage.count {
            self.storage.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head > 64, self.head * 2 > self.storage.count {
            self.storage.removeFirst(self.head)
            self.head = 0
        }
    }
}
