//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import Lakebase

@Suite("The text of a statement as it is shown")
struct StatementTextTests {
    @Test(arguments: [
        ("SELECT id FROM notes WHERE author = $1", "SELECT id FROM notes WHERE author = $1"),
        ("SELECT  1,\n\t'x'", "SELECT ?, ?"),
        ("SELECT 'it''s', E'a\\'b', $$q$$, $t$a$$b$t$", "SELECT ?, ?, ?, ?"),
        ("SELECT B'01', x'1F', N'n', U&'\\0061'", "SELECT ?, ?, ?, ?"),
        ("SELECT 1.5e-3, .5, 0x1F, 1_000", "SELECT ?, ?, ?, ?"),
        ("SELECT 'a' -- it's\r, 'b'", "SELECT ? , ?"), ("SELECT 'secret'\n 'secret', n.a", "SELECT ?, n.a"),
        ("SELECT a$$ FROM t WHERE b = $$secret$$", "SELECT a?"),
        ("SELECT U&\"d\\0061\", 1secret", "SELECT U&\"d\\0061\", ?"),
        ("SELECT t1.a2 FROM \"Table '1'\" t1", "SELECT t1.a2 FROM \"Table '1'\" t1"),
        ("SELECT DATE'2020-01-01'", "SELECT DATE?"),
        ("SELECT 1 -- secret\n, 2 /* secret /* more */ secret */, 3", "SELECT ? , ? , ?"),
        ("  SELECT $1::text  ", "SELECT $1::text"),
        ("SELECT 'never closed", "SELECT ?"),
        ("SELECT $x$never closed", "SELECT ?"),
        ("SELECT /* never closed", "SELECT"),
        ("", ""),
    ])
    func `literals become question marks and comments go`(sql: String, shown: String) {
        #expect(StatementText.shown(sql) == shown)
    }

    @Test func `where the end of a literal depends on the server, nothing more is shown`() {
        #expect(StatementText.shown(#"SELECT 'C:\' AS a, 'secret'"#) == "SELECT ?")
        #expect(StatementText.shown(#"SELECT 'a\'secret', 1"#) == "SELECT ?")
    }

    @Test func `a long text is cut`() {
        let text = StatementText.shown("SELECT " + String(repeating: "a, ", count: 10_000))
        #expect(text.utf8.count <= StatementText.limit + 1 && text.hasPrefix("SELECT a, a"))
    }

    @Test func `no literal gets through, however it is put`() {
        var random = SplitMix64(seed: 11)
        let literals = [
            "'secret'", "'it''s secret'", "E'\\'secret\\\\'", "$$secret$$", "$a$secret $$ secret$a$", "'-- secret'",
            "'/* secret'", "U&'secret'", "-- secret\n", "/* secret ' */", "'\"secret'", "'$$ secret'",
        ]
        let between = [" ", ", ", "(", ")", "||", "\"name\"", "$1", " AS a ", "::text", "\n"]
        for _ in 0..<3000 {
            var sql = "SELECT "
            for _ in 0..<5 {
                sql += literals.randomElement(using: &random) ?? ""
                sql += between.randomElement(using: &random) ?? ""
            }
            #expect(!StatementText.shown(sql).contains("secret"), "\(sql)")
        }
    }
}
