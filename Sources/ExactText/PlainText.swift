//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Makes text from outside safe to show on a terminal.
///
/// Names and messages come from a service, a database, an app or a file, and a terminal obeys what it is sent: it moves
/// its cursor, clears lines, and writes in the other direction.
package enum PlainText {
    /// The text with control characters of a terminal shown as `\u001B`.
    ///
    /// Line ends and tabulators stay. JSON escapes characters in the same way, so what is JSON stays the same JSON.
    ///
    /// - Parameter keepsColours: Whether sequences that only choose colours stay.
    package static func onTerminal(_ text: String, keepsColours: Bool = false) -> String {
        self.shown(text, lineEnds: true, colour: keepsColours ? .kept : .shown) { digits in
            "\\u\(String(repeating: "0", count: max(0, 4 - digits.utf8.count)))\(digits)"
        }
    }

    /// A line of a log without colours, and with other control characters of a terminal shown as `\u{1B}`.
    ///
    /// Tabulators stay; a line end is shown.
    package static func inLog(_ line: String) -> String {
        self.shown(line, lineEnds: false, colour: .leftOut) { "\\u{\($0)}" }
    }

    /// How a sequence that only selects colours is handled.
    private enum Colour { case kept, leftOut, shown }

    /// - Parameter escape: Returns the text to show for a scalar with these hexadecimal digits.
    private static func shown(
        _ text: String, lineEnds: Bool, colour: Colour, escape: (_ digits: String) -> String
    ) -> String {
        func isObeyed(_ scalar: Unicode.Scalar) -> Bool { Self.isObeyed(scalar) && !(lineEnds && scalar == "\n") }
        guard text.unicodeScalars.contains(where: isObeyed) else { return text }
        var plain = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            if colour != .shown, let end = Self.endOfColour(rest) {
                if colour == .kept { plain.append(contentsOf: rest[..<end]) }
                rest = rest[end...]
                continue
            }
            rest.removeFirst()
            if isObeyed(scalar) {
                plain.append(contentsOf: escape(String(scalar.value, radix: 16, uppercase: true)).unicodeScalars)
            } else {
                plain.append(scalar)
            }
        }
        return String(plain)
    }

    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: false
        // Controls, and what changes the direction or begins another line.
        case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// The end of a colour sequence such as `ESC [ 31 m` at the beginning of the text; nil where there is none.
    private static func endOfColour(_ text: Substring.UnicodeScalarView) -> String.Index? {
        guard text.starts(with: "\u{1B}[".unicodeScalars) else { return nil }
        let numbers = text.dropFirst(2).prefix { ("0"..."9").contains($0) || $0 == ";" }
        guard numbers.endIndex < text.endIndex, text[numbers.endIndex] == "m" else { return nil }
        return text.index(after: numbers.endIndex)
    }
}
