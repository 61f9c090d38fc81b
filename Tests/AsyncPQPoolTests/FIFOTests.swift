//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import AsyncPQPool

@Suite("The queue")
struct FIFOTests {
    private func filled(_ elements: [Int]) -> FIFO<Int> {
        var queue = FIFO<Int>()
        for element in elements { queue.append(element) }
        return queue
    }

    @Test func `what comes first goes first`() {
        var queue = self.filled([1, 2, 3])
        #expect(queue.count == 3)
        #expect([queue.popFirst(), queue.popFirst(), queue.popFirst(), queue.popFirst()] == [1, 2, 3, nil])
        #expect(queue.isEmpty && queue.count == 0)
    }

    @Test func `the front can be put back, also where nothing was taken`() {
        var queue = self.filled([1, 2])
        _ = queue.popFirst()
        queue.prepend(9)
        queue.prepend(8)
        #expect(Array(queue.elements) == [8, 9, 2])
        var empty = FIFO<Int>()
        empty.prepend(1)
        #expect(empty.popFirst() == 1)
    }

    @Test func `who gives up leaves the middle`() {
        var queue = self.filled([1, 2, 3, 4])
        _ = queue.popFirst()
        #expect(queue.removeFirst { $0 == 3 } == 3)
        #expect(queue.removeFirst { $0 == 1 } == nil)
        #expect(Array(queue.elements) == [2, 4])
        #expect(queue.removeAll { $0 > 3 } == [4])
        #expect(queue.removeAll { $0 > 3 } == [])
        #expect(queue.removeAll() == [2])
        #expect(queue.isEmpty && queue.removeAll() == [])
    }

    @Test func `it agrees with an array through a long random life`() {
        var random = SplitMix64(seed: 42)
        var queue = FIFO<Int>()
        var model: [Int] = []
        for step in 0..<20_000 {
            // Long phases of filling and emptying, so that what was taken out gets freed.
            switch random.next(below: 10) + (step / 500 % 2 == 0 ? 0 : 4) {
            case ..<6:
                queue.append(step)
                model.append(step)
            case 6:
                queue.prepend(step)
                model.insert(step, at: 0)
            case 7:
                guard let victim = model.randomElement(using: &random) else { continue }
                #expect(queue.removeFirst { $0 == victim } == victim)
                model.removeAll { $0 == victim }
            default:
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(queue.count == model.count && queue.isEmpty == model.isEmpty)
            if step % 97 == 0 { #expect(Array(queue.elements) == model) }
        }
    }
}
