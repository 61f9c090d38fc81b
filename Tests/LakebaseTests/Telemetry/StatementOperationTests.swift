//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import Lakebase

@Suite("The operation of a statement")
struct StatementOperationTests {
    @Test(arguments: [
        ("SELECT 1", "SELECT"), ("select 1", "SELECT"), ("SeLeCt(1)", "SELECT"), ("SELECT", "SELECT"),
        ("  \n\tINSERT INTO t VALUES (1)", "INSERT"), ("-- a note\nUPDATE t SET a = 1", "UPDATE"),
        ("/* a /* nested */ note */DELETE FROM t", "DELETE"), ("((SELECT 1))", "SELECT"),
        ("WITH a AS (SELECT 1) DELETE FROM t", "WITH"), ("ROLLBACK TO SAVEPOINT a", "ROLLBACK"),
        ("commit;", "COMMIT"), ("DEALLOCATE ALL", "DEALLOCATE"), ("Checkpoint", "CHECKPOINT"), ("do $$x$$", "DO"),
        ("-- a note\rUPDATE t SET a = 1", "UPDATE"), ("/*/ a note */ INSERT INTO t", "INSERT"),
    ])
    func `it is the first keyword`(sql: String, name: String) {
        #expect(StatementOperation(sql: sql).name == name)
    }

    @Test(arguments: [
        "", "   ", "-- only a note", "/* never closed", "SELECTED", "SELECT1", "SELECT_", "SELECTÉ", "secret",
        "'secret'", "$1", "1", "élan", "batch", "secretsecretsecretsecret", "/", "-", "\0", "do$$x$$",
    ])
    func `what is no keyword has no name`(sql: String) {
        #expect(StatementOperation(sql: sql) == .other)
        #expect(StatementOperation(sql: sql).name == nil)
    }

    @Test func `every keyword is found by its name, in any case`() {
        let names = StatementOperation.names.prefix(StatementOperation.batch.index)
        for (index, name) in names.enumerated() {
            #expect(StatementOperation(sql: name).index == index)
            #expect(StatementOperation(sql: name.lowercased() + " x").index == index)
            #expect(StatementOperation(sql: name + "X") == .other)
        }
        #expect(names.count == 52 && Set(names).count == 52)
        #expect(StatementOperation.batch.name == "BATCH")
    }

    @Test func `whatever the text is, the name is one of the list`() {
        var random = SplitMix64(seed: 7)
        let pieces = ["SELECT", "secret", " ", "(", "--", "\n", "/*", "*/", "'", "é", "1", "_", "$$", "do"]
        for _ in 0..<2000 {
            let sql = (0..<6).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let name = StatementOperation(sql: sql).name
            #expect(name.map { ["SELECT", "DO"].contains($0) } ?? true, "\(sql)")
        }
    }
}
