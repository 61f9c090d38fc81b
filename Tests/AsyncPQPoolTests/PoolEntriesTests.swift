//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import AsyncPQPool

@Suite("The pool's entries")
struct PoolEntriesTests {
    @Test func `it does what a dictionary does, whatever comes in which order`() {
        var generator = SplitMix64(seed: 5)
        var entries = PoolEntries<Int, String>()
        var reference: [Int: String] = [:]
        for step in 0..<2000 {
            let id = Int.random(in: 0..<12, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                entries[id] = "\(step)"
                reference[id] = "\(step)"
            case 1:
                #expect(entries.removeValue(forKey: id) == reference.removeValue(forKey: id))
            case 2:
                entries[id] = nil
                reference[id] = nil
            default:
                if let index = entries.index(of: id) { entries[at: index] += "+" }
                if let value = reference[id] { reference[id] = value + "+" }
            }
            #expect(entries[id] == reference[id])
            #expect(entries.count == reference.count)
            #expect(Set(entries.keys) == Set(reference.keys))
        }
    }
}
