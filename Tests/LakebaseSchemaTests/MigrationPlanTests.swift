//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import LakebaseSchema

@Suite("Which migrations run") struct MigrationPlanTests {
    private func migration(_ version: Int64, _ sql: String = "SELECT 1", down: String? = "SELECT 2") throws -> Migration
    {
        try Migration(version: version, name: "m", up: sql, down: down)
    }

    private func ran(_ migration: Migration, finished: Bool = true) -> AppliedMigration {
        AppliedMigration(
            version: migration.version, name: migration.name, checksum: migration.checksum, startedAt: Date(),
            finishedAt: finished ? Date() : nil, appliedBy: "ann")
    }

    private func code(_ body: () throws -> Void) -> MigrationError.Code? {
        do { try body() } catch { return (error as? MigrationError)?.code }
        return nil
    }

    @Test func `what did not run is run in order, up to where it is wanted`() throws {
        let all = try [3, 1, 2, 10].map { try self.migration($0) }
        let plan = try MigrationPlan(migrations: all, applied: [self.ran(all[1])])
        #expect(plan.entries.map(\.state) == [.applied, .pending, .pending, .pending])
        #expect(try plan.up().map(\.version) == [2, 3, 10])
        #expect(try plan.up(to: 3).map(\.version) == [2, 3])
        #expect(self.code { _ = try plan.up(to: 4) } == .invalid)
        #expect(!plan.isComplete)
        #expect(try MigrationPlan(migrations: all, applied: all.map { self.ran($0) }).isComplete)
    }

    @Test func `edited, missing and late migrations stop everything`() throws {
        let (one, two) = (try self.migration(1), try self.migration(2))
        let edited = try MigrationPlan(migrations: [self.migration(1, "SELECT 7"), two], applied: [self.ran(one)])
        #expect(edited.entries.map(\.state) == [.edited, .pending])
        #expect(self.code { _ = try edited.up() } == .edited)
        #expect(self.code { _ = try edited.down() } == .edited)
        let missing = try MigrationPlan(migrations: [two], applied: [self.ran(one)])
        #expect(self.code { _ = try missing.up() } == .missing)
        let late = try MigrationPlan(migrations: [one, two], applied: [self.ran(two)])
        #expect(late.entries.map(\.state) == [.outOfOrder, .applied])
        #expect(self.code { _ = try late.up() } == .outOfOrder)
        #expect(try late.up(allowsOutOfOrder: true).map(\.version) == [1])
        #expect(self.code { _ = try MigrationPlan(migrations: [one, one], applied: []) } == .invalid)
    }

    @Test func `one that stopped half-way runs again, also when it was changed`() throws {
        let one = try self.migration(1)
        let plan = try MigrationPlan(
            migrations: [self.migration(1, "SELECT 7")], applied: [self.ran(one, finished: false)])
        #expect(plan.entries.map(\.state) == [.unfinished])
        #expect(try plan.up().map(\.version) == [1])
        #expect(try plan.down().map(\.version) == [1])
    }

    @Test func `the way back is the newest first, and whole or not at all`() throws {
        let all = try [self.migration(1), self.migration(2, down: nil), self.migration(3)]
        let plan = try MigrationPlan(migrations: all, applied: all.map { self.ran($0) })
        #expect(try plan.down().map(\.version) == [3])
        #expect(try plan.down(to: 2).map(\.version) == [3])
        #expect(self.code { _ = try plan.down(to: 0) } == .irreversible)
        #expect(self.code { _ = try plan.down(to: 7) } == .invalid)
        #expect(try MigrationPlan(migrations: all, applied: []).down().isEmpty)
    }

    @Test(arguments: [
        "BEGIN; SELECT 1; COMMIT", "select 1;\nrollback", "COPY t FROM STDIN", "-- only a comment", "SELECT 'x",
        "\\i other.sql", "PREPARE TRANSACTION 'x'",
    ])
    func `texts that would take the transaction away are refused`(text: String) {
        #expect(self.code { _ = try Migration(version: 1, name: "m", up: text) } == .invalid)
    }

    @Test func `a comment before the first statement is the only way out of the transaction`() throws {
        #expect(try self.migration(1, "-- x\n\n-- lakebase: no transaction\nSELECT 1").isTransactional == false)
        #expect(try self.migration(1, "SELECT 1;\n-- lakebase: no transaction").isTransactional)
    }

    @Test(arguments: [
        "\n\n-- lakebase: no transaction\nSELECT 1",
        "/* Copyright;\n licence */\n-- lakebase: no transaction\nSELECT 1",
        "-- lakebase: no transaction, since the index is made concurrently\nSELECT 1",
        "--lakebase: no transaction (concurrently)\r\nSELECT 1", "/*\n * lakebase: no transaction\n */ SELECT 1",
        "-- a\r-- Lakebase: No Transaction\rSELECT 1", ";\n-- lakebase: no transaction\nSELECT 1",
    ])
    func `the comment may stand behind others, and have a reason behind it`(text: String) throws {
        #expect(try !self.migration(1, text).isTransactional)
        #expect(try !self.migration(1, down: text).isDownTransactional)
    }

