//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Testing

@testable import PostgresGateway

/// Which cancel requests go, and when.
struct CancelScheduleTests {
    private var generator = SystemRandomNumberGenerator()
    private let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func target(_ processID: Int32, _ secret: UInt32) -> CancelTarget {
        CancelTarget(
            upstream: ResolvedUpstream(
                upstream: GatewayUpstream(
                    target: .unixSocket(path: "/x"), user: "u", database: "d", session: SilentGatewaySession()),
                tls: nil
            ),
            key: CancelKey(processID: processID, secret: secret)
        )
    }

    private func schedule(_ maximum: Int = 10) -> CancelSchedule {
        CancelSchedule(maximumConcurrency: maximum, patience: .seconds(10))
    }

    private func run(_ answer: CancelSchedule.Answer) -> CancelSchedule.Run? {
        if case .run(let run) = answer { run } else { nil }
    }

    private func waits(_ answer: CancelSchedule.Answer) -> Bool {
        if case .waits = answer { true } else { false }
    }

    private func isUnknown(_ answer: CancelSchedule.Answer) -> Bool {
        if case .unknown = answer { true } else { false }
    }

    @Test mutating func `a key leads to the upstream's own, once at a time`() throws {
        var schedule = self.schedule()
        let key = schedule.register(self.target(7, 8), using: &self.generator)
        #expect(key.processID == 7)
        let first = try #require(self.run(schedule.request(key, ticket: 1, now: self.now)))
        #expect(first.target.key == CancelKey(processID: 7, secret: 8))
        #expect(self.waits(schedule.request(key, ticket: 2, now: self.now)))
        let sequel = schedule.finish(first, now: self.now)
        #expect(sequel.runs.map(\.tickets) == [[2]])
        #expect(sequel.dropped.isEmpty)
    }

    @Test mutating func `unknown and removed keys lead nowhere and take no place`() {
        var schedule = self.schedule(1)
        let key = schedule.register(self.target(7, 8), using: &self.generator)
        for bit in 0..<32 {
            let near = CancelKey(processID: 7, secret: key.secret ^ (1 << UInt32(bit)))
            #expect(self.isUnknown(schedule.request(near, ticket: 1, now: self.now)))
        }
        let other = CancelKey(processID: 6, secret: key.secret)
        #expect(self.isUnknown(schedule.request(other, ticket: 1, now: self.now)))
        #expect(schedule.runningCount == 0)
        #expect(schedule.remove(key) == [])
        #expect(self.isUnknown(schedule.request(key, ticket: 1, now: self.now)))
        #expect(schedule.count == 0)
    }

    @Test func `a secret that is taken is drawn again`() {
        struct Stuck: RandomNumberGenerator {
            var values: [UInt64]
            mutating func next() -> UInt64 { self.values.count > 1 ? self.values.removeFirst() : self.values[0] }
        }
        var schedule = self.schedule()
        var generator = Stuck(values: [5, 5, 5, 9])
        var same = Stuck(values: [5])
        let first = schedule.register(self.target(7, 1), using: &same)
        let second = schedule.register(self.target(7, 2), using: &generator)
        let third = schedule.register(self.target(8, 3), using: &same)
        #expect(first.secret != second.secret)
        #expect(first.secret == third.secret)
        #expect(self.run(schedule.request(second, ticket: 1, now: self.now))?.target.key.secret == 2)
        #expect(self.run(schedule.request(first, ticket: 2, now: self.now))?.target.key.secret == 1)
        #expect(self.run(schedule.request(third, ticket: 3, now: self.now))?.target.key.secret == 3)
    }

    @Test mutating func `only so many go at once, and the others follow in their order`() throws {
        var schedule = self.schedule(2)
        let keys = (1...5).map { schedule.register(self.target($0, 1), using: &self.generator) }
        var runs = (0..<2).compactMap { self.run(schedule.request(keys[$0], ticket: UInt64($0), now: self.now)) }
        #expect(runs.count == 2)
        for index in 2..<5 {
            #expect(self.waits(schedule.request(keys[index], ticket: UInt64(index), now: self.now)))
        }
        var order: [UInt64] = []
        while !runs.isEmpty {
            let run = runs.removeFirst()
            order += run.tickets
            runs += schedule.finish(run, now: self.now).runs
            #expect(schedule.runningCount <= 2)
        }
        #expect(order == [0, 1, 2, 3, 4])
    }

