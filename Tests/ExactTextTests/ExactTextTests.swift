//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Testing

@Suite("Text as its bytes")
struct ExactTextTests {
    let composed = "caf\u{E9}"
    let decomposed = "cafe\u{301}"

    @Test("tells texts of other normal forms apart, as values and as keys")
    func normalForms() {
        #expect(self.composed == self.decomposed, "this is what String does")
        #expect(ExactText(self.composed) != ExactText(self.decomposed))
        #expect(!self.composed.isExactly(self.decomposed))
        #expect([ExactText(self.composed): 1, ExactText(self.decomposed): 2].count == 2)
        #expect(Set([ExactText("a"), ExactText("a")]).count == 1)
    }

    @Test("compares texts of all lengths and their parts", arguments: [0, 1, 15, 16, 17, 300])
    func lengths(count: Int) {
        let text = String(repeating: "x", count: count)
        #expect(text.isExactly(String(repeating: "x", count: count)))
        #expect(!text.isExactly(text + "x") && !(text + "x").isExactly(text))
        #expect(!(text + "y").isExactly(text + "z"), "the last byte counts")
        #expect(("a" + text + "b").dropFirst().dropLast().isExactly(text))
        #expect(text.isExactly(("a" + text).dropFirst()))
        #expect(ExactText(text + "\u{0}") != ExactText(text))
    }

    @Test("orders by bytes")
    func order() {
        #expect(ExactText(self.decomposed) < ExactText(self.composed))
        #expect(ExactText("B") < ExactText("a"))
        #expect(ExactText("a") < ExactText("ab"))
    }

    @Test("finds beginnings, ends and parts inside of Characters")
    func parts() {
        #expect(!"/\u{301}x".hasPrefix("/"), "this is what String does")
        #expect("/\u{301}x".startsExactly(with: "/"))
        #expect(!self.composed.startsExactly(with: "cafe"))
        #expect(self.decomposed.startsExactly(with: "cafe"))
        #expect("a\r\n".endsExactly(with: "\n"))
        #expect(!"a".endsExactly(with: "ba"))
        #expect("xaab".containsExactly("ab"))
        #expect("x".containsExactly(""))
        #expect(!self.decomposed.containsExactly("\u{E9}"))
        #expect("/\u{301}x".droppingExactly(prefix: "/").map { Array($0.unicodeScalars) } == ["\u{301}", "x"])
        #expect("abc".droppingExactly(prefix: "b") == nil)
    }

    @Test("splits at bytes; lines end with LF or CRLF")
    func splitting() {
        #expect("a\r\nb".split(separator: "\n").count == 1, "this is what String does")
        #expect("a\r\nb".splitExactly(at: "\n").map { Array($0.utf8).count } == [2, 1])
        #expect("a\r\nb\n\nc".exactLines == ["a", "b", "", "c"])
        #expect("a\n".exactLines == ["a"])
        #expect("\n".exactLines == [""])
        #expect("".exactLines.isEmpty)
        #expect("a\rb\r".exactLines == ["a\rb"])
        #expect("k=\u{301}v".splitExactly(at: "=", maxSplits: 1).count == 2)
    }

    @Test("replaces bytes where replacing sees a Character that is another one")
    func replacing() {
        #expect("'\u{301}".replacing("'", with: "''").utf8.count == 3, "this is what String does")
        #expect("x'\u{301}'".replacingExactly("'", with: "''").isExactly("x''\u{301}''"))
        #expect("a\r\nb".replacingExactly("\n", with: "|").isExactly("a\r|b"))
        #expect("<<a>".replacingExactly("<", with: "&lt;") == "&lt;&lt;a>")
        #expect("aab".replacingExactly("ab", with: "") == "a")
        #expect("token\u{301}".replacingExactly("token", with: "<redacted>").isExactly("<redacted>\u{301}"))
        #expect(self.decomposed.replacingExactly("\u{E9}", with: "x").isExactly(self.decomposed))
        #expect("abc".replacingExactly("", with: "x") == "abc")
        #expect("".replacingExactly("a", with: "x").isEmpty)
    }
}
