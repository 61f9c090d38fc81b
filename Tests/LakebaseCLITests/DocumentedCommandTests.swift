//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Foundation
import Testing

@testable import LakebaseCLI

/// A reader types what the documentation shows: each line of it has to parse.
@Suite("The calls of lakebase that the documentation shows")
struct DocumentedCommandTests {
    private static let root = #filePath.components(separatedBy: "/Tests/LakebaseCLITests/").first ?? "."

    /// What keeps a call from being run; nil when it parses.
    private static func mistake(in call: ShellLines.Call) -> String? {
        do {
            _ = try LakebaseCommand.parseAsRoot(call.arguments)
            return nil
        } catch {
            // Help, the version and scripts for completion.
            if LakebaseCommand.exitCode(for: error).isSuccess { return nil }
            let message = LakebaseCommand.message(for: error)
            // The terminal that the tests run in is not the one of the example.
            if call.readsInput, message.hasPrefix("there is nothing to run") { return nil }
            return message
        }
    }

    /// Checks the calls of a text, and returns how many there are.
    private static func check(_ text: String, firstLine: Int, of file: String) -> Int {
        let calls = ShellLines(text, firstLine: firstLine).calls
        for call in calls {
            if let mistake = self.mistake(in: call) {
                Issue.record("\(file):\(call.line): lakebase \(call.arguments.joined(separator: " ")): \(mistake)")
            }
        }
        return calls.count
    }

    // MARK: Files

    /// The files that people read, by their paths from the root.
    private static func files() throws -> [String] {
        var files = ["README.md", "SECURITY.md", "CONTRIBUTING.md"]
        for folder in ["Sources", "Examples"] {
            let all = try #require(FileManager.default.enumerator(atPath: "\(self.root)/\(folder)"))
            for case let path as String in all where !path.contains(".build/") {
                let isGuide = path.hasSuffix(".md")
                let isExample = folder == "Examples" && [".yaml", ".example"].contains { path.hasSuffix($0) }
                if isGuide || isExample { files.append("\(folder)/\(path)") }
            }
        }
        return files
    }

    /// A piece of a file, with the number of its first line.
    private struct Piece {
        var text: String
        var line: Int
    }

