//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQ

@Suite("Turns")
struct AsyncMutexQueueTests {
    @Test func `a turn can be had once until it is passed on`() {
        var queue = AsyncMutexQueue<String>()
        let first = queue.takeIfFree()
        let second = queue.takeIfFree()
        let next = queue.pass()
        let third = queue.takeIfFree()
        #expect([first, second, third] == [true, false, true])
        #expect(next == nil)
    }

    @Test func `callers get the turn in the order of arrival, and none in between`() {
        var queue = AsyncMutexQueue<String>()
        _ = queue.takeIfFree()
        for name in ["a", "b", "c"] { _ = queue.wait(queue.makeID(), name) }
        var order: [String] = []
        while let next = queue.pass() {
            order.append(next)
            let stolen = queue.takeIfFree()
            #expect(!stolen)
        }
        #expect(order == ["a", "b", "c"])
        let free = queue.takeIfFree()
        #expect(free)
    }

    @Test func `a caller that joins the line after the turn became free has it`() {
        var queue = AsyncMutexQueue<String>()
        _ = queue.takeIfFree()
        let id = queue.makeID()
        let next = queue.pass()
        #expect(next == nil)
        let served = queue.wait(id, "late")
        let waits = queue.wait(queue.makeID(), "later")
        #expect([served, waits] == ["late", nil])
        let order = [queue.pass(), queue.pass()]
        #expect(order == ["later", nil])
    }

    @Test func `a caller that gives up is passed over, once`() {
        var queue = AsyncMutexQueue<String>()
        _ = queue.takeIfFree()
        let ids = ["a", "b", "c"].map { name in
            let id = queue.makeID()
            _ = queue.wait(id, name)
            return id
        }
        let gone = [queue.abandon(ids[0]), queue.abandon(ids[0]), queue.abandon(ids[2]), queue.abandon(99)]
        #expect(gone == ["a", nil, "c", nil])
        let next = [queue.pass(), queue.pass()]
        #expect(next == ["b", nil])
        let late = queue.abandon(ids[1])
        #expect(late == nil)
    }
}
