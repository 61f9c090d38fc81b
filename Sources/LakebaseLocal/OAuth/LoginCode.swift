//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

/// The code that a person types on the login page, and the tries at it, as a value: it has no clock and no chance of its own.
///
/// Anybody may reach the page. The code is where only the owner can read it, so it tells the owner from the others. It has so many random bits
/// that it needs no limit of tries: a limit would be the means by which others keep the owner out.
struct LoginCode: Sendable {
    /// How many letters a code has, each with five random bits: who tries ten thousand a second, for a year, has not one chance in a million.
    static let length = 12
    /// How many wrong tries there may be in a row until they are called too many, and how many seconds it takes until there is one more.
    static let burst = 5.0, pause: TimeInterval = 2

    enum Verdict: Equatable, Sendable {
        case right
        case wrong
        /// Wrong, as many were before; seconds until it may be tried again.
        case tooMany(Int)
    }

    /// The code now.
    private(set) var current: Secret
    private var left = Self.burst
    private var looked: Date

    init(_ code: Secret, now: Date) {
        self.current = code
        self.looked = now
    }

    /// Judges what was typed, the right one first, whatever was tried before; a right one makes `next` the code.
    mutating func judge(_ typed: Secret, next: Secret, now: Date) -> Verdict {
        if Self.normal(typed) == Self.normal(self.current) {
            self.current = next
            return .right
        }
        // A clock that is set back gives no tries.
        self.left = min(Self.burst, self.left + max(0, now.timeIntervalSince(self.looked)) / Self.pause)
        self.looked = now
        guard self.left >= 1 else { return .tooMany(max(1, Int(((1 - self.left) * Self.pause).rounded(.up)))) }
        self.left -= 1
        return .wrong
    }

    /// As it is compared: in upper case, without what is between the groups.
    private static func normal(_ code: Secret) -> Secret {
        code.withUnsafeValue { text in
            Secret(
                String(
                    decoding: text.utf8.prefix(256).filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
                        .map { (97...122).contains($0) ? $0 - 32 : $0 }, as: UTF8.self))
        }
    }

    /// Letters and digits that nobody mixes up; 32, so that each has five random bits.
    private static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789".utf8)

    /// A new code of sixty random bits, in groups of four.
    static func make() -> Secret {
        var generator = SystemRandomNumberGenerator()
        var code: [UInt8] = []
        for place in 0..<Self.length {
            if place > 0, place.isMultiple(of: 4) { code.append(UInt8(ascii: "-")) }
            code.append(Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &generator)])
        }
        return Secret(String(decoding: code, as: UTF8.self))
    }
}
