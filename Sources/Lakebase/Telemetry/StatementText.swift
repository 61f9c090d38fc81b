//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The text of a query as it may be shown: without comments, and with a question mark for each literal.
///
/// The values of a well-made query are bound and not in its text. This is for the others.
enum StatementText {
    /// The longest text that is shown, in UTF-8 bytes.
    static let limit = 2000

    /// Blanks become one space; a text that ends within a literal ends there.
    static func shown(_ sql: String) -> String {
        var rest = sql.utf8[...]
        var text: [UInt8] = []
        while let unit = rest.first, text.count < Self.limit {
            if SQLComment.skip(&rest) || Self.skipBlanks(&rest) {
                if let last = text.last, last != 32 { text.append(32) }
            } else if unit == UInt8(ascii: "'") {
                Self.skipLiteral(&rest, escapes: Self.dropPrefixOfLiteral(&text))
                text.append(UInt8(ascii: "?"))
            } else if unit == UInt8(ascii: "\"") {
                text += Self.takeIdentifier(&rest)
            } else if unit == UInt8(ascii: "$"), Self.skipDollarQuoted(&rest) {
                text.append(UInt8(ascii: "?"))
            } else if Self.isDigit(unit), !Self.continuesWord(text.last) {
                rest = rest.drop { Self.isWord($0) || $0 == UInt8(ascii: ".") }
                text.append(UInt8(ascii: "?"))
            } else {
                text.append(unit)
                rest.removeFirst()
            }
        }
        while text.last == 32 { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isDigit(_ unit: UInt8) -> Bool { (48...57).contains(unit) }

    private static func isWord(_ unit: UInt8) -> Bool {
        Self.isDigit(unit) || unit == UInt8(ascii: "_") || unit >= 128 || (unit | 0x20) &- UInt8(ascii: "a") < 26
    }

    /// Whether a digit after `unit` belongs to a name or is the number of a placeholder.
    private static func continuesWord(_ unit: UInt8?) -> Bool {
        unit.map { Self.isWord($0) || $0 == UInt8(ascii: "$") } ?? false
    }

    private static func skipBlanks(_ rest: inout Substring.UTF8View) -> Bool {
        let before = rest.startIndex
        rest = rest.drop { $0 == 32 || (9...13).contains($0) }
        return rest.startIndex != before
    }

    /// Takes away what belongs to the literal that follows: `E`, `B`, `X`, `N` and `U&`.
    ///
    /// - Returns: Whether a backslash escapes in that literal.
    private static func dropPrefixOfLiteral(_ text: inout [UInt8]) -> Bool {
        guard let last = text.last else { return false }
        let length = last == UInt8(ascii: "&") ? 2 : "ebxnEBXN".utf8.contains(last) ? 1 : 0
        guard length > 0, text.count >= length, !Self.continuesWord(text.dropLast(length).last) else { return false }
        text.removeLast(length)
        return last | 0x20 == UInt8(ascii: "e")
    }

    private static func skipLiteral(_ rest: inout Substring.UTF8View, escapes: Bool) {
        rest.removeFirst()
        while let unit = rest.popFirst() {
            if unit == UInt8(ascii: "\\"), escapes {
                _ = rest.popFirst()
            } else if unit == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "'") {
                // Where the literal ends depends on a setting of the server. Nothing is shown from here on.
                rest = rest[rest.endIndex...]
            } else if unit == UInt8(ascii: "'") {
                guard rest.first == unit else { return }
                rest.removeFirst()
            }
        }
    }

    private static func takeIdentifier(_ rest: inout Substring.UTF8View) -> [UInt8] {
        let whole = rest
        rest.removeFirst()
        while let unit = rest.popFirst(), unit != UInt8(ascii: "\"") {}
        return Array(whole[whole.startIndex..<rest.startIndex])
    }

    /// Skips `$tag$ … $tag$`; false when it is no such literal.
    private static func skipDollarQuoted(_ rest: inout Substring.UTF8View) -> Bool {
        let tag = rest.dropFirst().prefix { Self.isWord($0) }
        guard rest[tag.endIndex...].first == UInt8(ascii: "$"), !(tag.first.map { Self.isDigit($0) } ?? false) else {
            return false
        }
        let mark = Array(rest[rest.startIndex...tag.endIndex])
        rest = rest[tag.endIndex...].dropFirst()
        while !rest.isEmpty {
            if rest.starts(with: mark) {
                rest = rest.dropFirst(mark.count)
                return true
            }
            rest.removeFirst()
        }
        return true
    }
}

/// Comments of SQL.
enum SQLComment {
    /// Skips one that begins here; false when none does.
    static func skip(_ rest: inout Substring.UTF8View) -> Bool {
        if rest.starts(with: "--".utf8) {
            rest = rest.drop { $0 != 10 && $0 != 13 }
            return true
        }
        guard rest.starts(with: "/*".utf8) else { return false }
        // They nest in PostgreSQL.
        var depth = 0
        repeat {
            if rest.starts(with: "/*".utf8) {
                depth += 1
                rest = rest.dropFirst(2)
            } else if rest.starts(with: "*/".utf8) {
                depth -= 1
                rest = rest.dropFirst(2)
            } else {
                rest = rest.dropFirst()
            }
        } while depth > 0 && !rest.isEmpty
        return true
    }
}
