//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import SQLTokens
import Testing

@Suite("Texts and names as SQL has them")
struct SQLQuotingTests {
    @Test(
        "what is plain is between plain quotes, what has a backslash is marked",
        arguments: [
            ("", "''"), ("ann", "'ann'"), ("o'hara", "'o''hara'"), (#"a\b"#, #"E'a\\b'"#), (#"\'"#, #"E'\\'''"#),
            ("caf\u{E9} \u{65}\u{301} \u{1F41D}", "'caf\u{E9} \u{65}\u{301} \u{1F41D}'"), ("a\nb\r\n", "'a\nb\r\n'"),
        ])
    func literals(text: String, literal: String) {
        #expect(SQLQuoting.literal(text).map { Array($0.utf8) } == Array(literal.utf8))
    }

    @Test("names, and what no text of PostgreSQL has")
    func names() {
        #expect(SQLQuoting.name("a\"b") == "\"a\"\"b\"" && SQLQuoting.name(#"a\b"#) == #""a\b""#)
        #expect(SQLQuoting.literal("a\0b") == nil)
        // What sends it refuses the NUL; without it, it would be another name.
        #expect(SQLQuoting.name("a\0b").utf8.contains(0))
    }

    @Test("each is one token, whatever is in it and whatever standard_conforming_strings is")
    func oneToken() {
        let parts = ["'", "\"", "\\", "$$", "--", "/*", "*/", ";", "a", "E", "\u{E9}", "\n", "\r", "u&", "\u{301}"]
        var (state, text) = (UInt64(7), "")
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if state >> 60 == 0 { text = "" }
            text += parts[Int((state >> 33) % UInt64(parts.count))]
            guard let literal = SQLQuoting.literal(text) else {
                Issue.record("\(text)")
                continue
            }
            for isStandard in [true, false] {
                let tokens = Array(SQLTokens(literal, hasStandardStrings: isStandard))
                #expect(tokens.count == 1 && tokens[0].isComplete, "\(literal)")
                guard case .text = tokens[0].kind else {
                    Issue.record("\(literal)")
                    continue
                }
                let names = Array(SQLTokens(SQLQuoting.name(text), hasStandardStrings: isStandard))
                #expect(names.map(\.kind) == [.quotedName] && names[0].isComplete, "\(text)")
            }
        }
    }
}
