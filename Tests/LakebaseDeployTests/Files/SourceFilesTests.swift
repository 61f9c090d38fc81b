//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import LakebaseDeploy

@Suite struct SourceFilesTests {
    private let folder: AppFolder

    init() throws { self.folder = try AppFolder() }

    @Test("files by path, without what is left out")
    func scan() throws {
        try self.folder.write("app/.gitignore", "*.log\n!keep.log\n")
        try self.folder.write("app/x.log", "x")
        try self.folder.write("app/keep.log", "x")
        try self.folder.write("app/.lakebaseignore", "notes/\n")
        try self.folder.write("app/notes/a", "x")
        try self.folder.write("app/.build/debug/app", "x")
        try self.folder.write("app/.env", "SECRET=1")
        let files = try SourceFiles(folder: self.folder.path + "/app")
        #expect(files.files.map(\.path) == ["app.py", "keep.log", "page.txt", "static/style.css"])
        let page = try #require(files.files.first { $0.path == "page.txt" })
        #expect(page.size == 3)
        // printf one | sha256sum
        #expect(page.checksum == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed")
        #expect(try page.read() == Data("one".utf8))
    }

    @Test("all files that cannot be taken are told at once")
    func problems() throws {
        try self.folder.write("app/large.bin", "")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: self.folder.path + "/app/large.bin"))
        try handle.truncate(atOffset: UInt64(SourceFiles.largestFile) + 1)
        try FileManager.default.createSymbolicLink(
            atPath: self.folder.path + "/app/out", withDestinationPath: "/etc/passwd")
        try FileManager.default.createSymbolicLink(
            atPath: self.folder.path + "/app/in", withDestinationPath: "page.txt")
        let error = try #require(throws: DeployError.self) { try SourceFiles(folder: self.folder.path + "/app") }
        #expect(error.details.count == 2, "\(error)")
        #expect(error.details.contains { $0.hasPrefix("large.bin has 10000001 bytes") })
        #expect(error.details.contains { $0.hasPrefix("out is a link") })
        try self.folder.remove("app/large.bin")
        try self.folder.remove("app/out")
        #expect(try SourceFiles(folder: self.folder.path + "/app").files.contains { $0.path == "in" && $0.size == 3 })
        let missing = try #require(throws: DeployError.self) { try SourceFiles(folder: self.folder.path + "/nowhere") }
        #expect(missing.message.contains("there is no folder"))
    }

    @Test("a file that changes between looking and uploading is noticed")
    func changed() throws {
        let files = try SourceFiles(folder: self.folder.path + "/app")
        try self.folder.write("app/page.txt", "two")
        let page = try #require(files.files.first { $0.path == "page.txt" })
        #expect(throws: DeployError.self) { try page.read() }
    }

    @Test("only what differs is written, and what is gone is removed")
    func changes() {
        let one = SourceFile(path: "one", bytes: Data("1".utf8))
        let two = SourceFile(path: "two", bytes: Data("2".utf8))
        let there = WorkspaceFolder.File(size: 1, modifiedAt: 7)
        var folder = WorkspaceFolder(
            isThere: true, files: ["one": there, "old": there],
            record: .init(files: ["one": .init(checksum: one.checksum, file: there)]))
        var changes = folder.changes(to: SourceFiles([one, two]))
        #expect(changes.write == [two] && changes.remove == ["old"])
        // Somebody else has written it since.
        folder.files["one"] = .init(size: 1, modifiedAt: 8)
        changes = folder.changes(to: SourceFiles([one]))
        #expect(changes.write == [one])
        #expect(WorkspaceFolder().changes(to: SourceFiles([one])).write == [one])
    }
}
