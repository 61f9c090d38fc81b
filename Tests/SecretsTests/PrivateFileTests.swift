//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import Secrets

@Suite("Private files") struct PrivateFileTests {
    /// Runs a body with a folder that goes away afterwards.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = try PrivateFile.makeTemporaryDirectory(NSTemporaryDirectory() + "/lakebase-secrets.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func mode(_ path: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
    }

    @Test func `file has its mode, and a wider one of before is gone`() throws {
        try self.withFolder { folder in
            let path = folder + "/file"
            try Data("old".utf8).write(to: URL(fileURLWithPath: path))
            try PrivateFile.setMode(path, 0o666)
            try PrivateFile.write("new".utf8, to: path)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
            #expect(try self.mode(path) == 0o600)
            try PrivateFile.write("x".utf8, to: path, mode: 0o644)
            #expect(try self.mode(path) == 0o644)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
        }
    }

    @Test func `readers see the old text or the new one, and never a part`() throws {
        try self.withFolder { folder in
            let path = folder + "/file"
            let texts = ["a", "b"].map { String(repeating: $0, count: 300_000) }
            try PrivateFile.write(texts[0].utf8, to: path)
            DispatchQueue.concurrentPerform(iterations: 40) { index in
                if index.isMultiple(of: 2) {
                    do { try PrivateFile.write(texts[index / 2 % 2].utf8, to: path) } catch { Issue.record(error) }
                } else {
                    let seen = FileManager.default.contents(atPath: path)
                    #expect(seen?.count == 300_000 && Set(seen ?? Data()).count == 1)
                }
            }
        }
    }

    @Test func `failure says what and why, and leaves nothing behind`() throws {
        try self.withFolder { folder in
            let missing = #expect(throws: PrivateFile.Failure.self) { () throws in
                try PrivateFile.write("x".utf8, to: folder + "/missing/file")
            }
            #expect(missing?.code == ENOENT && missing?.description.hasPrefix("cannot create \(folder)") == true)
            try PrivateFile.createDirectory(folder + "/folder", mode: 0o700)
            let taken = #expect(throws: PrivateFile.Failure.self) { () throws in
                try PrivateFile.write("x".utf8, to: folder + "/folder")
            }
            #expect(taken?.operation == "replace")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["folder"])
        }
    }

    @Test func `disk that is full is an error`() throws {
        let full = open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        defer { close(full) }
        #expect(PrivateFile.fill(full, with: "text".utf8) == ENOSPC)
    }

    @Test func `folders above are made with the usual mode, the last one with its own`() throws {
        try self.withFolder { folder in
            try PrivateFile.createDirectories(folder + "/a/b/c", mode: 0o700)
            #expect(try self.mode(folder + "/a/b/c") == 0o700)
            #expect(try self.mode(folder + "/a/b") == 0o755)
            try PrivateFile.createDirectories(folder + "/a/b", mode: 0o700)
            #expect(try self.mode(folder + "/a/b") == 0o755)
        }
    }

    @Test(arguments: [
        ("/a/b", "/a"), ("/a", "/"), ("/", "/"), ("a", "."), ("a/b", "a"), ("/a/b/", "/a"), ("", "."), ("./a", "."),
    ])
    func `folder of a path`(path: String, folder: String) {
        #expect(PrivateFile.folder(of: path) == folder)
    }
}
