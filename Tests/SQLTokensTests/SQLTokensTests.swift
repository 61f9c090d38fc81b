//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import SQLTokens
import TestSupport
import Testing

@Suite("The tokens of SQL")
struct SQLTokensTests {
    /// The tokens without what is ignored.
    private func tokens(_ sql: String, hasStandardStrings: Bool = true) -> [String] {
        let tokens = SQLTokens(sql, hasStandardStrings: hasStandardStrings)
        return tokens.filter { !$0.isIgnored }.map { tokens.text(of: $0) }
    }

    private func kinds(_ sql: String) -> [SQLToken.Kind] { SQLTokens(sql).map(\.kind).filter { $0 != .whitespace } }

    @Test("a comment ends at a line feed or a carriage return, as for the server")
    func comments() {
        #expect(self.tokens("SELECT 1 -- a\rFROM t") == ["SELECT", "1", "FROM", "t"])
        #expect(self.tokens("SELECT 1 -- a\r\nFROM t") == ["SELECT", "1", "FROM", "t"])
        #expect(self.tokens("SELECT 1 -- a\u{85}b\u{2028}c") == ["SELECT", "1"])
        #expect(self.tokens("1 /* a /* b */ c */ 2") == ["1", "2"])
        #expect(self.tokens("1 /*/ a */ 2") == ["1", "2"])
        #expect(self.tokens("1 /* **/ 2") == ["1", "2"])
        #expect(SQLTokens("/* /* */").map(\.isComplete) == [false])
    }

