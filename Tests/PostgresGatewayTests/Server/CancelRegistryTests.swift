//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Testing

@testable import PostgresGateway

struct CancelRegistryTests {
    private func target(_ processID: Int32, _ secret: UInt32) -> CancelTarget {
        CancelTarget(
            upstream: PreparedTarget(target: .unixSocket(path: "/x"), tls: nil),
            key: CancelKey(processID: processID, secret: secret)
        )
    }

    @Test func `a key leads to the upstream's own, once at a time`() {
        let registry = CancelRegistry(maximumConcurrency: 10)
        let key = registry.register(self.target(7, 8))
        #expect(key.processID == 7)
        #expect(registry.begin(key)?.key == CancelKey(processID: 7, secret: 8))
        #expect(registry.begin(key)?.key == nil)
        registry.end(key)
        #expect(registry.begin(key)?.key != nil)
    }

    @Test func `unknown and removed keys lead nowhere`() {
        let registry = CancelRegistry(maximumConcurrency: 10)
        let key = registry.register(self.target(7, 8))
        for bit in 0..<32 {
            #expect(registry.begin(CancelKey(processID: 7, secret: key.secret ^ (1 << UInt32(bit))))?.key == nil)
        }
        #expect(registry.begin(CancelKey(processID: 6, secret: key.secret))?.key == nil)
        registry.remove(key)
        #expect(registry.begin(key)?.key == nil)
        #expect(registry.count == 0)
    }

    @Test func `a secret that is taken is drawn again`() {
        struct Stuck: RandomNumberGenerator {
            var values: [UInt64]
            mutating func next() -> UInt64 { self.values.count > 1 ? self.values.removeFirst() : self.values[0] }
        }
        let registry = CancelRegistry(maximumConcurrency: 10)
        var generator = Stuck(values: [5, 5, 5, 9])
        var same = Stuck(values: [5])
        let first = registry.register(self.target(7, 1), using: &same)
        let second = registry.register(self.target(7, 2), using: &generator)
        let third = registry.register(self.target(8, 3), using: &same)
        #expect(first.secret != second.secret)
        #expect(first.secret == third.secret)
        #expect(registry.begin(second)?.key.secret == 2)
        #expect(registry.begin(first)?.key.secret == 1)
        #expect(registry.begin(third)?.key.secret == 3)
    }

    @Test func `only so many cancel requests go at once`() {
        let registry = CancelRegistry(maximumConcurrency: 2)
        let keys = (1...3).map { registry.register(self.target($0, 1)) }
        #expect(registry.begin(keys[0])?.key != nil)
        #expect(registry.begin(keys[1])?.key != nil)
        #expect(registry.begin(keys[2])?.key == nil)
        registry.end(keys[0])
        #expect(registry.begin(keys[2])?.key != nil)
    }
}