    @Test mutating func `requests for one session that wait go together`() throws {
        var schedule = self.schedule(1)
        let busy = schedule.register(self.target(1, 1), using: &self.generator)
        let key = schedule.register(self.target(2, 1), using: &self.generator)
        let first = try #require(self.run(schedule.request(busy, ticket: 1, now: self.now)))
        for ticket: UInt64 in 2...4 { #expect(self.waits(schedule.request(key, ticket: ticket, now: self.now))) }
        let second = try #require(schedule.finish(first, now: self.now).runs.first)
        #expect(second.tickets == [2, 3, 4])
        // It may have been heard already: what comes now is one more.
        for ticket: UInt64 in 5...6 { #expect(self.waits(schedule.request(key, ticket: ticket, now: self.now))) }
        #expect(schedule.finish(second, now: self.now).runs.map(\.tickets) == [[5, 6]])
    }

    @Test mutating func `a session takes what waits for it along when it ends`() throws {
        var schedule = self.schedule(1)
        let first = schedule.register(self.target(1, 1), using: &self.generator)
        let second = schedule.register(self.target(2, 1), using: &self.generator)
        let run = try #require(self.run(schedule.request(first, ticket: 1, now: self.now)))
        #expect(self.waits(schedule.request(first, ticket: 2, now: self.now)))
        #expect(self.waits(schedule.request(second, ticket: 3, now: self.now)))
        #expect(schedule.remove(second) == [3])
        #expect(schedule.remove(first) == [2])
        let sequel = schedule.finish(run, now: self.now)
        #expect(sequel.runs.isEmpty && sequel.dropped.isEmpty)
        #expect(schedule.runningCount == 0)
    }

    @Test mutating func `a request that has waited too long is dropped, for its statement is another by now`() throws {
        var schedule = self.schedule(1)
        let first = schedule.register(self.target(1, 1), using: &self.generator)
        let second = schedule.register(self.target(2, 1), using: &self.generator)
        let run = try #require(self.run(schedule.request(first, ticket: 1, now: self.now)))
        #expect(self.waits(schedule.request(second, ticket: 2, now: self.now)))
        let sequel = schedule.finish(run, now: self.now + .seconds(11))
        #expect(sequel.dropped == [2])
        #expect(sequel.runs.isEmpty)
        #expect(self.run(schedule.request(second, ticket: 3, now: self.now + .seconds(11))) != nil)
    }

    @Test func `whatever happens, each request ends once, and no session has more than one on its way`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            var schedule = self.schedule(Int.random(in: 1...4, using: &generator))
            var (keys, runs): ([CancelKey], [CancelSchedule.Run]) = ([], [])
            var (accepted, ended): ([UInt64], [UInt64]) = ([], [])
            for step: UInt64 in 0..<200 {
                switch Int.random(in: 0..<10, using: &generator) {
                case 0, 1:
                    let target = self.target(Int32.random(in: 1...3, using: &generator), 1)
                    keys.append(schedule.register(target, using: &generator))
                case 2 where !keys.isEmpty:
                    ended += schedule.remove(keys.remove(at: Int.random(in: 0..<keys.count, using: &generator)))
                case 3...6 where !keys.isEmpty:
                    let key = keys[Int.random(in: 0..<keys.count, using: &generator)]
                    let answer = schedule.request(key, ticket: step, now: self.now)
                    #expect(!self.isUnknown(answer))
                    accepted.append(step)
                    if let run = self.run(answer) { runs.append(run) }
                default:
                    guard !runs.isEmpty else { continue }
                    let run = runs.remove(at: Int.random(in: 0..<runs.count, using: &generator))
                    ended += run.tickets
                    let sequel = schedule.finish(run, now: self.now)
                    ended += sequel.dropped
                    runs += sequel.runs
                }
                #expect(schedule.runningCount == runs.count)
                #expect(runs.count <= schedule.maximumConcurrency)
                #expect(Set(runs.map(\.key)).count == runs.count)
            }
            while let run = runs.popLast() {
                ended += run.tickets
                let sequel = schedule.finish(run, now: self.now)
                ended += sequel.dropped
                runs += sequel.runs
            }
            #expect(ended.sorted() == accepted)
        }
    }
}