    /// The blocks of code of a page, and the pieces of code in its sentences.
    private static func pieces(ofMarkdown text: String) -> (blocks: [Piece], spans: [Piece]) {
        var (blocks, spans): ([Piece], [Piece]) = ([], [])
        var block: Piece?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            // Within a quotation or a list, too.
            let bare = line.drop { $0 == ">" || $0 == " " }
            if bare.hasPrefix("```") {
                if let whole = block { blocks.append(whole) }
                block = block == nil ? Piece(text: "", line: index + 2) : nil
            } else if block != nil {
                block?.text += line + "\n"
            } else {
                spans += line.matches(of: /`([^`]+)`/).map { Piece(text: String($0.output.1), line: index + 1) }
            }
        }
        return (blocks, spans)
    }

    @Test("each line of a block of code parses, and each command in a sentence exists with its options")
    func pages() async throws {
        let options = Dictionary(
            uniqueKeysWithValues: try await CommandTree.load().commands.map { ($0.words, $0.command.options) })
        var (inBlocks, inSentences) = (0, 0)
        for file in try Self.files() {
            let text = try String(contentsOfFile: "\(Self.root)/\(file)", encoding: .utf8)
            guard file.hasSuffix(".md") else {
                // A comment that shows a command.
                for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                    guard line.hasPrefix("#"), let start = line.range(of: "lakebase ") else { continue }
                    let command = line[start.lowerBound...].prefix { $0 != "`" }
                    let aligned = command.components(separatedBy: "    ").first ?? ""
                    inBlocks += Self.check(aligned, firstLine: index + 1, of: file)
                }
                continue
            }
            let (blocks, spans) = Self.pieces(ofMarkdown: text)
            for block in blocks where !block.text.contains("import ") {
                // All of this takes seconds, which the tests that wait for a program are not to stand still for.
                await Task.yield()
                inBlocks += Self.check(block.text, firstLine: block.line, of: file)
            }
            for span in spans {
                await Task.yield()
                for call in ShellLines(span.text, firstLine: span.line).calls {
                    inSentences += 1
                    if let mistake = Self.mistake(ofMention: call, options) {
                        Issue.record("\(file):\(call.line): \(span.text): \(mistake)")
                    }
                }
            }
        }
        #expect(inBlocks > 60, "only \(inBlocks) calls in blocks of code were found")
        #expect(inSentences > 100, "only \(inSentences) calls in sentences were found")
    }

    /// What is wrong with a call in a sentence, which need not be complete.
    private static func mistake(ofMention call: ShellLines.Call, _ options: [[String]: Set<String>]) -> String? {
        guard let mistake = self.mistake(in: call) else { return nil }
        guard mistake.hasPrefix("Missing ") || mistake.contains("say ") else { return mistake }
        var words: [String] = []
        for word in call.arguments {
            guard options[words + [word]] != nil else { break }
            words.append(word)
        }
        guard !words.isEmpty else { return "it names no command" }
        let known = (options[words] ?? []).union(words.first == "dev" ? options[["dev"]] ?? [] : [])
        let given = call.arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }
        let unknown = given.filter { !known.contains($0) && $0 != "--help" }
        return unknown.isEmpty ? nil : "there is no \(unknown.joined(separator: ", "))"
    }

    // MARK: Help

    @Test("each line of a command's own help parses, and each command has examples and its exit status")
    func help() async throws {
        var count = 0
        for (words, command) in try await CommandTree.load().commands {
            await Task.yield()
            let name = "lakebase \((words + ["--help"]).joined(separator: " "))"
            let discussion = command.discussion ?? ""
            for (index, line) in discussion.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                // Examples are indented, and what introduces one ends with a colon.
                guard line.hasPrefix("  "), !line.hasSuffix(":") else { continue }
                let bare = line.trimmingCharacters(in: .whitespaces)
                let isExample = bare.contains("lakebase ") && (bare.hasPrefix("lakebase ") || Self.isCode(bare))
                guard isExample else { continue }
                let found = Self.check(bare, firstLine: index + 1, of: name)
                #expect(found > 0, "\(name):\(index + 1): no call was found in: \(bare)")
                count += found
            }
            guard (command.subcommands ?? []).filter({ $0.commandName != "help" }).isEmpty else { continue }
            #expect(discussion.contains("EXAMPLES\n"), "\(name) shows no example")
            #expect(discussion.lowercased().contains("exit status"), "\(name) does not say its exit status")
        }
        #expect(count > 60, "only \(count) calls were found")
    }

    @Test("the abstract of each command is a short imperative sentence, and no help is in this project's own idiom")
    func abstracts() async throws {
        let verbs = [
            "Check", "Create", "Delete", "Deploy", "Find", "Grant", "List", "Log", "Package", "Print", "Revoke", "Run",
            "Show",
            "Transfer", "Undo",
        ]
        let idioms = /somebody|whoever|sign of life|there is to|when left out|is had|come about|when it is not there/
        for (words, command) in try await CommandTree.load().commands {
            let name = (["lakebase"] + words).joined(separator: " ")
            let abstract = command.abstract ?? ""
            #expect(verbs.contains(String(abstract.prefix { $0.isLetter })), "\(name): \(abstract)")
            #expect(abstract.hasSuffix(".") && abstract.count <= 100, "\(name): \(abstract)")
            let arguments = (command.arguments ?? []).compactMap(\.abstract)
            for text in [abstract, command.discussion ?? ""] + arguments {
                #expect(text.firstMatch(of: idioms) == nil, "\(name): \(text)")
            }
        }
    }

    /// Whether a line with `lakebase` somewhere in it is one of a script and not of a text.
    private static func isCode(_ line: String) -> Bool {
        ["$(lakebase ", "if lakebase ", "umask 077; lakebase "].contains { line.contains($0) }
    }

    // MARK: The reader of scripts

    @Test("a script's calls are found with their arguments and lines")
    func scripts() {
        let script = """
            # lakebase comment
            $ lakebase psql -c 'SELECT 1; -- lakebase no' | jq . && ../x/lakebase token --field \\
                user > file 2>&1
            PGPASSWORD=$(lakebase token) pg_dump "$(lakebase env --format url)" > dump.sql   # lakebase no
            if lakebase doctor --json > report.json; then ./start; fi
            (umask 077; lakebase env --with-token > "$HOME/session.env")
            lakebase dev -- lakebase dev status --data "$DATA dir"
            lakebase query < a.sql
            cat a.sql | lakebase query
            echo lakebase no; my-lakebase no
            """
        let calls = ShellLines(script, firstLine: 10).calls
        let expected: [([String], Int)] = [
            (["psql", "-c", "SELECT 1; -- lakebase no"], 11), (["token", "--field", "user"], 11), (["token"], 13),
            (["env", "--format", "url"], 13), (["doctor", "--json"], 14), (["env", "--with-token"], 15),
            (["dev", "--", "lakebase", "dev", "status", "--data", "value dir"], 16),
            (["dev", "status", "--data", "value dir"], 16), (["query"], 17), (["query"], 18),
        ]
        #expect(calls.map(\.arguments) == expected.map(\.0))
        #expect(calls.map(\.line) == expected.map(\.1))
        #expect(calls.map(\.readsInput) == Array(repeating: false, count: 8) + [true, true])
    }

    @Test(
        "a line that does not parse is found",
        arguments: [
            "lakebase migrate up --no-such-option", "lakebase proxy", "lakebase grants apply role",
            "lakebase dev --data",
        ])
    func mistakes(line: String) throws {
        #expect(Self.mistake(in: try #require(ShellLines(line).calls.first)) != nil)
    }
}
