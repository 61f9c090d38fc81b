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

    @Test func `five wrong tries make another code, and the next ones have to wait`() {
        var code = LoginCode(Secret("ABCD-EFGH"), now: self.now)
        for _ in 0..<5 { #expect(code.judge(Secret("AAAA-AAAA"), next: Secret("SECO-NDXX"), now: self.now) == .wrong) }
        #expect(code.current == Secret("SECO-NDXX"))
        #expect(code.judge(Secret("SECO-NDXX"), next: Secret("X"), now: self.now) == .wait(2))
        // A clock that goes back gives nothing.
        #expect(code.judge(Secret("SECO-NDXX"), next: Secret("X"), now: self.now.addingTimeInterval(-100)) == .wait(2))
        #expect(code.judge(Secret("SECO-NDXX"), next: Secret("X"), now: self.now.addingTimeInterval(-98)) == .right)
    }

    @Test func `in an hour a guesser has eighteen hundred tries of a million millions`() {
        var code = LoginCode(Secret("ABCD-EFGH"), now: self.now)
        var looked = 0
        for step in 0..<36_000 {
            let verdict = code.judge(
                Secret("AAAA-AAAA"), next: Secret("N-\(step)"), now: self.now.addingTimeInterval(Double(step) / 10))
            if verdict == .wrong { looked += 1 }
            #expect(verdict != .right)
        }
        #expect((1_790...1_810).contains(looked))
    }

    @Test func `codes differ, and have letters that nobody mixes up`() throws {
        let codes = try (0..<200).map { _ in
            let text = LoginCode.make().withUnsafeValue { $0 }
            _ = try #require(text.wholeMatch(of: /[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}/))
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
