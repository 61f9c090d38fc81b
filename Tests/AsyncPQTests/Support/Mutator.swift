//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// How much a test with random bytes does.
enum Fuzzing {
    /// A million inputs of each kind, where the environment has `LAKEBASE_FUZZ=full`.
    static let isFull = ProcessInfo.processInfo.environment["LAKEBASE_FUZZ"] == "full"

    /// - Parameter few: How many inputs there are otherwise, in an optimized build; a fiftieth without optimization.
    static func rounds(_ few: Int) -> Int {
        #if DEBUG
        isFull ? 1_000_000 : few / 50
        #else
        isFull ? 1_000_000 : few
        #endif
    }
}

/// Changes valid bytes at random, the same way in every run.
struct Mutator {
    private var generator: SeededGenerator

    init(seed: UInt64) { self.generator = SeededGenerator(seed: seed) }

    /// A number from 0 up to one less than `limit`, or 0.
    mutating func number(below limit: Int) -> Int {
        limit > 1 ? Int(truncatingIfNeeded: (self.generator.next() >> 16) % UInt64(limit)) : 0
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[self.number(below: elements.count)] }

    mutating func noise(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            withUnsafeBytes(of: self.generator.next()) { bytes.append(contentsOf: $0.prefix(count - bytes.count)) }
        }
        return bytes
    }

    /// What lengths, counts and numbers are at their ends.
    private static let ends: [[UInt8]] = [
        [0x7F, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFE], [0, 0, 0, 0],
        [0x40, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 2], [0x7F, 0xFF], [0x80, 0], [0xFF, 0xFF], [0, 0],
        [0, 1],
        [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0, 0, 0, 0, 0], [0xFF], [0x7F], [0x80], [0],
        [0x7F, 0xF8, 0, 0, 0, 0, 0, 0], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
    ]

    /// The bytes with one to three changes: flipped, cut off, longer, moved, or a field at its end.
    mutating func mutated(_ sample: [UInt8]) -> [UInt8] {
        var bytes = sample
        for _ in 0...self.number(below: 3) {
            let place = self.number(below: bytes.count)
            switch self.number(below: 8) {
            case 0 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(self.number(below: 8))
            case 1: bytes.removeSubrange(place...)
            case 2: bytes += self.noise(1 + self.number(below: 12))
            case 3 where !bytes.isEmpty: bytes[place] = UInt8(self.number(below: 256))
            case 4 where !bytes.isEmpty:
                let end = min(bytes.count, place + 1 + self.number(below: 8))
                bytes.removeSubrange(place..<end)
            case 5 where !bytes.isEmpty:
                let end = min(bytes.count, place + 1 + self.number(below: 24))
                bytes.insert(contentsOf: Array(bytes[place..<end]), at: self.number(below: bytes.count))
            case _:
                // Most fields begin at an even place.
                let end = self.pick(Self.ends)
                let start = self.number(below: 4) == 0 ? place : place & ~1
                bytes.replaceSubrange(start..<min(bytes.count, start + end.count), with: end)
            }
        }
        return bytes
    }
}
