//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import LakebaseCLI

/// The files that `lakebase init` writes are those of `Examples/Starter`, which is built and tested here.
///
/// To write them anew after a change: `LAKEBASE_WRITE_DOCUMENTATION=1 script/test --filter InitTemplateTests`
@Suite("The template of lakebase init")
struct InitTemplateTests {
    private static let root = #filePath.components(separatedBy: "/Tests/LakebaseCLITests/").first ?? "."
    private static let file = Self.root + "/Sources/LakebaseCLI/Init/InitTemplate.swift"

    private static func rendered() throws -> String {
        let source = try String(contentsOfFile: Self.file, encoding: .utf8)
        let mark = "    static let files: [Scaffold.File] = [\n"
        let header = source.prefix(upTo: try #require(source.range(of: "\n\n")).lowerBound) + "\n\n"
        var text = try #require(source.components(separatedBy: mark).first) + mark
        let folder = Self.root + "/Examples/Starter"
        let all = FileManager.default.enumerator(atPath: folder)
        let paths = (all?.compactMap { $0 as? String } ?? []).filter { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
            return !isFolder.boolValue && !path.hasPrefix(".build") && path != "Package.resolved"
        }
        for path in paths.sorted() {
            var content = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
            if content.hasPrefix(header) { content.removeFirst(header.count) }
            try #require(!content.contains("\"\"\"###"), "\(path)")
            text += "        Scaffold.File(\n            path: \"\(path)\",\n            text: ###\"\"\"\n"
            for line in content.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                text += (line.isEmpty ? "" : "                \(line)") + "\n"
            }
            text += "\n                \"\"\"###),\n"
        }
        return text + "    ]\n}\n"
    }

    @Test func `it is what the example has`() throws {
        let rendered = try Self.rendered()
        if ProcessInfo.processInfo.environment["LAKEBASE_WRITE_DOCUMENTATION"] == "1" {
            return try rendered.write(toFile: Self.file, atomically: true, encoding: .utf8)
        }
        #expect(
            try String(contentsOfFile: Self.file, encoding: .utf8) == rendered,
            "run: LAKEBASE_WRITE_DOCUMENTATION=1 script/test --filter InitTemplateTests")
    }

    @Test func `nothing of the example's own names is left`() {
        let scaffold = Scaffold(name: "team-notes", library: .path("../a \"b\""))
        for file in scaffold.files {
            #expect(!file.text.lowercased().contains("starter"), "\(file.path)")
            #expect(!file.path.contains("starter"))
            #expect(!file.text.contains("//===---"), "\(file.path)")
        }
        let manifest = scaffold.files.first { $0.path == "Package.swift" }?.text ?? ""
        #expect(manifest.contains(#".package(name: "lakebase-swift", path: "../a \"b\"")"#))
        #expect(manifest.contains(#"name: "team-notes""#))
        let server = scaffold.files.first { $0.path == "Sources/App/Server.swift" }?.text ?? ""
        #expect(server.contains(#"configuration.schema ?? "team_notes""#))
    }

    @Test(arguments: ["", "A", "1a", "a_b", "a-", "-a", "a b", "ä", "app", "a/b", "abcdefghijklmnopqrstuvwxyza"])
    func `names that cannot be those of an app are refused`(name: String) {
        #expect(Scaffold.mistake(inName: name) != nil)
    }

    @Test(arguments: ["a", "notes", "team-notes-2", "abcdefghijklmnopqrstuvwxyz"])
    func `names of apps are taken`(name: String) {
        #expect(Scaffold.mistake(inName: name) == nil)
    }

    @Test(arguments: [
        ("/a/lib", "/a/b/c", "../../lib"), ("/a/b", "/a/b/c", ".."), ("/a/b/c", "/a/b", "c"), ("/a", "/a", "."),
        ("/x/lib", "/a/b", "/x/lib"),
    ])
    func `the way to the library`(target: String, folder: String, way: String) {
        #expect(LibraryPlace.path(to: target, from: folder) == way)
    }
}
