//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

/// The code that a user types on the login page, and the attempts, as a value without a clock or randomness.
///
/// Anybody may reach the page. The code is where only the owner can read it, so it tells the owner from the others. It
/// has so many random bits that it needs no limit of tries: a limit would be the means by which others keep the owner
/// out.
struct LoginCode: Sendable {
    /// The number of letters of a code, each with five random bits: ten thousand attempts a second for a year have less
    /// than one chance in a million.
    static let length = 12
    /// The number of wrong attempts in a row before further ones have to wait, and the seconds until another one is
    /// allowed.
    static let burst = 5.0, pause: TimeInterval = 2

    enum Verdict: Equatable, Sendable {
        case right
        case wrong
        /// Wrong, after many wrong attempts; the seconds until the next attempt.
        case tooMany(Int)
    }

    /// The current code.
    private(set) var current: Secret
    private var left = Self.burst
    private var looked: Date

    init(_ code: Secret, now: Date) {
        self.current = code
        self.looked = now
    }

    /// Checks what was typed; the right code is always accepted, and makes `next` the current code.
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

    /// The code as it is compared: in upper case, without the separators.
    private static func normal(_ code: Secret) -> Secret {
        code.withUnsafeValue { text in
            Secret(
                String(
                    decoding: text.utf8.prefix(256).filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
                        .map { (97...122).contains($0) ? $0 - 32 : $0 }, as: UTF8.self))
        }
    }

    /// Letters and digits that are not easily confused; 32, so that each has five random bits.
    private static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789".utf8)

    /// Creates a code of sixty random bits, in groups of four.
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
