//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("Files of the workspace") struct WorkspaceFilesTests {
    private func with(_ body: (WorkspaceFiles, String) async throws -> Void) async throws {
        let folder = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-files.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(try self.open(folder), folder)
    }

    private func open(_ folder: String) throws -> WorkspaceFiles {
        try WorkspaceFiles(
            folder: folder, documents: ResourceStore(path: folder + "/resources.db", durable: false),
            home: "/Users/a@b.c")
    }

    /// The code of the refusal that a call ends in, nil when it works.
    private func code(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? APIFailure).map { "\($0.status) \($0.code)" } ?? "\(error)"
        }
    }

    @Test func `paths are read strictly, with Workspace in front or not`() throws {
        let path = try WorkspacePath("/Workspace/Users/a@b.c/x.py/")
        #expect(path.text == "/Workspace/Users/a@b.c/x.py" && path.key == "/Users/a@b.c/x.py")
        #expect(path.parent.text == "/Workspace/Users/a@b.c" && path.withoutExtension.key == "/Users/a@b.c/x")
        #expect(try WorkspacePath("/Users/a@b.c/x.py").objectID == path.objectID)
        #expect(try WorkspacePath("/").isRoot && WorkspacePath("/Workspace").isRoot)
        for text in ["", "a", "/a/../b", "/./a", "/\0", "/" + String(repeating: "x", count: 241)] {
            #expect(throws: APIFailure.self) { try WorkspacePath(text) }
        }
    }

    @Test func `written, listed, read and deleted`() async throws {
        try await self.with { files, folder in
            let home = try WorkspacePath("/Users/a@b.c")
            try await files.makeFolders(home.child("n").child("deep"))
            let file = home.child("n").child("a b.txt")
            try await files.write(Data("one".utf8), to: file, language: nil, overwrite: false)
            let notebook = home.child("n").child("book")
            try await files.write(Data("SELECT 1".utf8), to: notebook, language: .sql, overwrite: false)
            let listed = try await files.list(home.child("n"))
            #expect(listed.map(\.path) == ["/Users/a@b.c/n/a b.txt", "/Users/a@b.c/n/book", "/Users/a@b.c/n/deep"])
            #expect(listed.map(\.objectType) == [.file, .notebook, .directory])
            #expect(listed[0].size == 3 && listed[1].language == .sql)
            let other = try self.open(folder)
            let read = try await other.read(notebook)
            #expect(read.content == Data("SELECT 1".utf8) && read.info.objectType == .notebook, "also after a restart")
            try await other.delete(home.child("n"), recursive: true)
            let rest = try await other.list(home)
            #expect(rest.isEmpty)
        }
    }

    @Test func `refuses what the service refuses`() async throws {
        try await self.with { files, _ in
            let shared = try WorkspacePath("/Shared")
            let file = shared.child("f")
            try await files.write(Data("1".utf8), to: file, language: nil, overwrite: false)
            let again = await self.code { try await files.write(Data(), to: file, language: nil, overwrite: false) }
            #expect(again == "400 RESOURCE_ALREADY_EXISTS")
            let below = await self.code { try await files.makeFolders(file.child("x")) }
            #expect(below == "400 RESOURCE_ALREADY_EXISTS")
            let over = await self.code { try await files.write(Data(), to: shared, language: nil, overwrite: true) }
            #expect(over == "400 RESOURCE_ALREADY_EXISTS")
            let orphan = shared.child("no").child("f")
            let parentless = await self.code {
                try await files.write(Data(), to: orphan, language: nil, overwrite: false)
            }
            #expect(parentless == "404 RESOURCE_DOES_NOT_EXIST")
            let full = await self.code { try await files.delete(shared, recursive: false) }
            #expect(full == "400 DIRECTORY_NOT_EMPTY")
            let root = await self.code { try await files.delete(WorkspacePath("/"), recursive: true) }
            #expect(root == "400 INVALID_PARAMETER_VALUE")
            let missing = await self.code { _ = try await files.status(shared.child("x")) }
            #expect(missing == "404 RESOURCE_DOES_NOT_EXIST")
            try await files.write(Data("22".utf8), to: file, language: nil, overwrite: true)
            let status = try await files.status(file)
            #expect(status.size == 2)
        }
    }

    @Test func `both kinds of body are the same import`() throws {
        let content = Data([0, 13, 10, 45, 45, 255])
        let form =
            Data(
                "--xyz\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\n/Shared/f\r\n--xyz\r\nContent-Disposition: form-data; name=\"format\"\r\n\r\nAUTO\r\n--xyz\r\nContent-Disposition: form-data; name=\"overwrite\"\r\n\r\ntrue\r\n--xyz\r\nContent-Disposition: form-data; name=\"content\"; filename=\"content\"\r\n\r\n"
                    .utf8) + content + Data("\r\n--xyz--\r\n".utf8)
        let fromForm = try WorkspaceImport(form)
        let json =
            #"{"path":"/Shared/f","format":"AUTO","overwrite":true,"content":"\#(content.base64EncodedString())"}"#
        #expect(try fromForm == WorkspaceImport(Data(json.utf8)))
        #expect(fromForm.request.content == content)
        for end in stride(from: 2, to: form.count - 4, by: 7) {
            #expect(throws: APIFailure.self) { try WorkspaceImport(form.prefix(end)) }
        }
    }

    @Test(
        arguments: [
            ("/a.py", "AUTO", "# Databricks notebook source\nx", nil, "/a", "PYTHON"),
            ("/a.py", "AUTO", "x = 1", nil, "/a.py", nil),
            ("/a.bin", "RAW", "# Databricks notebook source", nil, "/a.bin", nil),
            ("/a.sql", "SOURCE", "x", "SQL", "/a.sql", "SQL"), ("/a.ipynb", "AUTO", "{}", nil, "/a", "PYTHON"),
        ] as [(String, String, String, String?, String, String?)])
    func `notebooks are told from files`(
        path: String, format: String, content: String, language: String?, target: String, becomes: String?
    ) throws {
        let languageField = language.map { #","language":"\#($0)""# } ?? ""
        let base64 = Data(content.utf8).base64EncodedString()
        let json = #"{"path":"\#(path)","format":"\#(format)","content":"\#(base64)"\#(languageField)}"#
        let (place, kind) = try WorkspaceImport(Data(json.utf8)).target()
        #expect(place.text == target && kind?.rawValue == becomes)
    }

    @Test func `source without a language, and formats that need a conversion, are refused`() throws {
        for json in [
            #"{"path":"/a"}"#, #"{"path":"/a","format":"DBC"}"#, #"{"format":"RAW"}"#, #"{"path":"a","format":"RAW"}"#,
        ] {
            let wanted = try WorkspaceImport(Data(json.utf8))
            #expect(throws: APIFailure.self) { try wanted.target() }
        }
    }
}
