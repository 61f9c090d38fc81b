//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The calls of `lakebase` in the text of a shell script.
///
/// Knows what documentation uses of a shell: quotes, variables, comments, line continuations, pipes and lists, redirections,
/// assignments, substitutions, and a prompt `$ `.
struct ShellLines {
    /// A call: what follows the program's name, and the line of the text that it begins on, counted from 1.
    struct Call: Hashable {
        var arguments: [String]
        var line: Int
        /// Whether its standard input is not the terminal's.
        var readsInput = false
    }

    private var rest: Substring.UnicodeScalarView
    private var line: Int
    private(set) var calls: [Call] = []

    /// - Parameter firstLine: The number of the text's first line.
    init(_ text: String, firstLine: Int = 1) {
        // A prompt is no word, and what is written after it is a line of its own.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let spaces = line.prefix { $0 == " " }
            let rest = line.dropFirst(spaces.count)
            return rest.hasPrefix("$ ") ? spaces + rest.dropFirst(2) : line
        }
        self.rest = Substring(lines.joined(separator: "\n")).unicodeScalars
        self.line = firstLine
        self.readList(until: nil)
    }

    private enum Token: Equatable {
        case word(String)
        /// Ends a simple command.
        case end
        case pipe
        case redirection(String)
    }

    private mutating func next() -> Unicode.Scalar? {
        guard let scalar = self.rest.popFirst() else { return nil }
        if scalar == "\n" { self.line += 1 }
        return scalar
    }

    /// Reads commands to a closing parenthesis or the end of the text.
    private mutating func readList(until close: Unicode.Scalar?) {
        var words: [String] = []
        var first = self.line
        var isPiped = false
        var readsInput = false
        func finish() -> Call? {
            guard let arguments = Self.arguments(of: words) else { return nil }
            return Call(arguments: arguments, line: first, readsInput: isPiped || readsInput)
        }
        while let scalar = self.rest.first {
            if scalar == close { break }
            if words.isEmpty { first = self.line }
            guard let token = self.token() else { continue }
            switch token {
            case .word(let word): words.append(word)
            case .redirection(let sign): if sign == "<" { readsInput = true }
            case .end, .pipe:
                if let call = finish() { self.add(call) }
                (words, isPiped, readsInput) = ([], token == .pipe, false)
            }
        }
        if let call = finish() { self.add(call) }
        if close != nil { _ = self.next() }
    }

    /// Adds a call, and the one that it runs after `--`.
    private mutating func add(_ call: Call) {
        self.calls.append(call)
        guard let end = call.arguments.firstIndex(of: "--") else { return }
        if let inner = Self.arguments(of: Array(call.arguments[(end + 1)...])) {
            self.add(Call(arguments: inner, line: call.line, readsInput: call.readsInput))
        }
    }

    /// The arguments of `lakebase`, if the words call it.
    private static func arguments(of words: [String]) -> [String]? {
        let program = words.firstIndex { word in
            !["if", "then", "else", "while", "until", "do", "!", "{", "time", "exec", "env"].contains(word)
                && word.wholeMatch(of: /[A-Za-z_][A-Za-z_0-9]*=.*/.dotMatchesNewlines()) == nil
        }
        guard let program, words[program].split(separator: "/").last == "lakebase" else { return nil }
        return Array(words[(program + 1)...])
    }

    /// One token; nil for what separates them.
    private mutating func token() -> Token? {
        guard let scalar = self.rest.first else { return nil }
        switch scalar {
        case " ", "\t":
            _ = self.next()
            return nil
        case "\\" where self.rest.dropFirst().first == "\n":
            _ = self.next()
            _ = self.next()
            return nil
        case "#":
            while let scalar = self.rest.first, scalar != "\n" { _ = self.next() }
            return nil
        case "\n", ";", "&", ")":
            _ = self.next()
            return .end
        case "|":
            _ = self.next()
            guard self.rest.first == "|" else { return .pipe }
            _ = self.next()
            return .end
        case "(":
            _ = self.next()
            self.readList(until: ")")
            return .end
        case "<", ">": return self.redirection()
        case _:
            let word = self.word()
            // The number of a stream belongs to its redirection.
            let isNumber = !word.isEmpty && word.utf8.allSatisfy { (48...57).contains($0) }
            if isNumber, let sign = self.rest.first, sign == "<" || sign == ">" { return nil }
            return .word(word)
        }
    }

    /// A redirection with its file.
    private mutating func redirection() -> Token {
        let sign = self.rest.first == "<" ? "<" : ">"
        while let scalar = self.rest.first, "<>&".unicodeScalars.contains(scalar) { _ = self.next() }
        while self.rest.first == " " { _ = self.next() }
        _ = self.word()
        return .redirection(sign)
    }

    private mutating func word() -> String {
        var word = String.UnicodeScalarView()
        while let scalar = self.rest.first {
            switch scalar {
            case " ", "\t", "\n", ";", "&", "|", "(", ")", "<", ">": return String(word)
            case "'":
                _ = self.next()
                while let scalar = self.next(), scalar != "'" { word.append(scalar) }
            case "\"":
                _ = self.next()
                while let scalar = self.rest.first, scalar != "\"" { self.quoted(into: &word) }
                _ = self.next()
            case _: self.quoted(into: &word)
            }
        }
        return String(word)
    }

    /// A character, an escaped one, a variable or a substitution.
    private mutating func quoted(into word: inout String.UnicodeScalarView) {
        guard let scalar = self.next() else { return }
        switch scalar {
        case "\\":
            if let escaped = self.next(), escaped != "\n" { word.append(escaped) }
        case "$":
            if self.rest.first == "(" {
                _ = self.next()
                self.readList(until: ")")
                word.append(contentsOf: "value".unicodeScalars)
            } else if self.rest.first == "{" {
                while let scalar = self.next(), scalar != "}" {}
                word.append(contentsOf: "value".unicodeScalars)
            } else if let first = self.rest.first, first.properties.isAlphabetic || first == "_" {
                while let scalar = self.rest.first,
                    scalar.properties.isAlphabetic || "_0123456789".unicodeScalars.contains(scalar)
                {
                    _ = self.next()
                }
                word.append(contentsOf: "value".unicodeScalars)
            } else {
                word.append(scalar)
            }
        case _: word.append(scalar)
        }
    }
}
