//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Random numbers that are the same in every run (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { self.state = seed }

    package mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0..<limit.
    package mutating func next(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

    /// True in that many of a hundred cases.
    package mutating func chance(_ percent: Int) -> Bool { self.next(below: 100) < percent }
}
