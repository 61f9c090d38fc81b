//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

/// The code that a person types on the login page, and the tries at it, as a value: it has no clock and no chance of its own.
///
/// Anybody may reach the page. The code is where only the owner can read it, so it tells the owner from the others.
struct LoginCode: Sendable {
    /// How many wrong tries a code survives.
    static let tries = 5
    /// How many tries there may be in a row, and how many seconds it takes until there is one more.
    static let burst = 5.0, pause: TimeInterval = 2

    enum Verdict: Equatable, Sendable {
        case right
        case wrong
        /// Too many tries; seconds until the next is looked at.
        case wait(Int)
    }

    /// The code now.
    private(set) var current: Secret
    private var wrong = 0
    private var left = Self.burst
    private var looked: Date

    init(_ code: Secret, now: Date) {
        self.current = code
        self.looked = now
    }

    /// Judges what was typed; a right one, and the last of several wrong ones, makes `next` the code.
    mutating func judge(_ typed: Secret, next: Secret, now: Date) -> Verdict {
        // A clock that is set back gives no tries.
        self.left = min(Self.burst, self.left + max(0, now.timeIntervalSince(self.looked)) / Self.pause)
        self.looked = now
        guard self.left >= 1 else { return .wait(max(1, Int(((1 - self.left) * Self.pause).rounded(.up)))) }
        if Self.normal(typed) == Self.normal(self.current) {
            self.renew(next)
            // A try that was right is none: otherwise the owner would wait for the own logins.
            return .right
        }
        self.left -= 1
        self.wrong += 1
        if self.wrong >= Self.tries { self.renew(next) }
        return .wrong
    }

    private mutating func renew(_ next: Secret) {
        self.current = next
        self.wrong = 0
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

    /// A new code of forty random bits.
    static func make() -> Secret {
        var generator = SystemRandomNumberGenerator()
        let letters = (0..<8).map { _ in Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &generator)] }
        return Secret(String(decoding: letters.prefix(4) + [UInt8(ascii: "-")] + letters.suffix(4), as: UTF8.self))
    }
}
