//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import LakebaseLocal

@Suite("Login code") struct LoginCodeTests {
    private let now = Date(timeIntervalSince1970: 1_000_000)

    @Test func `a right code counts once, however it is spaced`() {
        var code = LoginCode(Secret("ABCD-EFGH"), now: self.now)
        #expect(code.judge(Secret(" abcd efgh"), next: Secret("NEXT-CODE"), now: self.now) == .right)
        #expect(code.current == Secret("NEXT-CODE"))
        #expect(code.judge(Secret("ABCD-EFGH"), next: Secret("X"), now: self.now) == .wrong)
    }

    @Test func `the right code counts at once, however many wrong tries there were`() {
        var code = LoginCode(Secret("ABCD-EFGH-JKLM"), now: self.now)
        for _ in 0..<5 {
            #expect(code.judge(Secret("AAAA-AAAA-AAAA"), next: Secret("X"), now: self.now) == .wrong)
        }
        for _ in 0..<10_000 {
            #expect(code.judge(Secret("AAAA-AAAA-AAAA"), next: Secret("X"), now: self.now) == .tooMany(2))
        }
        // A clock that goes back gives nothing.
        #expect(
            code.judge(Secret("AAAA-AAAA-AAAA"), next: Secret("X"), now: self.now.addingTimeInterval(-100))
                == .tooMany(2))
        // No wrong try has made another code of it, which the owner would have to look up again.
        #expect(code.current == Secret("ABCD-EFGH-JKLM"))
        #expect(code.judge(Secret("ABCD-EFGH-JKLM"), next: Secret("NEXT"), now: self.now) == .right)
        #expect(code.current == Secret("NEXT"))
    }

    @Test func `wrong tries are told to wait: one in two seconds is not too many`() {
        var code = LoginCode(Secret("ABCD-EFGH-JKLM"), now: self.now)
        var looked = 0
        for step in 0..<36_000 {
            let verdict = code.judge(
                Secret("AAAA-AAAA-AAAA"), next: Secret("N"), now: self.now.addingTimeInterval(Double(step) / 10))
            if verdict == .wrong { looked += 1 }
            #expect(verdict != .right)
        }
        #expect((1_790...1_810).contains(looked))
    }

    /// All that a limit of tries would do is done by the number of codes, and nobody can turn that against the owner.
    @Test func `ten thousand guesses a second for a year have not one chance in a million`() {
        let codes = (0..<LoginCode.length).reduce(1.0) { product, _ in product * 32 }
        let guesses = 10_000.0 * 86_400 * 366
        #expect(guesses / codes < 1e-6)
    }

    @Test func `codes differ, and have letters that nobody mixes up`() throws {
        let codes = try (0..<200).map { _ in
            let text = LoginCode.make().withUnsafeValue { $0 }
            _ = try #require(text.wholeMatch(of: /([A-HJ-NP-Z2-9]{4}-){2}[A-HJ-NP-Z2-9]{4}/))
            return text
        }
        #expect(Set(codes).count == 200)
    }

    @Test func `nothing and anything else is not the code`() {
        for typed in ["", "-", "ABCD-EFG", "ABCD-EFGHI", "\u{FF21}BCD-EFGH", String(repeating: "A", count: 100_000)] {
            var code = LoginCode(Secret("ABCD-EFGH"), now: self.now)
            #expect(code.judge(Secret(typed), next: Secret("N"), now: self.now) == .wrong)
        }
    }
}
