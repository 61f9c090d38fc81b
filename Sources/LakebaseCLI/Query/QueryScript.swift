//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LakebaseSchema

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The statements of a run with their sources.
struct QueryScript: Sendable {
    struct Item: Sendable {
        var source: String
        var statement: SQLScript.Statement
    }

    var items: [Item]

    /// Whether standard input is a terminal, whose user would not know that the command waits for input.
    static var isInputTerminal: Bool { isatty(STDIN_FILENO) != 0 }

    /// Reads commands, else files, else standard input.
    static func read(commands: [String], files: [String]) throws -> QueryScript {
        var script = QueryScript(items: [])
        for command in commands { try script.add(command, from: "-c") }
        for file in commands.isEmpty && files.isEmpty ? ["-"] : files {
            try script.add(try Self.text(of: file), from: file == "-" ? "stdin" : file)
        }
        return script
    }

    private static func text(of file: String) throws(CommandError) -> String {
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        defer { if descriptor > STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        guard descriptor >= 0, Self.read(descriptor, into: &bytes) else {
            throw CommandError(
                "\(file) cannot be read: \(String(cString: strerror(errno))); check its name and permissions")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError("\(file) is not UTF-8; convert it, for example: iconv -f LATIN1 -t UTF-8")
        }
        return text.droppingExactly(prefix: "\u{FEFF}").map(String.init) ?? text
    }

    /// Reads to the end; false with `errno` when it cannot.
    private static func read(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = systemRead(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 }
            bytes += chunk.prefix(count)
        }
    }

    private mutating func add(_ text: String, from source: String) throws(CommandError) {
        do {
            let statements = try SQLScript(text).statements
            self.items += statements.map { Item(source: source, statement: $0) }
        } catch {
            throw CommandError("\(source):\(error.line): \(error.message)")
        }
    }

    /// Refuses statements that cannot do what the options request, before anything runs.
    func check(parameters: Int, isOneTransaction: Bool) throws(CommandError) {
        guard !self.items.isEmpty else { throw CommandError("there is no statement to run") }
        if parameters > 0, self.items.count != 1 {
            throw CommandError("--param needs one statement, there are \(self.items.count); run them one by one")
        }
        for item in self.items {
            let (words, place) = (item.statement.words, "\(item.source):\(item.statement.line)")
            if let reason = item.statement.refusedSetting { throw CommandError("\(place): \(reason)") }
            if item.statement.movesRowsOverConnection {
                throw CommandError(
                    "\(place): COPY from or to the client cannot run here; use lakebase psql -c '\\copy …'"
                )
            }
            if isOneTransaction, item.statement.endsOrBeginsTransaction {
                throw CommandError(
                    "\(place): \(words.prefix(2).joined(separator: " ").uppercased()) would end the one transaction; leave it out, or leave out --single-transaction"
                )
            }
        }
    }
}

extension SQLScript.Statement {
    /// `BEGIN`, `COMMIT` and the like; savepoints are none of them.
    fileprivate var endsOrBeginsTransaction: Bool {
        switch self.words.first {
        case "begin", "commit", "end", "abort": true
        case "start": self.words.dropFirst().first == "transaction"
        case "prepare": self.words.dropFirst().first == "transaction"
        case "rollback": !self.words.contains("to")
        case _: false
        }
    }
}

#if canImport(Glibc)
private let systemRead = Glibc.read
#elseif canImport(Darwin)
private let systemRead = Darwin.read
#endif
