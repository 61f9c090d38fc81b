//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension SQLTokens {
    /// The byte there; nil behind the end.
    func byte(_ index: Int) -> UInt8? {
        index < self.bytes.count ? self.bytes[index] : nil
    }

    /// Moves over bytes that fit.
    mutating func skip(while fits: (UInt8) -> Bool) {
        while self.index < self.bytes.count, fits(self.bytes[self.index]) { self.index += 1 }
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// For the server a carriage return by itself ends a line.
    static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func isHexadecimal(_ byte: UInt8) -> Bool {
        Self.isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f"))
    }

    /// What a word begins with: letters, the underscore, and all that is not ASCII.
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

    /// Bytes as a text.
    package func text(in range: Range<Int>) -> String {
        String(decoding: self.bytes[range.clamped(to: self.bytes.indices)], as: UTF8.self)
    }

    /// The bytes of a token as a text with the letters of ASCII in lower case, as the server folds names.
    package func foldedText(of token: SQLToken) -> String {
        String(decoding: self.bytes[token.range.clamped(to: self.bytes.indices)].lazy.map(Self.folded), as: UTF8.self)
    }

    static func folded(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    /// Whether a token is a word without quotes, which is given in lower case.
    package func isWord(_ token: SQLToken, _ word: StaticString) -> Bool {
        guard token.kind == .word, token.range.count == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { letters in
            zip(letters, self.bytes[token.range.clamped(to: self.bytes.indices)]).allSatisfy {
                $0 == Self.folded($1)
            }
        }
    }
}
