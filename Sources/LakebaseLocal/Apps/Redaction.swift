//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// Keeps a secret out of text that comes in pieces.
enum Redaction {
    static let mark = "<redacted>"

    /// The text with a mark in place of the secret, found by its bytes: a combining mark behind it hides it from Unicode's eyes.
    static func replacing(_ secret: String, in text: String) -> String {
        guard !secret.utf8.isEmpty else { return text }
        return text.replacingExactly(secret, with: Self.mark)
    }

    /// How many bytes at the end may be the beginning of a secret that goes on in the next piece.
    static func unfinished(_ bytes: [UInt8], secret: String) -> Int {
        let secret = Array(secret.utf8)
        for count in stride(from: min(secret.count - 1, bytes.count), to: 0, by: -1)
        where bytes.suffix(count).elementsEqual(secret.prefix(count)) {
            return count
        }
        return 0
    }
}

/// Text that a terminal shows as it is.
enum PlainText {
    /// The text without colours, and with a backslash form of what moves a terminal's cursor or turns the order of what is read.
    static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: Self.isHidden) else { return text }
        var visible = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            if let end = Self.endOfColour(rest) {
                rest = rest[end...]
                continue
            }
            rest.removeFirst()
            if Self.isHidden(scalar) {
                visible.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
            } else {
                visible.append(scalar)
            }
        }
        return String(visible)
    }

    /// The place behind ESC [ numbers m, which only chooses how the text behind it looks; nil where there is none.
    private static func endOfColour(
        _ text: Substring.UnicodeScalarView
    ) -> Substring.UnicodeScalarView.Index? {
        guard text.starts(with: "\u{1B}[".unicodeScalars) else { return nil }
        let numbers = text.dropFirst(2).prefix { ("0"..."9").contains($0) || $0 == ";" }
        guard text[numbers.endIndex...].first == "m" else { return nil }
        return text.index(after: numbers.endIndex)
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: false
        // C0, DELETE and C1; separators of lines; marks, embeddings and isolates that turn the direction.
        case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x200E, 0x200F, 0x061C, 0x2066...0x2069: true
        default: false
        }
    }
}
