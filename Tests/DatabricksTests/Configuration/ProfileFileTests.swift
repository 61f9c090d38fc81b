//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import Databricks

@Suite("Changing a configuration file")
struct ProfileFileTests {
    @Test(
        arguments: [
            ("", "[p]\nhost = h\nauth_type = t\n"),
            ("# mine\n[a]\ntoken = x\n", "# mine\n[a]\ntoken = x\n\n[p]\nhost = h\nauth_type = t\n"),
            (
                "[p]\n# kept\nHOST: old\ncluster_id = c\n\n[b]\nhost = b\n",
                "[p]\n# kept\nhost = h\ncluster_id = c\nauth_type = t\n\n[b]\nhost = b\n"
            ),
            ("[ p ]\n\n\n[b]", "[ p ]\nhost = h\nauth_type = t\n\n\n[b]\n"),
            ("host = default", "host = default\n\n[p]\nhost = h\nauth_type = t\n"),
            // The last of a key counts for who reads it, so all of them are set.
            ("[p]\n#host = no\nhost=1\nhost=2", "[p]\n#host = no\nhost = h\nhost = h\nauth_type = t\n"),
            ("[p]\nhost=1\n[b]\n[p]\nhost=2\n", "[p]\nhost = h\n[b]\n[p]\nhost = h\nauth_type = t\n"),
            // Lines as editors on Windows end them, and as those of old did.
            (
                "\u{FEFF}# mine\r\n[a]\r\nhost = a\r\ntoken = x\r\n\r\n[p]\r\nhost = old\r\n\r\n[b]\r\nhost = b\r\n",
                "\u{FEFF}# mine\r\n[a]\r\nhost = a\r\ntoken = x\r\n\r\n[p]\r\nhost = h\r\nauth_type = t\r\n\r\n[b]\r\nhost = b\r\n"
            ),
            ("[a]\r\nhost = a\r\n", "[a]\r\nhost = a\r\n\r\n[p]\r\nhost = h\r\nauth_type = t\r\n"),
            ("[a]\rhost = a\r[p]\rhost = old", "[a]\rhost = a\r[p]\rhost = h\rauth_type = t\r"),
            ("[a]\r\nhost = a\n[p]\nhost = 1\n", "[a]\r\nhost = a\n[p]\nhost = h\nauth_type = t\r\n"),
            // A name that differs in its bytes is another profile's.
            (
                "[caf\u{E9}]\nhost = other\n[p]\nkey =\u{301}x\n",
                "[caf\u{E9}]\nhost = other\n[p]\nkey =\u{301}x\nhost = h\nauth_type = t\n"
            ),
        ]
    )
    func `keys are set and the rest stays`(before: String, after: String) {
        #expect(ProfileFile.text(before, with: [("host", "h"), ("auth_type", "t")], in: "p") == after)
    }

