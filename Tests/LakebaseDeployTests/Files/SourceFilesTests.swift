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
    func scan() async throws {
        try self.folder.write("app/.gitignore", "*.log\n!keep.log\n")
        try self.folder.write("app/x.log", "x")
        try self.folder.write("app/keep.log", "x")
        try self.folder.write("app/.lakebaseignore", "notes/\n")
        try self.folder.write("app/notes/a", "x")
        try self.folder.write("app/.build/debug/app", "x")
        try self.folder.write("app/.env", "SECRET=1")
        let files = try await SourceFiles(folder: self.folder.path + "/app")
        #expect(files.files.map(\.path) == ["app.py", "keep.log", "page.txt", "static/style.css"])
        let page = try #require(files.files.first { $0.path == "page.txt" })
        #expect(page.size == 3)
        // printf one | sha256sum
        #expect(page.checksum == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed")
        #expect(try page.read() == Data("one".utf8))
    }

    @Test("all files that cannot be taken are told at once")
    func problems() async throws {
        try self.folder.write("app/large.bin", "")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: self.folder.path + "/app/large.bin"))
        try handle.truncate(atOffset: UInt64(SourceFiles.largestFile) + 1)
        try FileManager.default.createSymbolicLink(
            atPath: self.folder.path + "/app/out", withDestinationPath: "/etc/passwd")
        try FileManager.default.createSymbolicLink(
            atPath: self.folder.path + "/app/in", withDestinationPath: "page.txt")
        let error = try await #require(throws: DeployError.self) {
            try await SourceFiles(folder: self.folder.path + "/app")
        }
        #expect(error.details.count == 2, "\(error)")
        #expect(error.details.contains { $0.hasPrefix("large.bin has 10000001 bytes") })
        #expect(error.details.contains { $0.hasPrefix("out is a link") })
        try self.folder.remove("app/large.bin")
        try self.folder.remove("app/out")
        #expect(
            try await SourceFiles(folder: self.folder.path + "/app").files.contains { $0.path == "in" && $0.size == 3 })
        let missing = try await #require(throws: DeployError.self) {
            try await SourceFiles(folder: self.folder.path + "/nowhere")
        }
        #expect(missing.message.contains("there is no folder"))
    }

    @Test("in a repository its other rules count, from the root down, with and without git", arguments: [true, false])
    func repository(asksGit: Bool) async throws {
        let oracle = try GitOracle()
        defer { oracle.remove() }
        func write(_ path: String, _ text: String) throws { try oracle.write(Array(text.utf8), to: path) }
        try write(".gitignore", "\u{FEFF}secrets.json\r\n/services/app/local.cfg\ndist/\n*.csv\n")
        try write("services/.gitignore", "*.dump\nstate/\n")
        try write(".git/info/exclude", "notes.txt\n")
        try write(oracle.home + "/.config/git/ignore", "*.swp\n")
        let app = "services/app"
        for name in [
            "app.py", "secrets.json", "local.cfg", "x.dump", "state/a", "notes.txt", ".a.swp", "data.csv",
            "dist/page.js",
        ] {
            try write("\(app)/\(name)", "x")
        }
        try write("\(app)/.lakebaseignore", "!data.csv\n!dist/\n")
        func paths(_ folder: String) async throws -> [String] {
            let place = "\(oracle.folder)/\(folder)"
            let checkout = try await GitCheckout.around(place, environment: oracle.environment, asksGit: asksGit)
            #expect(checkout?.top == oracle.folder)
            return try SourceFiles(folder: place, checkout: checkout).files.map(\.path)
        }
        // What .lakebaseignore takes in is meant to be there, whatever git says.
        #expect(try await paths(app) == ["app.py", "data.csv", "dist/page.js"])
        // A folder that is left out itself is not empty when it is named.
        try write("\(app)/dist/secrets.json", "x")
        #expect(try await paths("\(app)/dist") == ["page.js"])
        // What a build of ours has put there is all of it.
        let staged = try await SourceFiles(folder: "\(oracle.folder)/\(app)/dist", isStaged: true)
        #expect(staged.files.map(\.path) == ["page.js", "secrets.json"])
        #expect(try await SourceFiles(folder: "\(oracle.folder)/\(app)").files.count >= 3)
        // A further working tree has the lists of the first one.
        _ = try oracle.run(["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-q", "--allow-empty", "-m", "x"])
        _ = try oracle.run(["worktree", "add", "-q", oracle.home + "/tree"])
        try write(oracle.home + "/tree/notes.txt", "x")
        try write(oracle.home + "/tree/app.py", "x")
        let tree = try await GitCheckout.around(
            oracle.home + "/tree", environment: oracle.environment, asksGit: asksGit)
        #expect(tree?.top == oracle.home + "/tree")
        let files = try SourceFiles(folder: oracle.home + "/tree", checkout: tree).files.map(\.path)
        #expect(files == ["app.py"])
    }

    @Test("links bring in nothing that is left out")
    func links() async throws {
        try self.folder.write("app/.env", "SECRET=1")
        try self.folder.write("app/inner/.gitignore", "hidden\n")
        try self.folder.write("app/inner/hidden/key.txt", "x")
        let place = self.folder.path + "/app"
        for (name, target) in [
            ("a.txt", ".env"), ("b.txt", "inner/hidden/key.txt"), ("c.txt", "a.txt"), ("d", "inner"),
            ("ok.txt", "page.txt"),
        ] {
            try FileManager.default.createSymbolicLink(atPath: "\(place)/\(name)", withDestinationPath: target)
        }
        let error = try await #require(throws: DeployError.self) { try await SourceFiles(folder: place) }
        #expect(
            error.details == [
                "a.txt is a link to .env, which is left out",
                "b.txt is a link to inner/hidden/key.txt, which is left out",
                "c.txt is a link to .env, which is left out", "d is a link that does not lead to a file in this folder",
            ])
        for name in ["a.txt", "b.txt", "c.txt", "d"] { try self.folder.remove("app/\(name)") }
        let files = try await SourceFiles(folder: place).files
        #expect(files.contains { $0.path == "ok.txt" } && !files.contains { $0.path.hasPrefix("inner") })
    }

    @Test("two names that differ only in their normal form are two files, and are refused in a folder")
    func normalForms() async throws {
        let (composed, decomposed) = ("caf\u{E9}.txt", "cafe\u{301}.txt")
        let both = SourceFiles([
            SourceFile(path: composed, bytes: Data("1".utf8)), SourceFile(path: decomposed, bytes: Data("2".utf8)),
        ])
        #expect(both.files.count == 2)
        // What is in the workspace under the other name is not the file.
        let there = WorkspaceFolder.File(size: 1, modifiedAt: 7)
        let one = SourceFile(path: composed, bytes: Data("1".utf8))
        let folder = WorkspaceFolder(
            isThere: true, files: [decomposed: there],
            record: .init(files: [decomposed: .init(checksum: one.checksum, file: there)]))
        let changes = folder.changes(to: SourceFiles([one]))
        #expect(changes.write == [one] && changes.remove.map { Array($0.utf8) } == [Array(decomposed.utf8)])
        try self.folder.write("app/" + composed, "1")
        try self.folder.write("app/" + decomposed, "2")
        // macOS has one file then.
        let names = try FileManager.default.contentsOfDirectory(atPath: self.folder.path + "/app")
        guard names.filter({ $0 == composed }).count == 2 else { return }
        let error = try await #require(throws: DeployError.self) {
            try await SourceFiles(folder: self.folder.path + "/app")
        }
        #expect(error.details.count == 1 && error.details[0].contains("normal form"))
    }

    @Test("notebooks are in the workspace without their extension, and two of one name are refused")
    func notebooks() async throws {
        let header = Data("# Databricks notebook source\n".utf8)
        let (book, plain) = (SourceFile(path: "a/book.py", bytes: header), SourceFile(path: "c.py", bytes: Data()))
        let there = WorkspaceFolder.File(size: nil, modifiedAt: 7)
        var folder = WorkspaceFolder(isThere: true, files: ["a/book": there, "c.py": there, "c": there])
        folder.record.files = folder.written(SourceFiles([book, plain]))
        let changes = folder.changes(to: SourceFiles([book, plain]))
        #expect(changes.write.isEmpty && changes.remove == ["c"])
        // A workspace that has stored it as a file.
        folder.files["a/book"] = nil
        folder.files["a/book.py"] = there
        #expect(folder.changes(to: SourceFiles([book, plain])).write.isEmpty)
        try self.folder.write("app/book.py", "# Databricks notebook source\n")
        try self.folder.write("app/book.ipynb", "{}")
        let error = try await #require(throws: DeployError.self) {
            try await SourceFiles(folder: self.folder.path + "/app")
        }
        #expect(error.details == ["book.ipynb and book.py would be book"])
    }

    @Test("a file that changes between looking and uploading is noticed")
    func changed() async throws {
        let files = try await SourceFiles(folder: self.folder.path + "/app")
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
