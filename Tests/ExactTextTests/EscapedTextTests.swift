//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Testing

@Suite("Text from outside in a log")
struct EscapedTextTests {
    @Test("leaves ordinary text as it is", arguments: ["", "ada@example.com", "a b=c", "caf\u{E9} 数据 😀", "O'Neill"])
    func ordinary(_ text: String) {
        #expect(text.escapedForLog().isExactly(text))
    }

    @Test(
        "shows what ends a line, moves the cursor, turns the direction or cannot be seen",
        arguments: [
            ("a\nb", #"a\nb"#), ("a\r\nb", #"a\r\nb"#), ("\t", #"\t"#), ("\u{1B}[2J", #"\u{1B}[2J"#), ("\0", #"\u{0}"#),
            ("\u{7F}", #"\u{7F}"#), ("\u{9B}31m", #"\u{9B}31m"#), ("\u{85}", #"\u{85}"#), ("\u{2028}", #"\u{2028}"#),
            ("\u{2029}", #"\u{2029}"#), ("\u{202E}x", #"\u{202E}x"#), ("\u{2066}", #"\u{2066}"#),
            ("\u{61C}", #"\u{61C}"#), ("\u{200B}", #"\u{200B}"#), ("\u{FEFF}", #"\u{FEFF}"#), ("\u{A0}", #"\u{A0}"#),
            ("\u{E0041}", #"\u{E0041}"#), ("\u{3164}", #"\u{3164}"#), ("\u{E000}", #"\u{E000}"#),
            (#"\n"#, #"\\n"#), (#"a"b"#, #"a\"b"#),
        ]
    )
    func effects(_ text: String, _ escaped: String) {
        #expect(text.escapedForLog().isExactly(escaped))
    }

    @Test("shows bytes that are not UTF-8 one by one")
    func invalid() {
        #expect([0x63, 0xE9].escapedForLog() == #"c\xE9"#)
        #expect([0xC0, 0x8A].escapedForLog() == #"\xC0\x8A"#, "an overlong line feed is none")
        #expect([0xED, 0xA0, 0x80, 0x0A].escapedForLog() == #"\xED\xA0\x80\n"#)
        #expect([0xF0, 0x9F, 0x98].escapedForLog() == #"\xF0\x9F\x98"#)
    }

    @Test("cuts between characters and tells the size of the whole")
    func cut() {
        let long = String(repeating: "x", count: 10_000)
        #expect(long.escapedForLog() == String(repeating: "x", count: 128) + "…(10000 bytes)")
        #expect("abcd".escapedForLog(limit: 4) == "abcd")
        #expect("abcde".escapedForLog(limit: 4) == "abcd…(5 bytes)")
        #expect("abc\u{E9}e".escapedForLog(limit: 4) == "abc…(6 bytes)")
        #expect("a😀e".escapedForLog(limit: 4) == "a…(6 bytes)")
        #expect("a😀e".escapedForLog(limit: 5) == "a😀…(6 bytes)")
        #expect([0x61, 0x80, 0x80, 0x80, 0x80].escapedForLog(limit: 3) == #"a\x80\x80…(5 bytes)"#)
        #expect("abc".escapedForLog(limit: -1) == "…(3 bytes)")
    }

    @Test("whatever the bytes, the text is one line of plain characters")
    func anything() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in UInt8.random(in: 0...255) }
            let text = bytes.escapedForLog(limit: 24)
            let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
            #expect(isPlain, "\(bytes)")
            #expect(text.utf8.count <= 24 * 8 + 16)
        }
    }
}
