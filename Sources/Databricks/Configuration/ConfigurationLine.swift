//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText

/// A line of a `.databrickscfg`, for reading and for changing the file.
///
/// It is found by its bytes: `\r\n` is one Character of Swift, in which a search for `\n` finds nothing.
struct ConfigurationLine {
    /// The kind of a line.
    enum Kind {
        /// Nothing, or a comment.
        case blank
        case section(String)
        /// A section whose `[` is not closed.
        case openSection
        case setting(key: String, value: String)
        case unreadable
    }

    /// The line without its line ending.
    let content: Substring
    /// `\n`, `\r\n` or `\r`; empty for a last line without an ending.
    let ending: Substring
    let kind: Kind

    private init(_ content: Substring, ending: Substring, isFirst: Bool) {
        self.content = content
        self.ending = ending
        // Editors on Windows put a byte order mark before the first line.
        self.kind = Self.kind(isFirst ? content.droppingExactly(prefix: "\u{FEFF}") ?? content : content)
    }

    /// The lines of a text, which together are all of it.
    static func lines(of text: String) -> [ConfigurationLine] {
        var lines: [ConfigurationLine] = []
        let bytes = text.utf8
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.endIndex
            var next = end
            if next < bytes.endIndex {
                next = bytes.index(after: end)
                if bytes[end] == 0x0D, next < bytes.endIndex, bytes[next] == 0x0A { next = bytes.index(after: next) }
            }
            lines.append(.init(text[start..<end], ending: text[end..<next], isFirst: lines.isEmpty))
            start = next
        }
        return lines
    }

    private static func kind(_ content: Substring) -> Kind {
        let line = Self.trimmed(content)
        switch line.utf8.first {
        case nil, UInt8(ascii: "#"), UInt8(ascii: ";"): return .blank
        case UInt8(ascii: "["):
            guard let end = line.utf8.firstIndex(of: UInt8(ascii: "]")) else { return .openSection }
            return .section(String(Self.trimmed(line[line.utf8.index(after: line.startIndex)..<end])))
        case _?:
            guard let separator = line.utf8.firstIndex(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") })
            else { return .unreadable }
            let value = Self.trimmed(line[line.utf8.index(after: separator)...])
            return .setting(key: Self.trimmed(line[..<separator]).lowercased(), value: String(value))
        }
    }

    /// A text without blanks at its ends.
    static func trimmed(_ text: Substring) -> Substring {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return Substring(scalars[first...last])
    }
}
