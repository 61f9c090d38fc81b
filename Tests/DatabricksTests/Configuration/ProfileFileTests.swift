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
            ("[p]\n#host = no\nhost=1\nhost=2", "[p]\n#host = no\nhost = h\nhost=2\nauth_type = t\n"),
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
}
