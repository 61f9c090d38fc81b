//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQ

@Suite("Deadline heap")
struct DeadlineHeapTests {
    private let start = ContinuousClock.now

    @Test func `entries come out in order of time, whatever the order they went in`() {
        var generator = SeededGenerator(seed: 11)
        var heap = DeadlineHeap()
        let offsets = (0..<500).map { _ in Int.random(in: 0..<200, using: &generator) }
        for (index, offset) in offsets.enumerated() {
            heap.insert(
                .init(deadline: self.start + .milliseconds(offset), token: .init(bits: UInt64(index))))
        }
        var times: [ContinuousClock.Instant] = []
        var tokens: Set<SocketTable.Token> = []
        while let entry = heap.popExpired(now: self.start + .seconds(1)) {
            times.append(entry.deadline)
            tokens.insert(entry.token)
        }
        #expect(times == offsets.sorted().map { self.start + .milliseconds($0) })
        #expect(tokens.count == 500)
        #expect(heap.earliest == nil)
    }

    @Test func `nothing comes out before its time`() {
        var heap = DeadlineHeap()
        heap.insert(.init(deadline: self.start + .seconds(2), token: .init(bits: 2)))
        heap.insert(.init(deadline: self.start + .seconds(1), token: .init(bits: 1)))
        #expect(heap.popExpired(now: self.start) == nil)
        #expect(heap.popExpired(now: self.start + .seconds(1))?.token == .init(bits: 1))
        #expect(heap.popExpired(now: self.start + .seconds(1)) == nil)
        #expect(heap.earliest == self.start + .seconds(2))
    }
}
