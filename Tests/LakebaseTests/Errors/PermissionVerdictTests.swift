//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import Lakebase

@Suite("Missing privileges, from facts")
struct PermissionVerdictTests {
    private func facts(_ query: String, _ message: String = "") -> PermissionDiagnosis {
        PermissionDiagnosis(
            role: "app", searchPath: "\"my shop\", public", database: .init(name: "d", owner: "ann"),
            names: StatementNames(query: query, message: message))
    }

    private func table(
        _ name: String, in schema: String = "shop", _ privileges: Set<String> = []
    ) -> PermissionDiagnosis.Relation {
        .init(schema: schema, name: name, owner: "ann", privileges: privileges)
    }

    @Test(arguments: [
        ("SELECT a FROM t", "SELECT"), ("INSERT INTO t VALUES (1)", "INSERT"),
        ("INSERT INTO t VALUES (1) RETURNING a", "INSERT, SELECT"), ("UPDATE ONLY shop.t SET a = 1", "UPDATE"),
        ("DELETE FROM t WHERE a = 1", "DELETE, SELECT"), ("TRUNCATE t", "TRUNCATE"),
        ("SELECT a FROM t FOR UPDATE", "SELECT, UPDATE"), ("WITH x AS (SELECT 1) DELETE FROM t", "DELETE"),
        ("DO 'x t'; t", "SELECT, INSERT, UPDATE, DELETE"),
    ])
    func `what a statement needs on a table`(query: String, needed: String) {
        var facts = self.facts(query)
        facts.relations = [self.table("t")]
        let verdict = facts.permissionVerdict(message: "permission denied for table t")
        #expect(verdict.problem == .tablePrivilegeMissing)
        #expect(verdict.command == "GRANT \(needed) ON TABLE \"shop\".\"t\" TO \"app\";")
        #expect(verdict.requiredRole?.contains("\"ann\"") == true)
    }

    @Test func `what is only read needs no more than SELECT, and the named table goes first`() {
        var facts = self.facts("INSERT INTO a SELECT * FROM b")
        facts.relations = [self.table("a"), self.table("b")]
        let verdict = facts.permissionVerdict(message: "permission denied for table b")
        #expect(verdict.command == "GRANT SELECT ON TABLE \"shop\".\"b\" TO \"app\";")
        #expect(verdict.evidence.contains { $0 == "also: \"app\" lacks INSERT on \"shop\".\"a\"" })
    }

    @Test func `the words of the message need not be English`() {
        var facts = self.facts("SELECT a FROM t", "keine Berechtigung für Tabelle t")
        facts.relations = [self.table("t")]
        let verdict = facts.permissionVerdict(message: "keine Berechtigung für Tabelle t")
        #expect(verdict.problem == .tablePrivilegeMissing && verdict.isEstablished)
    }

    @Test func `of two tables of a name the one in a named schema is meant, else the visible one`() {
        var hidden = self.table("t", in: "other", ["SELECT"])
        hidden.isVisible = false
        for (query, schema) in [("SELECT FROM other.t", "other"), ("SELECT FROM t", "shop")] {
            var facts = self.facts(query)
            facts.relations = [hidden, self.table("t")]
            #expect(facts.meant.map(\.schema) == [schema])
        }
    }

    @Test func `a sequence is missing only where something is inserted`() {
        var sequence = PermissionDiagnosis.Relation(schema: "shop", name: "t_id_seq", isSequence: true, owner: "ann")
        sequence.usedBy = "shop.t"
        for (query, problem) in [
            ("INSERT INTO t VALUES (1)", LakebaseProblem.sequencePrivilegeMissing),
            ("SELECT FROM t", .permissionDenied),
        ] {
            var facts = self.facts(query)
            facts.relations = [self.table("t", ["SELECT", "INSERT"]), sequence]
            #expect(facts.permissionVerdict(message: "x").problem == problem)
        }
    }

