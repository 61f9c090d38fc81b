//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import Testing

@Suite("Text from elsewhere on a terminal")
struct PlainTextTests {
    @Test(
        arguments: [
            ("plain, \u{E9}\u{301} and \u{1F600}\n\tsecond", "plain, \u{E9}\u{301} and \u{1F600}\n\tsecond"),
            ("a\u{1B}[2J\u{1B}]0;title\u{7}b", #"a\u001B[2J\u001B]0;title\u0007b"#),
            ("over\rwritten\r\n", #"over\u000Dwritten\u000D"# + "\n"),
            ("\u{0}\u{7F}\u{9B}31m", #"\u0000\u007F\u009B31m"#),
            ("a\u{202E}b\u{2066}c\u{200F}d\u{2028}e", #"a\u202Eb\u2066c\u200Fd\u2028e"#),
            ("red \u{1B}[31mname\u{1B}[0m", #"red \u001B[31mname\u001B[0m"#),
        ])
    func `what a terminal obeys is shown`(text: String, plain: String) {
        #expect(Array(PlainText.onTerminal(text).utf8) == Array(plain.utf8))
    }

    @Test(
        arguments: [
            ("plain\tand \u{1F600}", "plain\tand \u{1F600}"),
            ("a\u{1B}[1;31mb\u{1B}[0m\tc\u{7}d", #"ab"# + "\t" + #"c\u{7}d"#),
            ("a\u{1B}]0;t\u{7}\u{E9}\u{9B}x", #"a\u{1B}]0;t\u{7}"# + "\u{E9}" + #"\u{9B}x"#),
            ("one\ntwo\r", #"one\u{A}two\u{D}"#), ("\u{1B}", #"\u{1B}"#), ("\u{1B}[", #"\u{1B}["#),
            ("\u{202E}", #"\u{202E}"#),
        ])
    func `a line of a log loses its colours and shows the rest`(line: String, shown: String) {
        #expect(Array(PlainText.inLog(line).utf8) == Array(shown.utf8))
    }

    @Test func `colours of ours stay, and nothing else`() {
        let text = "\u{1B}[31mred\u{1B}[0m \u{1B}[1;32mbold\u{1B}[m \u{1B}[2J \u{1B}[31 \u{1B}["
        #expect(
            PlainText.onTerminal(text, keepsColours: true)
                == "\u{1B}[31mred\u{1B}[0m \u{1B}[1;32mbold\u{1B}[m "
                + #"\u001B[2J \u001B[31 \u001B["#)
    }

    @Test func `JSON stays the same JSON`() throws {
        let value = ["k\u{202E}": "a\u{9B}\u{2028}\\\u{202E}\"\u{7F}\r\n"]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .prettyPrinted
        let text = String(decoding: try encoder.encode(value), as: UTF8.self)
        #expect(PlainText.onTerminal(text) != text)
        #expect(try JSONDecoder().decode([String: String].self, from: Data(PlainText.onTerminal(text).utf8)) == value)
    }
}