    @Test("quotes of each kind end where the server ends them")
    func quotes() {
        #expect(
            self.tokens(#"'a''b' 'c\' "d""e" E'f\'g' e'\\'"#) == [
                "'a''b'", #"'c\'"#, #""d""e""#, #"E'f\'g'"#, #"e'\\'"#,
            ])
        #expect(self.tokens(#"'c\' ' x"#, hasStandardStrings: false) == [#"'c\' '"#, "x"])
        #expect(
            self.tokens("N'a' n'b' U&'c' u&\"d\" B'0' x'F'") == [
                "N", "'a'", "n", "'b'", "U&'c'", "u&\"d\"", "B'0'", "x'F'",
            ])
        #expect(self.tokens("U& 'c' u&d") == ["U", "&", "'c'", "u", "&", "d"])
        #expect(self.tokens("B'0''1'") == ["B'0'", "'1'"])
        #expect(self.tokens("abe'c'") == ["abe", "'c'"])
        #expect(self.tokens("caf\u{E9}'c' \u{E9}$$") == ["caf\u{E9}", "'c'", "\u{E9}$$"])
        for open in ["'a", "\"a", "$$a", "$a$ $b$", "E'\\'", "E'\\", "U&'", "B'0", "$a$ $a"] {
            #expect(SQLTokens(open).map(\.isComplete) == [false], "\(open)")
        }
    }

    @Test("a text goes on behind a line's end, and nowhere else")
    func continuations() {
        #expect(self.tokens("'a'\n'b'") == ["'a'\n'b'"])
        #expect(self.tokens("'a' \r\t'b' 'c'") == ["'a' \r\t'b'", "'c'"])
        #expect(self.tokens("'a' -- x ' y\n -- z\r 'b;'") == ["'a' -- x ' y\n -- z\r 'b;'"])
        #expect(self.tokens("'a' 'b'") == ["'a'", "'b'"])
        #expect(self.tokens("'a' /*\n*/ 'b'") == ["'a'", "'b'"])
        #expect(self.tokens("'a'\n- 'b'") == ["'a'", "-", "'b'"])
        #expect(self.tokens("E'a'\n'\\''") == ["E'a'\n'\\''"])
        #expect(self.tokens("'a'\n'\\'';") == ["'a'\n'\\'';"])
    }

    @Test("dollar quotes have tags, parameters have digits, and names swallow dollar signs")
    func dollars() {
        #expect(self.tokens("$$a$b$$ $a$ $$ $ab$ $A$ $a$x") == ["$$a$b$$", "$a$ $$ $ab$ $A$ $a$", "x"])
        #expect(self.tokens("$a$x$b$a$") == ["$a$x$b$a$"])
        #expect(self.tokens("$\u{E9}$'$\u{E9}$") == ["$\u{E9}$'$\u{E9}$"])
        #expect(self.tokens("a$b$ $1$2 $1a") == ["a$b$", "$1", "$2", "$1a"])
        #expect(self.tokens("$1$$;$$") == ["$1", "$$;$$"])
        #expect(self.tokens("$a $ b") == ["$", "a", "$", "b"])
        #expect(self.kinds("$1$ $1a $a") == [.parameter, .stray, .junk, .stray, .word])
    }

    @Test("operators end where a comment begins, and before signs")
    func operators() {
        #expect(self.tokens("1+--x\n2") == ["1", "+", "2"])
        #expect(self.tokens("a*/*x*/b") == ["a", "*", "b"])
        #expect(
            self.tokens("a=-1 a@-1 a<>+-1 ++ @+-") == [
                "a", "=", "-", "1", "a", "@-", "1", "a", "<>", "+", "-", "1", "+", "+", "@+-",
            ])
        #expect(self.tokens("a::b:=c..d:e") == ["a", "::", "b", ":=", "c", "..", "d", ":", "e"])
        #expect(self.tokens("a->>'b' #- c") == ["a", "->>", "'b'", "#-", "c"])
        #expect(self.tokens("@--x") == ["@"])
    }

    @Test("numbers end where the server ends them, and swallow letters")
    func numbers() {
        #expect(
            self.tokens("1..2 1.5.6 .5 1.e5 1_000.0_1 1e+5 0x_1F 0b01 0o17") == [
                "1", "..", "2", "1.5", ".6", ".5", "1.e5", "1_000.0_1", "1e+5", "0x_1F", "0b01", "0o17",
            ])
        for junk in ["1a", "1e", "1e+", "1.5e", "1_", "1__0", "0x", "0x1g", "0b12", "0o8", "1.a$1", "0x1$"] {
            #expect(self.kinds(junk) == [.junk], "\(junk)")
        }
        #expect(self.kinds("1$1 1+1") == [.number, .parameter, .number, .symbol, .number])
    }

    @Test("words are compared without case, as the server folds them")
    func words() {
        let tokens = SQLTokens("BEGIN \"begin\" \u{212A} begins")
        #expect(tokens.map { tokens.isWord($0, "begin") } == [true, false, false, false, false, false, false])
        #expect(!tokens.contains { tokens.isWord($0, "k") })
    }

    @Test("placeholders are found hidden in a text, a comment, a name, a longer number")
    func placeholders() throws {
        func hidden(_ sql: String) throws -> SQLTokens.Hidden? {
            let bytes = Array(sql.utf8)
            let start = try #require(bytes.indices.first { bytes[$0...].starts(with: "$1".utf8) })
            return SQLTokens.firstHidden([start..<start + 2], in: sql)
        }
        for sql in ["SELECT $1", "'a'||$1", "($1)", "x=$1;", "$1::int", "'a' --'\n$1", "a[$1]", "$1,$2"] {
            #expect(try hidden(sql) == nil, "\(sql)")
        }
        for (sql, kind) in [
            ("'item-$1'", SQLToken.Kind.text(.standard)), ("E'\\'$1'", .text(.escapes)), ("\"$1\"", .quotedName),
            ("-- $1", .lineComment),
            ("/* $1 */", .blockComment), ("$a$ $1 $a$", .text(.dollars)), ("a$1", .word), ("$10", .parameter),
            ("$1a", .junk),
            ("'a'\n'$1'", .text(.standard)),
        ] {
            #expect(try hidden(sql)?.token?.kind == kind, "\(sql)")
        }
        let second = try #require(SQLTokens.firstHidden([0..<2, 4..<6], in: "$1 '$2'"))
        #expect(second.index == 1)
        #expect(second.token?.range == 3..<7)
        let behind = try #require(SQLTokens.firstHidden([9..<11], in: "$1"))
        #expect(behind.index == 0)
        #expect(behind.token == nil)
        #expect(SQLTokens.firstHidden([], in: "'") == nil)
    }

    @Test("any bytes have tokens without a gap", arguments: 0..<8)
    func noise(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let alphabet = Array("'\"$-/*\\;()[].:,eEbBxXuUnN&_019\n\r\t +<>=@a".utf8) + [0, 0x0B, 0x80, 0xC3, 0xFF]
        for _ in 0..<500 {
            let bytes = (0..<Int(random.next() % 60)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
            for isStandard in [true, false] {
                var end = 0
                for token in SQLTokens(bytes: bytes, hasStandardStrings: isStandard) {
                    #expect(token.range.lowerBound == end && !token.range.isEmpty)
                    end = token.range.upperBound
                }
                #expect(end == bytes.count)
            }
        }
    }

    @Test("the time is proportional to the length, whatever is repeated")
    func time() {
        for piece in [
            "+", "@+-", "'a'\n", "'a' --x\n", "$a", "$a$", "/*", "*/", "1_", "a$", "'", "E'\\", "(", "-- x\r", "U&'",
            "0x", "$1",
        ] {
            func seconds(_ count: Int) -> Double {
                let bytes = Array(String(repeating: piece, count: count).utf8)
                return processorTime { for _ in SQLTokens(bytes: bytes) {} }
            }
            // Sixteen times the length takes 256 times the time where one is proportional to the other's square.
            func fastest(_ count: Int) -> Double { (0..<3).map { _ in seconds(count) }.min() ?? 0 }
            let (short, long) = (fastest(4_000), fastest(64_000))
            #expect(long < short * 100 + 0.05, "\(piece): \(short), \(long)")
        }
    }

    @Test("a megabyte takes a small multiple of a plain loop over its bytes")
    func cost() {
        let statement = "INSERT INTO notes (id, \"Title\", body) VALUES ($1, 'it''s here', E'a\\nb'); -- every 5 s\n"
        let bytes = Array(String(repeating: statement, count: 1_000_000 / statement.utf8.count).utf8)
        var (sum, tokens) = (UInt64(0), 0)
        var (plain, scanned) = ([Double](), [Double]())
        // In turns, so that a machine that becomes slower does so for both.
        for _ in 0..<3 {
            plain.append(
                processorTime {
                    var index = 0
                    while index < bytes.count {
                        // Each step needs the one before, so that an optimized build cannot do many bytes at once.
                        sum = (sum ^ UInt64(bytes[index])) &* 0x100_0000_01B3
                        index += 1
                    }
                })
            scanned.append(processorTime { for _ in SQLTokens(bytes: bytes) { tokens += 1 } })
        }
        // What was computed is used, or it would not be computed.
        #expect(sum != 0 && tokens > 0)
        func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }
        let times = "\(plain), \(scanned)"
        // A debug build calls a function for each comparison with a letter, and so needs a larger multiple than an optimized one.
        #expect(median(scanned) < median(plain) * 40, "\(times)")
    }
}
