//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
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

    @Test("many stars take no long time")
    func stars() {
        let started = ContinuousClock.now
        #expect(!self.ignores(String(repeating: "a*", count: 60) + "b", String(repeating: "a", count: 200)))
        #expect(ContinuousClock.now - started < .seconds(5))
    }

    /// The truth is git's own answer.
    @Test("the same as git says, for chance patterns and paths")
    func git() throws {
        var generator = SplitMix(state: 0x5EED)
        let pieces = ["a", "b", "ab", "*", "**", "?", "[ab]", "[!a]", "a*", "*b", "*.c", "\\*", "c.c"]
        let names = ["a", "b", "ab", "ba", "c.c", "a.c", "x"]
        let folder = NSTemporaryDirectory() + "lakebase-ignore-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(try Self.run(["init", "-q"], in: folder, input: "").status == 0)
        for _ in 0..<60 {
            let lines = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                var pattern = (0..<Int.random(in: 1...3, using: &generator))
                    .map { _ in pieces.randomElement(using: &generator) ?? "a" }.joined(separator: "/")
                if Bool.random(using: &generator) { pattern = "/" + pattern }
                if Int.random(in: 0..<4, using: &generator) == 0 { pattern += "/" }
                if Int.random(in: 0..<4, using: &generator) == 0 { pattern = "!" + pattern }
                return pattern
            }
            let text = lines.joined(separator: "\n")
            try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: folder + "/.gitignore"))
            let paths = (0..<40).map { _ in
                (0..<Int.random(in: 1...4, using: &generator))
                    .map { _ in names.randomElement(using: &generator) ?? "a" }.joined(separator: "/")
            }
            let answer = try Self.run(
                ["check-ignore", "--stdin", "--no-index"], in: folder, input: paths.joined(separator: "\n") + "\n")
            let ignored = Set(answer.output.split(separator: "\n").map(String.init))
            for path in paths {
                #expect(self.ignores(text, path) == ignored.contains(path), "\(lines) and \(path)")
            }
        }
    }

    private static func run(_ arguments: [String], in folder: String, input: String) throws -> (
        status: Int32, output: String
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", folder, "-c", "core.excludesFile=/dev/null"] + arguments
        let (stdin, stdout) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (stdin, stdout)
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let data = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}

/// Chance that is the same in each run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
