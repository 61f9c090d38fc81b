//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import LakebaseCLI

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
        #expect(Array(PlainText.of(text).utf8) == Array(plain.utf8))
    }

    @Test func `colours of ours stay, and nothing else`() {
        let text = "\u{1B}[31mred\u{1B}[0m \u{1B}[1;32mbold\u{1B}[m \u{1B}[2J \u{1B}[31 \u{1B}["
        #expect(
            PlainText.of(text, keepsColours: true)
                == "\u{1B}[31mred\u{1B}[0m \u{1B}[1;32mbold\u{1B}[m "
                + #"\u001B[2J \u001B[31 \u001B["#)
    }

    @Test func `JSON stays the same JSON`() throws {
        let value = ["k\u{202E}": "a\u{9B}\u{2028}\\\u{202E}\"\u{7F}\r\n"]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .prettyPrinted
        let text = String(decoding: try encoder.encode(value), as: UTF8.self)
        #expect(PlainText.of(text) != text)
        #expect(try JSONDecoder().decode([String: String].self, from: Data(PlainText.of(text).utf8)) == value)
    }
}