    @Test(arguments: [
        "-- lakebase: no", "-- use lakebase: no transaction", "'-- lakebase: no transaction'",
        "-- lakebase no transactional",
    ])
    func `what only looks like the comment is none`(text: String) throws {
        #expect(try self.migration(1, text + "\nSELECT 1").isTransactional)
    }

    @Test(arguments: [
        "-- a\rCOMMIT", "SELECT 1; -- a\rROLLBACK", "/* a */ COMMIT", "DISCARD ALL", "COPY t TO STDOUT",
        "SET client_encoding = 'LATIN1'", "SET standard_conforming_strings = off",
    ])
    func `what the server would run is what is checked`(text: String) {
        #expect(self.code { _ = try Migration(version: 1, name: "m", up: text) } == .invalid)
        #expect(self.code { _ = try Migration(version: 1, name: "m", up: "SELECT 1", down: text) } == .invalid)
    }

    @Test(arguments: [
        ("dbmate", "-- migrate:up\nCREATE TABLE t ();\n\n-- migrate:down\nDROP TABLE t;\n", 4),
        ("dbmate", "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY a ON t (a);", 1),
        ("goose", "-- +goose Up\r\nCREATE TABLE t ();\r\n-- +goose Down\r\nDROP TABLE t;\r\n", 3),
        ("goose", "-- +goose NO TRANSACTION\nCREATE INDEX CONCURRENTLY a ON t (a);", 1),
        ("sql-migrate", "-- +migrate Up\nCREATE TABLE t ();\n-- +migrate Down\nDROP TABLE t;", 3),
        ("node-pg-migrate", "-- Up Migration\nCREATE TABLE t ();\n-- Down Migration\nDROP TABLE t;", 3),
        ("tern", "CREATE TABLE t ();\n---- create above / drop below ----\nDROP TABLE t;", 2),
        ("MyBatis", "CREATE TABLE t ();\n-- //@UNDO\nDROP TABLE t;", 2),
        ("shmig", "-- ==== UP ====\nCREATE TABLE t ();\n-- ==== DOWN ====\nDROP TABLE t;", 3),
        ("rambler", "-- rambler up\nCREATE TABLE t ();\n-- rambler down\nDROP TABLE t;", 3),
        ("Liquibase", "--liquibase formatted sql\n--changeset ann:1 dbms:mysql\nCREATE TABLE t ();", 1),
        ("Atlas", "-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY a ON t (a);", 1),
        ("yoyo", "-- transactional: false\nCREATE INDEX CONCURRENTLY a ON t (a);", 1),
        ("another program", "-- Up\nCREATE TABLE t ();\n-- Down\nDROP TABLE t;", 3),
        ("another program", "-- @up\nCREATE TABLE t ();\n-- @down\nDROP TABLE t;", 3),
    ])
    func `a file of another program is refused with what to do, not run both ways`(
        program: String, text: String, line: Int
    ) {
        let error = #expect(throws: MigrationError.self) {
            () throws in _ = try Migration(version: 1, name: "m", up: text)
        }
        #expect(error?.code == .invalid && error?.line == line && error?.file == "1_m.sql")
        #expect(
            error?.message.contains(program) == true && error.map { "\($0)".contains("-- ") } == true
                || program == "Liquibase"
        )
    }

    @Test(arguments: [
        "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose StatementEnd", "-- migrate:up\nSELECT 1",
        "-- down to the notes\nSELECT 1", "-- +goose ENVSUB OFF\nSELECT 1",
        "SELECT '-- migrate:down'", "-- the way down migration goes\nSELECT 1", "/* -- migrate:down */ SELECT 1",
    ])
    func `a file of another program with one way only is a migration`(text: String) throws {
        #expect(try self.migration(1, text).up.statements.count == 1)
    }

    @Test func `variables of another program are not run as they stand`() {
        let error = #expect(throws: MigrationError.self) {
            () throws in
            _ = try Migration(
                version: 1, name: "m", up: "-- +goose ENVSUB ON\nCREATE ROLE app PASSWORD '${APP_PASSWORD}'")
        }
        #expect(error?.code == .invalid && error?.remedy?.contains("write the values instead") == true)
    }

    @Test func `line ends do not change a checksum, anything else does`() throws {
        let plain = try self.migration(1, "SELECT 1;\nSELECT 2;\n").checksum
        #expect(try self.migration(1, "SELECT 1;\r\nSELECT 2;\r\n").checksum == plain)
        #expect(try self.migration(1, "SELECT 1;\nSELECT 2; \n").checksum != plain)
        #expect(plain.count == 64)
        // A carriage return that ends no line counts.
        #expect(try self.migration(1, "--\r\r\nSELECT 1").checksum != self.migration(1, "--\r\nSELECT 1").checksum)
        #expect(plain == "82efb67f3010c6eb7ead02e4f6d9550633dbc1407f99aa487468e7b2567aebbc")
    }

    @Test func `files are found, named and paired`() throws {
        let folder = NSTemporaryDirectory() + "lakebase-migrations-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(filePath: folder).appending(path: name))
        }
        let made = try MigrationFolder(path: folder).create(name: "find notes", date: Date(timeIntervalSince1970: 0))
        #expect(
            made.map { URL(filePath: $0).lastPathComponent } == [
                "19700101000000_find_notes.sql", "19700101000000_find_notes.down.sql",
            ])
        #expect(
            self.code {
                _ = try MigrationFolder(path: folder).create(name: "find notes", date: Date(timeIntervalSince1970: 0))
            } == .invalid)
        // Empty as it was made, it is no migration yet.
        #expect(self.code { _ = try MigrationFolder(path: folder).migrations() } == .invalid)
        for path in made { try FileManager.default.removeItem(atPath: path) }
        try write("002_b.sql", "SELECT 2")
        try write("1_a.sql", "\u{FEFF}SELECT 1")
        try write("1_a.down.sql", "SELECT 0")
        try write("README.md", "x")
        let found = try MigrationFolder(path: folder).migrations()
        #expect(found.map(\.version) == [1, 2] && found.map(\.name) == ["a", "b"])
        #expect(found.map { $0.down != nil } == [true, false])
        #expect(found[0].up.statements.map(\.text) == ["SELECT 1"])
        for wrong in ["2_other.sql", "3_x.down.sql", "x.sql", "_x.sql", "4_.sql", "5_a b.sql"] {
            try write(wrong, "SELECT 1")
            #expect(self.code { _ = try MigrationFolder(path: folder).migrations() } == .invalid, "\(wrong)")
            try FileManager.default.removeItem(atPath: "\(folder)/\(wrong)")
        }
        for (wrong, words) in [
            ("6_x.SQL", "lower case"), ("6_x.Sql", "lower case"), ("6_x.ts", "no file of SQL"),
            ("6/migration.sql", "files in folders"), ("sub/6_x.sql", "files in folders"), ("V6__x.sql", "Flyway"),
            ("U6__x.sql", "Flyway"), ("V6.1__x.sql", "Flyway"), ("R__x.sql", "Flyway"),
            ("0001_x.yaml", "no file of SQL"),
            ("6_x.sql.gz", "no file of SQL"), ("6_x.sql.tmpl", "no file of SQL"), ("script.py.mako", "Alembic"),
            ("ae1027a6acf0_x.py", "Alembic"), ("1975ea83b712_x.py", "Alembic"), ("0001_initial.py", "no file of SQL"),
        ] {
            let path = URL(filePath: folder).appending(path: wrong)
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try write(wrong, "SELECT 1")
            let error = #expect(throws: MigrationError.self) {
                () throws in _ = try MigrationFolder(path: folder).migrations()
            }
            #expect(error.map { "\($0)".contains(words) } == true && error?.file?.hasSuffix(wrong) == true, "\(wrong)")
            try FileManager.default.removeItem(atPath: folder + "/" + (wrong.split(separator: "/").first ?? ""))
        }
        try write("6_x.sql", "PGDMP\u{1}\u{e}")
        let archive = #expect(throws: MigrationError.self) {
            () throws in _ = try MigrationFolder(path: folder).migrations()
        }
        #expect(archive?.remedy?.contains("pg_restore") == true && archive?.file == "6_x.sql")
        try FileManager.default.removeItem(atPath: "\(folder)/6_x.sql")
        for fine in [
            "notes.txt", "__init__.py", "conftest.py", "data.json", ".6_x.sql", "_old/6_x.sql", ".git/x.sql",
            "docs/a.md", "6_x.md",
        ] {
            let path = URL(filePath: folder).appending(path: fine)
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try write(fine, "SELECT 1")
            #expect(try MigrationFolder(path: folder).migrations().count == 2, "\(fine)")
        }
        try write("7_c.up.sql", "SELECT 7")
        try write("7_c.down.sql", "SELECT 8")
        let both = try #require(try MigrationFolder(path: folder).migrations().last)
        #expect(both.name == "c" && both.down != nil && both.downSource == "7_c.down.sql")
        try write("7_c.sql", "SELECT 7")
        #expect(self.code { _ = try MigrationFolder(path: folder).migrations() } == .invalid)
        #expect(self.code { _ = try MigrationFolder(path: folder + "/none").migrations() } == .invalid)
    }
}
