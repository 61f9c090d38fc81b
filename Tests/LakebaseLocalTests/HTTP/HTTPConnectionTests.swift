//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseLocal

@Suite("HTTP connection") struct HTTPConnectionTests {
    private let start = ContinuousClock.now

    private func connection() -> HTTPConnection { HTTPConnection(limits: HTTPLimits(), now: self.start) }

    private func exchange(isLast: Bool = false, awaitsContinue: Bool = false) -> HTTPConnection.Exchange {
        .init(isOld: false, isHead: false, awaitsContinue: awaitsContinue, isLast: isLast)
    }

    @Test func `connection that says nothing, and a slow head, end in time`() {
        var silent = self.connection()
        #expect(silent.deadline == self.start + .seconds(15))
        #expect(silent.tick(now: self.start + .seconds(14)) == .nothing)
        #expect(silent.tick(now: self.start + .seconds(15)) == .close && silent.isOver)

        var slow = self.connection()
        slow.receivedBytes(now: self.start + .seconds(10))
        // Further bytes do not give more time.
        slow.receivedBytes(now: self.start + .seconds(20))
        #expect(slow.deadline == self.start + .seconds(25))
        #expect(slow.tick(now: self.start + .seconds(25)) == .refuse(status: 408))
    }

    @Test func `slow body ends in time, a long one has more of it`() {
        var connection = self.connection()
        connection.receivedHead(self.exchange(), now: self.start)
        #expect(connection.deadline == self.start + .seconds(20))
        connection.receivedBody(10 * 1024)
        #expect(connection.deadline == self.start + .seconds(30))
        connection.receivedBody(.max)
        #expect(connection.tick(now: self.start + .seconds(31)) == .nothing)
        var slow = self.connection()
        slow.receivedHead(self.exchange(), now: self.start)
        #expect(slow.tick(now: self.start + .seconds(20)) == .refuse(status: 408))
        #expect(slow.receivedEnd(now: self.start) == .nothing)
    }

    @Test func `request that is being answered has all the time, then the connection waits for the next`() {
        var connection = self.connection()
        connection.receivedHead(self.exchange(), now: self.start)
        #expect(connection.receivedEnd(now: self.start) == .nothing)
        #expect(connection.deadline == nil)
        #expect(connection.beginAnswer()?.isLast == false)
        #expect(connection.endAnswer(now: self.start + .seconds(5)) == .nothing)
        #expect(connection.deadline == self.start + .seconds(125))
    }

    @Test func `answer before the end of the body closes after the rest has been dropped, or too long`() {
        var connection = self.connection()
        connection.receivedHead(self.exchange(), now: self.start)
        #expect(connection.beginAnswer()?.isLast == true)
        #expect(connection.endAnswer(now: self.start) == .nothing)
        var slow = connection
        #expect(connection.receivedEnd(now: self.start) == .close)
        #expect(slow.deadline == self.start + .seconds(5))
        #expect(slow.tick(now: self.start + .seconds(5)) == .close)
        // Who waits for 100 Continue has sent nothing that could be lost.
        var waiting = self.connection()
        waiting.receivedHead(self.exchange(awaitsContinue: true), now: self.start)
        _ = waiting.beginAnswer()
        #expect(waiting.endAnswer(now: self.start) == .close)
    }

    @Test func `100 Continue is said once, and not after the answer`() {
        var connection = self.connection()
        #expect(connection.beginBody() == false)
        connection.receivedHead(self.exchange(awaitsContinue: true), now: self.start)
        #expect(connection.beginBody() == true)
        #expect(connection.beginBody() == false)
        var answered = self.connection()
        answered.receivedHead(self.exchange(awaitsContinue: true), now: self.start)
        _ = answered.beginAnswer()
        #expect(answered.beginBody() == false)
    }

    @Test func `a pipelined body is not slow while an earlier request is being answered`() {
        var connection = self.connection()
        connection.receivedHead(self.exchange(), now: self.start)
        _ = connection.receivedEnd(now: self.start)
        connection.receivedHead(self.exchange(isLast: true), now: self.start)
        #expect(connection.tick(now: self.start + .seconds(60)) == .nothing && !connection.isOver)
        _ = connection.beginAnswer()
        #expect(connection.endAnswer(now: self.start + .seconds(61)) == .nothing)
        #expect(connection.receivedEnd(now: self.start + .seconds(62)) == .nothing)
        _ = connection.beginAnswer()
        #expect(connection.endAnswer(now: self.start + .seconds(63)) == .close)
    }
}
