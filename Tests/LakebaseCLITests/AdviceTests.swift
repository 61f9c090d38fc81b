//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// Advice that names an option which the command does not have helps nobody.
@Suite("Options in texts")
struct AdviceTests {
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")

    /// A command with options as a text shows it.
    private struct Mention {
        var words: [String]
        var options: [String]
    }

    /// The commands that a line shows, each up to where it ends: at another command, a quotation mark, a pipe or `--`.
    private static func mentions(in line: String, _ paths: Set<[String]>) -> [Mention] {
        line.components(separatedBy: "lakebase ").dropFirst().map { part in
            let end = part.firstIndex { "|;`\"'()\\".contains($0) } ?? part.endIndex
            var mention = Mention(words: [], options: [])
            var isWord = true
            for token in part[..<end].split(whereSeparator: \.isWhitespace).map(String.init) {
                if token == "--" { break }
                let bare = token.trimmingCharacters(in: CharacterSet(charactersIn: ".,:"))
                if isWord, paths.contains(mention.words + [bare]) {
                    mention.words.append(bare)
                } else if let name = token.firstMatch(of: /^--[a-z][a-z-]*[a-z]/) {
                    isWord = false
                    mention.options.append(String(name.output))
                } else {
                    isWord = false
                }
                // The end of a sentence.
                if token.count > 1, token.hasSuffix("."), !token.hasSuffix("..") { break }
            }
            return mention
        }
    }

    // psql is left out: it is given what is no option of ours.
    @Test("a command that a text shows has the options that it is shown with")
    func shown() async throws {
        let tree = try await CommandTree.load()
        let options = Dictionary(uniqueKeysWithValues: tree.commands.map { ($0.words, $0.command.options) })
        var count = 0
        let files = FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil)
        for case let file as URL in try #require(files) where ["swift", "md"].contains(file.pathExtension) {
            let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
            // All of this takes seconds, which the tests that wait for a program are not to stand still for.
            await Task.yield()
            guard text.contains("lakebase ") else { continue }
            for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                for mention in Self.mentions(in: String(line), Set(options.keys))
                where !mention.words.isEmpty && mention.words != ["psql"] {
                    // A subcommand of dev has its options too.
                    let known = (options[mention.words] ?? []).union(
                        mention.words.first == "dev" ? options[["dev"]] ?? [] : []
                    )
                    .union(["--help", "--version"])
                    for option in mention.options {
                        count += 1
                        #expect(
                            known.contains(option),
                            "\(file.lastPathComponent):\(number + 1): lakebase \(mention.words.joined(separator: " ")) has no \(option)"
                        )
                    }
                }
            }
        }
        #expect(count > 50, "only \(count) options were found in texts")
    }

    @Test("the help of a command names no option that neither it nor another command that it names has")
    func help() async throws {
        let tree = try await CommandTree.load()
        let all = Set(tree.commands.flatMap { $0.command.options })
        for (words, command) in tree.commands {
            let run = try await CommandRun.run("lakebase", words + ["--help"])
            // Examples of other programs have options of their own.
            let lines = run.output.split(separator: "\n").filter { !$0.contains("start.sh") }.joined(separator: "\n")
            for match in lines.matches(of: /(?:^|[\s(\[])(--[a-z][a-z-]*[a-z])/) {
                let option = String(match.output.1)
                #expect(
                    command.options.contains(option) || all.contains(option) || option == "--help",
                    "lakebase \(words.joined(separator: " ")) --help names \(option)")
            }
        }
    }
}
