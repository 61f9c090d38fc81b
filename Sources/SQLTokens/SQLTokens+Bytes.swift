//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension SQLTokens {
    /// The byte at an index; nil after the end.
    func byte(_ index: Int) -> UInt8? {
        index < self.bytes.count ? self.bytes[index] : nil
    }

    /// Skips bytes that fit.
    mutating func skip(while fits: (UInt8) -> Bool) {
        while self.index < self.bytes.count, fits(self.bytes[self.index]) { self.index += 1 }
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// Whether a byte ends a line; for the server a carriage return alone does.
    static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func isHexadecimal(_ byte: UInt8) -> Bool {
        Self.isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f"))
    }

    /// Whether a byte can begin a word: letters, the underscore, and everything that is not ASCII.
    static func isWordStart(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
            || byte >= 0x80
    }

    static func isWordPart(_ byte: UInt8) -> Bool {
        Self.isWordStart(byte) || Self.isDigit(byte) || byte == UInt8(ascii: "$")
    }
}

extension SQLTokens {
    /// The bytes of a token as a text.
    package func text(of token: SQLToken) -> String { self.text(in: token.range) }

    /// A range of bytes as text.
    package func text(in range: Range<Int>) -> String {
        String(decoding: self.bytes[range.clamped(to: self.bytes.indices)], as: UTF8.self)
    }

    /// The text of a token with ASCII letters in lower case, as the server folds names.
    package func foldedText(of token: SQLToken) -> String {
        String(decoding: self.bytes[token.range.clamped(to: self.bytes.indices)].lazy.map(Self.folded), as: UTF8.self)
    }

    static func folded(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    /// Whether a token is an unquoted word equal to `word`, which is given in lower case.
    package func isWord(_ token: SQLToken, _ word: StaticString) -> Bool {
        guard token.kind == .word, token.range.count == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { letters in
            zip(letters, self.bytes[token.range.clamped(to: self.bytes.indices)]).allSatisfy {
                $0 == Self.folded($1)
            }
        }
    }
}
