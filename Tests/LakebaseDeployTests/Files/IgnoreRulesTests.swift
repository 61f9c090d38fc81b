//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import TestSupport
import Testing

@testable import LakebaseDeploy

@Suite struct IgnoreRulesTests {
    private func ignores(_ text: String, _ path: String) -> Bool {
        var rules = IgnoreRules()
        rules.add(text, in: "")
        let parts = path.split(separator: "/").map(String.init)
        // As a walk does: a folder that is left out takes what is in it along.
        return parts.indices.contains { end in
            rules.ignores(Array(parts[...end]), isFolder: end < parts.count - 1)
        }
    }

    @Test("what is never uploaded, whatever the folder says")
    func standard() {
        for (path, isFolder) in [
            (".git", true), (".build", true), ("a/node_modules", true), (".env", false), (".env.local", false),
            ("keys/server.pem", false), ("deployment.yaml", false),
        ] {
            #expect(
                IgnoreRules.standard.ignores(path.split(separator: "/").map(String.init), isFolder: isFolder), "\(path)"
            )
        }
        for path in ["app.py", ".env.example", "a/deployment.yaml", "build/x", "gitx"] {
            #expect(
                !IgnoreRules.standard.ignores(path.split(separator: "/").map(String.init), isFolder: false), "\(path)")
        }
    }

    @Test("a pattern of an inner folder counts from there")
    func inner() {
        var rules = IgnoreRules()
        rules.add("/x\n*.log", in: "a/b")
        #expect(rules.ignores(["a", "b", "x"], isFolder: false))
        #expect(!rules.ignores(["x"], isFolder: false))
        #expect(rules.ignores(["a", "b", "c", "y.log"], isFolder: false))
        #expect(!rules.ignores(["a", "y.log"], isFolder: false))
    }

    @Test("a byte order mark, the ends of lines, and other normal forms hide no pattern")
    func hidden() {
        #expect(self.ignores("\u{FEFF}secret.txt\nx", "secret.txt"))
        #expect(self.ignores("a\r\nsecret.txt\r\n", "secret.txt"))
        #expect(self.ignores("secret.txt\r", "secret.txt"))
        #expect(self.ignores("secret.txt   ", "secret.txt"))
        #expect(self.ignores("secret\\ ", "secret "))
        #expect(!self.ignores("a\u{2028}secret.txt", "secret.txt"))
        // Swift takes a line feed behind a carriage return, and a mark behind a slash, for one Character.
        #expect(self.ignores("\u{301}x\r\nsecret/", "secret/\u{301}x"))
        #expect(self.ignores("caf\u{E9}", "cafe\u{301}") && self.ignores("cafe\u{301}/", "caf\u{E9}/x"))
        // What takes a file in again has to be the same to the byte.
        #expect(self.ignores("*.txt\n!caf\u{E9}.txt", "cafe\u{301}.txt"))
        #expect(!self.ignores("*.txt\n!caf\u{E9}.txt", "caf\u{E9}.txt"))
        #expect(IgnoreRules.standard.ignores(["Server.PEM"], isFolder: false))
        #expect(IgnoreRules.standard.ignores([".git"], isFolder: false))
    }

    @Test("many stars take no long time")
    func stars() {
        // Twice the stars, and twice the name: a search that tries every division of the name would take 2^30 times as long.
        let times = [30, 60].map { count in
            processorTime {
                #expect(
                    !self.ignores(String(repeating: "a*", count: count) + "b", String(repeating: "a", count: count * 3))
                )
            }
        }
        #expect(times[1] < max(0.2, times[0] * 100), "\(times)")
    }

    /// The truth is git's own answer.
    @Test("the same as git says, for chance patterns and paths")
    func git() throws {
        let oracle = try GitOracle()
        defer { oracle.remove() }
        var generator = SplitMix64(seed: 0x5EED)
        var ignoredPaths = 0
        for _ in 0..<300 {
            let text = GitOracle.patterns(&generator)
            try oracle.write(text, to: ".gitignore")
            let paths = (0..<40).map { _ in GitOracle.path(&generator) }
            let answer = try oracle.run(["check-ignore", "--stdin", "-z", "--no-index"], input: paths)
            let ignored = Set(answer.map { ExactText($0) })
            ignoredPaths += ignored.count
            var rules = IgnoreRules()
            rules.add(text, in: "")
            for path in paths {
                let parts = path.splitExactly(at: "/").map(String.init)
                func ours(bytesOnly: Bool) -> Bool {
                    parts.indices.contains { end in
                        IgnoreRules.ignores(
                            Array(parts[...end]), isFolder: end < parts.count - 1, by: [rules], bytesOnly: bytesOnly)
                    }
                }
                let truth = ignored.contains(ExactText(path))
                let words = "\(String(decoding: text, as: UTF8.self).debugDescription) and \(path.debugDescription)"
                #expect(ours(bytesOnly: true) == truth, "\(words)")
                // Whatever the normal forms are, nothing is taken that git leaves out.
                if truth { #expect(ours(bytesOnly: false), "\(words)") }
            }
        }
        #expect(ignoredPaths > 500)
    }

    /// Whole folders, with patterns in every place that git reads them from.
    @Test("a folder's files are those that git lists, with lists in every place", arguments: [true, false])
    func folders(asksGit: Bool) async throws {
        let oracle = try GitOracle()
        defer { oracle.remove() }
        var generator = SplitMix64(seed: 0xF01D)
        let excludes = oracle.home + "/excludes"
        var taken = 0
        for round in 0..<60 {
            for name in try FileManager.default.contentsOfDirectory(atPath: oracle.folder) where name != ".git" {
                try FileManager.default.removeItem(atPath: "\(oracle.folder)/\(name)")
            }
            for _ in 0..<30 {
                // A name that is a folder already is none of a file.
                let path = GitOracle.path(&generator)
                try? oracle.write(Array("x".utf8), to: path)
            }
            let isConfigured = round % 2 == 0
            try oracle.write(
                Array("[user]\n\tname = x\n[core] ; of all\n\texcludesFile = \"~/excludes\" # mine\n".utf8),
                to: isConfigured ? oracle.home + "/.gitconfig" : oracle.home + "/nothing")
            if !isConfigured { try? FileManager.default.removeItem(atPath: oracle.home + "/.gitconfig") }
            try oracle.write(
                GitOracle.patterns(&generator), to: isConfigured ? excludes : oracle.home + "/.config/git/ignore")
            try oracle.write(GitOracle.patterns(&generator), to: ".git/info/exclude")
            for place in ["", "a/", "a/b/", "ab/"] where Bool.random(using: &generator) {
                try? oracle.write(GitOracle.patterns(&generator), to: place + ".gitignore")
            }
            let listed = try oracle.run(["ls-files", "-z", "--others", "--exclude-standard"])
                .filter { !$0.endsExactly(with: ".gitignore") }.map { ExactText($0) }
            let checkout = try await GitCheckout.around(
                oracle.folder, environment: oracle.environment, asksGit: asksGit)
            let source = try SourceFiles(folder: oracle.folder, checkout: checkout)
            let ours = Set(source.files.map { ExactText($0.path) }.filter { !$0.text.endsExactly(with: ".gitignore") })
            let extra = ours.subtracting(listed)
            #expect(extra.isEmpty, "round \(round): \(extra)")
            // Names in another normal form may be left out beyond what git does, and no others.
            let missing = Set(listed).subtracting(ours).filter { $0.text.utf8.allSatisfy { $0 < 0x80 } }
            #expect(missing.isEmpty, "round \(round): \(missing)")
            taken += ours.count
        }
        #expect(taken > 300)
    }
}
