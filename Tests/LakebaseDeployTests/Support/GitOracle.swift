//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import TestSupport

/// Patterns and names by chance, and git's own answer to them.
struct GitOracle {
    /// The folder of a repository of its own.
    let folder: String
    /// What a git sees that knows no configuration but the one in `home`.
    let environment: [String: String]

    init() throws {
        let base =
            FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
            + "/lakebase-ignore-" + UUID().uuidString
        self.folder = base + "/repository"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: base + "/home", withIntermediateDirectories: true)
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GIT_") }
        environment["HOME"] = base + "/home"
        environment["XDG_CONFIG_HOME"] = base + "/home/.config"
        environment["GIT_CONFIG_NOSYSTEM"] = "1"
        self.environment = environment
        _ = try self.run(["init", "-q"])
    }

    var home: String { self.environment["HOME"] ?? "" }

    func remove() { try? FileManager.default.removeItem(atPath: (self.folder as NSString).deletingLastPathComponent) }

    func write(_ bytes: [UInt8], to path: String) throws {
        let place = path.hasPrefix("/") ? path : "\(self.folder)/\(path)"
        try FileManager.default.createDirectory(
            atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: place))
    }

    /// What git prints, at each zero byte a further text.
    func run(_ arguments: [String], input: [String] = []) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", self.folder] + arguments
        process.environment = self.environment
        let stdout = Pipe()
        // A file, so that neither side waits for the other.
        let questions = (self.folder as NSString).deletingLastPathComponent + "/input"
        try Data(input.flatMap { Array($0.utf8) + [0] }).write(to: URL(fileURLWithPath: questions))
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: questions))
        process.standardOutput = stdout
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Chance

    private static let pieces = [
        "a", "b", "ab", "*", "**", "***", "?", "??", "[ab]", "[!a]", "[^a]", "[a-c]", "[c-a]", "[]a]", "[!]a]", "[a-]",
        "[-a]", "[\\]]", "[[:alpha:]]", "[![:digit:]x]", "[[:nope:]]", "[[:alpha:", "[[a]", "[a", "a*", "*b", "*.c",
        "a**",
        "**b", "\\*", "\\a", "a\\", "\\[", "c.c", "é", "[é]", "a\u{301}", " ", "a ", "a b", "a\\ ", "#a", "\\#a", "!a",
        "\\!a",
        "A", "[A-Z]", "*[", "x", "x?", ".*", ".x",
    ]
    private static let names = [
        "a", "b", "ab", "ba", "c.c", "a.c", "x", "A", "a b", "a ", "#a", "!a", "é", "a\u{301}", "[a", "[]", "*", "\\a",
        "-",
        ".x", "xa", "]", "1",
    ]

    static func patterns(_ generator: inout SplitMix64) -> [UInt8] {
        var text: [UInt8] = Int.random(in: 0..<5, using: &generator) == 0 ? [0xEF, 0xBB, 0xBF] : []
        let ending = Bool.random(using: &generator) ? "\n" : "\r\n"
        for _ in 0..<Int.random(in: 1...5, using: &generator) {
            let count = Int.random(in: 1...3, using: &generator)
            let separator = Int.random(in: 0..<8, using: &generator) == 0 ? "" : "/"
            var line = (0..<count).map { _ in Self.pieces.randomElement(using: &generator) ?? "a" }
                .joined(separator: separator)
            if Int.random(in: 0..<3, using: &generator) == 0 { line = "/" + line }
            if Int.random(in: 0..<4, using: &generator) == 0 { line += "/" }
            if Int.random(in: 0..<4, using: &generator) == 0 { line = "!" + line }
            if Int.random(in: 0..<6, using: &generator) == 0 {
                line += [" ", "  ", "\t", "\\ ", " \\", "\r", "/", "\u{B}"].randomElement(using: &generator) ?? ""
            }
            text += Array((line + ending).utf8)
        }
        // The last line may lack its end.
        if Bool.random(using: &generator) { text.removeLast() }
        return text
    }

    static func path(_ generator: inout SplitMix64) -> String {
        (0..<Int.random(in: 1...4, using: &generator)).map { _ in Self.names.randomElement(using: &generator) ?? "a" }
            .joined(separator: "/")
    }
}