    @Test func `making things needs CREATE on the first schema of the path, or on the database`() {
        var facts = self.facts("CREATE TABLE t (n int)")
        facts.schemas = [
            .init(name: "my shop", owner: "ann", isInPath: true), .init(name: "public", owner: "pg", isInPath: true),
        ]
        let verdict = facts.permissionVerdict(message: "permission denied for schema my shop")
        #expect(verdict.command == "GRANT CREATE ON SCHEMA \"my shop\" TO \"app\";")
        facts.names = StatementNames(query: "CREATE SCHEMA x", message: nil)
        #expect(facts.permissionVerdict(message: "").command == "GRANT CREATE ON DATABASE \"d\" TO \"app\";")
        facts.names = StatementNames(query: "CREATE TEMP TABLE x ()", message: nil)
        facts.database.mayUseTemporary = false
        #expect(facts.permissionVerdict(message: "").command == "GRANT TEMPORARY ON DATABASE \"d\" TO \"app\";")
    }

    @Test func `where nothing lacks nothing is claimed`() {
        var facts = self.facts("SELECT a FROM t")
        facts.relations = [self.table("t", ["SELECT"])]
        let verdict = facts.permissionVerdict(message: "permission denied for view v")
        #expect(verdict.problem == .permissionDenied && !verdict.isEstablished)
    }

    @Test func `the schema of 3F000 is the one that is named, else the first of the path`() {
        var facts = self.facts("CREATE TABLE a.t ()")
        #expect(facts.missingSchemaVerdict(message: "schema \"a\" does not exist").command == "CREATE SCHEMA \"a\";")
        let unnamed = facts.missingSchemaVerdict(message: "no schema has been selected to create in")
        #expect(unnamed.command == "CREATE SCHEMA \"my shop\";")
        #expect(unnamed.requiredRole == "\"ann\", who owns the database")
        facts.schemas = [.init(name: "a", owner: "bob", mayUse: false)]
        #expect(facts.missingSchemaVerdict(message: "schema \"a\" does not exist").problem == .schemaPrivilegeMissing)
    }

    // MARK: Names

    @Test func `names are folded as PostgreSQL folds them, and literals and comments hold none`() {
        let names = StatementNames(
            query: #"""
                insert into "My ""Shop"""."Order Lines" (Größe) -- from secret
                values ('it''s from x', $1) /* update y */ on conflict do nothing
                """#,
            message: "permission denied for table Order Lines")
        #expect(names.verb == "INSERT")
        #expect(names.words.isSuperset(of: ["My \"Shop\"", "Order Lines", "Größe".lowercased(), "conflict"]))
        #expect(names.words.isDisjoint(with: ["secret", "s", "x", "y", "it"]))
        #expect(names.targets == ["My \"Shop\"", "Order Lines"])
    }

    @Test func `names are found where the server's scanner finds them`() {
        func words(_ query: String) -> Set<String> { StatementNames(query: query, message: nil).words }
        #expect(words("SELECT 1 -- it's\rFROM t").contains("t"))
        #expect(words(#"SELECT E'it\'s' FROM "T""#).contains("T"))
        #expect(words("/* /* a */ b */ SELECT c") == ["select", "c"])
        #expect(words("DO $body$ BEGIN DELETE FROM secret; END $body$").contains("secret"))
        #expect(words("SELECT \u{212A}elvin FROM \u{C9}T") == ["select", "\u{212A}elvin", "from", "\u{C9}t"])
        #expect(words("SELECT \"a").contains("a"))
    }

    @Test(arguments: ["", "'", "\"", "--", "/*", "/", "\"\"", "'''", "$$", "💥", "with", "\"a", "E'\\'"])
    func `broken statements are read to their end`(query: String) {
        let names = StatementNames(query: query, message: query)
        #expect(names.words.count < 10)
        #expect(StatementNames(query: nil, message: nil).words.isEmpty)
    }

    @Test func `random bytes never trap, and a long statement asks for no more than 500 words`() {
        var random = SplitMix64(seed: 11)
        for _ in 0..<2000 {
            let bytes = (0..<random.next(below: 60)).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = StatementNames(query: String(decoding: bytes, as: UTF8.self), message: nil)
        }
        let long = StatementNames(query: (0..<10_000).map { "c\($0)" }.joined(separator: ","), message: nil)
        #expect(long.words.count == 500)
    }
}