    @Test func `file is for its owner only, and a profile of another host is not taken over`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("[p]\nhost = https://a.example.com\n", to: "cfg", mode: 0o644)
        let file = ProfileFile(path: path)
        try file.set([("host", "https://a.example.com/"), ("auth_type", "databricks-cli")], in: "p")
        #expect(try folder.mode("cfg") == 0o600)
        let before = try folder.read("cfg")
        #expect(before == "[p]\nhost = https://a.example.com/\nauth_type = databricks-cli\n")
        let error = #expect(throws: DatabricksError.self) { try file.set([("host", "https://b.example.com")], in: "p") }
        #expect(error?.message.contains("for https://a.example.com") == true)
        for name in ["", "__settings__", "a]b", "a\nb"] {
            #expect(throws: DatabricksError.self) { try file.set([("host", "h")], in: name) }
        }
        #expect(throws: DatabricksError.self) { try file.set([("host", "h\ntoken = x")], in: "q") }
        #expect(try folder.read("cfg") == before)
        #expect(throws: DatabricksError.self) { try ProfileFile(path: "/proc/none/cfg").set([("host", "h")], in: "q") }
    }

    @Test func `profiles whose names differ in their bytes are two`() {
        let text = "[caf\u{E9}]\nhost = one\n\n[cafe\u{301}]\nhost = two\n"
        let file = ConfigurationFile(text)
        #expect(file.profileNames.count == 2)
        #expect(file.value("host", of: "caf\u{E9}") == "one" && file.value("host", of: "cafe\u{301}") == "two")
        let changed = ProfileFile.text(text, with: [("host", "h")], in: "cafe\u{301}")
        #expect(Array(changed.utf8) == Array("[caf\u{E9}]\nhost = one\n\n[cafe\u{301}]\nhost = h\n".utf8))
    }

    /// What a login writes is what the next command reads, whatever stands around it.
    @Test(arguments: ["\n", "\r\n", "\r"], ["", "\u{FEFF}"])
    func `what was set is what is read, and other profiles keep theirs`(ending: String, mark: String) throws {
        let folder = try TemporaryFolder()
        let lines = ["# hosts", "[DEFAULT]", "host = https://d.example.com", "", "[a]", "host = https://a.example.com"]
        let path = try folder.write(mark + lines.joined(separator: ending) + ending, to: "cfg")
        try ProfileFile(path: path).set([("host", "https://p.example.com"), ("auth_type", "pat")], in: "p")
        let text = try #require(try WorkspaceConfiguration.contents(ofFile: path))
        #expect(text.hasPrefix(mark + lines.joined(separator: ending)))
        let file = ConfigurationFile(text)
        #expect(file.problems == [] && file.profileNames == ["DEFAULT", "a", "p"])
        for (name, host) in [("DEFAULT", "d"), ("a", "a"), ("p", "p")] {
            #expect(file.value("host", of: name) == "https://\(host).example.com")
        }
        #expect(file.value("auth_type", of: "a") == nil && file.value("auth_type", of: "p") == "pat")
    }

    @Test func `link stays a link, and the file that it leads to is replaced`() throws {
        let folder = try TemporaryFolder()
        let target = try folder.write("[a]\nhost = a\n", to: "dotfiles/cfg", mode: 0o644)
        for (link, to) in [("relative", "dotfiles/cfg"), ("absolute", target), ("twice", "relative")] {
            let path = folder.path + "/" + link
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: to)
            try ProfileFile(path: path).set([("host", link)], in: link)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == to)
        }
        #expect(
            ConfigurationFile(try folder.read("dotfiles/cfg")).profileNames == ["a", "absolute", "relative", "twice"])
        #expect(try folder.mode("dotfiles/cfg") == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/dotfiles") == ["cfg"])
        // A link to a file that is still to be made, and one that leads in a circle.
        let path = folder.path + "/new"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "dotfiles/made")
        try ProfileFile(path: path).set([("host", "h")], in: "p")
        #expect(try folder.read("dotfiles/made") == "[p]\nhost = h\n")
        let circle = folder.path + "/circle"
        try FileManager.default.createSymbolicLink(atPath: circle, withDestinationPath: "circle")
        #expect(throws: DatabricksError.self) { try ProfileFile(path: circle).set([("host", "h")], in: "p") }
    }

    @Test func `what is no file is not replaced, and a check changes nothing`() throws {
        #expect(throws: DatabricksError.self) { try ProfileFile(path: "/dev/null").set([("host", "h")], in: "p") }
        #expect(
            try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType != .typeRegular)
        let folder = try TemporaryFolder()
        let path = try folder.write("[p]\nhost = https://a.example.com\nworkspace_id = 1\n", to: "cfg")
        let file = ProfileFile(path: path)
        try file.check([("host", "https://a.example.com")], in: "p")
        for values in [
            [("host", "https://b.example.com")], [("host", "https://a.example.com"), ("workspace_id", "2")],
        ] {
            #expect(throws: DatabricksError.self) { try file.check(values, in: "p") }
        }
        #expect(throws: DatabricksError.self) {
            try ProfileFile(path: "/proc/none/cfg").check([("host", "h")], in: "q")
        }
        #expect(try folder.read("cfg").contains("workspace_id = 1"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["cfg"])
    }
}
