//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

@testable import AsyncPQPool

@Suite("The buffer of a channel's listener")
struct ChannelBufferTests {
    private func event(_ number: Int) -> PQChannelEvent {
        .notification(PQNotification(channel: "c", payload: "\(number)", processID: 1))
    }

    @Test func `what is too much is dropped, and the interruption is told in its place`() async throws {
        let buffer = ChannelBuffer(limit: 2)
        for number in 0..<4 { buffer.append(self.event(number)) }
        var found = [try await buffer.next(), try await buffer.next(), try await buffer.next()]
        #expect(found == [self.event(0), self.event(1), .interrupted])
        buffer.append(self.event(4))
        buffer.append(.interrupted)
        buffer.end()
        buffer.append(self.event(5))
        found = [try await buffer.next(), try await buffer.next(), try await buffer.next(), try await buffer.next()]
        #expect(found == [self.event(4), .interrupted, nil, nil])
    }

    @Test func `a loop that waits gets the next event, an error, and its own cancellation`() async throws {
        let buffer = ChannelBuffer(limit: 2)
        let first = Task { try await buffer.next() }
        buffer.append(self.event(1))
        #expect(try await first.value == self.event(1))
        let cancelled = Task { try await buffer.next() }
        cancelled.cancel()
        #expect(try await cancelled.value == nil)
        let failing = ChannelBuffer(limit: 1)
        failing.end(throwing: PQError(.server, "refused"))
        failing.end()
        await #expect(throws: PQError.self) { try await failing.next() }
    }
}
