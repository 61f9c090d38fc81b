//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import StarterFiles
import Testing

@testable import LakebaseCLI

/// The files that `lakebase init` writes are those of `Examples/Starter`, which is built and tested here.
@Suite("The template of lakebase init")
struct InitTemplateTests {
    private static let folder =
        (#filePath.components(separatedBy: "/Tests/LakebaseCLITests/").first ?? ".") + "/Examples/Starter"

    @Test func `it has every file of the example, byte for byte`() throws {
        let all = try #require(FileManager.default.enumerator(atPath: Self.folder))
        let paths = all.compactMap { $0 as? String }.filter { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(Self.folder)/\(path)", isDirectory: &isFolder)
            return !isFolder.boolValue && !path.hasPrefix(".build") && path != "Package.resolved"
        }
        #expect(StarterFiles.all.map(\.path) == paths.sorted())
        for (path, bytes) in StarterFiles.all {
            #expect(FileManager.default.contents(atPath: "\(Self.folder)/\(path)") == Data(bytes), "\(path)")
        }
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
