//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import SQLTokens

extension SQLScript.Statement {
    /// `COPY … FROM STDIN` and `COPY … TO STDOUT`, whose rows would go over the connection.
    package var movesRowsOverConnection: Bool { self.copyWord != nil }

    /// `COPY … FROM STDIN`, whose rows psql reads from behind the statement.
    var copiesFromClient: Bool { self.copyWord == "from" }

    /// The word before `STDIN` or `STDOUT` in a COPY, between which the server makes no difference.
    private var copyWord: String? {
        guard self.words.first == "copy" else { return nil }
        var (parentheses, previous) = (0, "")
        let tokens = SQLTokens(self.text)
        for token in tokens where !token.isIgnored {
            switch token.kind {
            case .openingParenthesis: parentheses += 1
            case .closingParenthesis: parentheses -= 1
            case .word where parentheses == 0:
                if tokens.isWord(token, "stdin") || tokens.isWord(token, "stdout"),
                    previous == "from" || previous == "to"
                {
                    return previous
                }
                previous = tokens.foldedText(of: token)
                continue
            case .whitespace, .lineComment, .blockComment, .word, .quotedName, .text, .number, .parameter, .symbol,
                .punctuation, .semicolon, .junk, .stray:
                break
            }
            previous = ""
        }
        return nil
    }

    /// Why a `SET` must not change its setting here, and what to do; nil for every other statement.
    ///
    /// A script is read and sent as UTF-8, with backslashes as ordinary characters: a session with other settings would store other
    /// texts than those in the file, or see other statements.
    package var refusedSetting: Advice? {
        guard self.words.first == "set" else { return nil }
        let tokens = SQLTokens(self.text)
        var words = tokens.filter { !$0.isIgnored }.dropFirst().map { tokens.foldedText(of: $0) }[...]
        if words.first == "session" || words.first == "local" { words.removeFirst() }
        let name = words.popFirst().map(Self.bare)
        if name != "names" { words.removeFirst(min(1, words.count)) }
        let value = words.first.map(Self.bare) ?? ""
        switch name {
        case "client_encoding", "names":
            guard !["utf8", "unicode", "default"].contains(value.filter { $0 != "-" && $0 != "_" }) else { return nil }
            return Advice(
                "texts are sent and read as UTF-8",
                remedy: "leave this out, and convert the file, for example: iconv -f LATIN1 -t UTF-8")
        case "standard_conforming_strings":
            let isOff = !value.isEmpty && ["off", "false", "no", "0"].contains { $0.hasPrefix(value) } && value != "o"
            return isOff
                ? Advice(
                    "statements are read with standard_conforming_strings on",
                    remedy: "leave this out, and write E'…'") : nil
        case _: return nil
        }
    }

    /// A name or value without its quotes.
    private static func bare(_ word: String) -> String {
        String(word.lowercased().drop { "'\"".contains($0) }.prefix { !"'\"".contains($0) })
    }
}
