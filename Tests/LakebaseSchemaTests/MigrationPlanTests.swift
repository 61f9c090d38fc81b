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

    @Test func `line ends do not change a checksum, anything else does`() throws {
        let plain = try self.migration(1, "SELECT 1;\nSELECT 2;\n").checksum
        #expect(try self.migration(1, "SELECT 1;\r\nSELECT 2;\r\n").checksum == plain)
        #expect(try self.migration(1, "SELECT 1;\nSELECT 2; \n").checksum != plain)
        #expect(plain.count == 64)
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
        #expect(self.code { _ = try MigrationFolder(path: folder + "/none").migrations() } == .invalid)
    }
}
