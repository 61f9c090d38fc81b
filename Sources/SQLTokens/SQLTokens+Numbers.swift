//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension SQLTokens {
    /// Skips a number, and letters that follow it without a space.
    mutating func takeNumber() -> SQLToken.Kind {
        if let isPlain = self.takeRadix() { return isPlain ? .number : .junk }
        if self.byte(self.index) != UInt8(ascii: ".") { self.takeDigits(Self.isDigit) }
        // The dots of 1..2, a range of PL/pgSQL, are no part of the number.
        if self.byte(self.index) == UInt8(ascii: "."), self.byte(self.index + 1) != UInt8(ascii: ".") {
            self.index += 1
            self.takeDigits(Self.isDigit)
        }
        if let letter = self.byte(self.index), letter | 0x20 == UInt8(ascii: "e") {
            let sign = self.byte(self.index + 1)
            let isSigned = sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
            let digits = self.index + (isSigned ? 2 : 1)
            if let digit = self.byte(digits), Self.isDigit(digit) {
                self.index = digits
                self.takeDigits(Self.isDigit)
            } else if isSigned {
                self.index = digits
                return .junk
            }
        }
        return self.takeJunk() ? .junk : .number
    }

    /// Skips `0x1F`, `0o17` or `0b1`; nil when there is none, and false when it contains other letters.
    private mutating func takeRadix() -> Bool? {
        guard self.byte(self.index) == UInt8(ascii: "0"), let letter = self.byte(self.index + 1) else { return nil }
        let isDigit: (UInt8) -> Bool
        switch letter | 0x20 {
        case UInt8(ascii: "x"): isDigit = Self.isHexadecimal
        case UInt8(ascii: "o"): isDigit = { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
        case UInt8(ascii: "b"): isDigit = { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") }
        case _: return nil
        }
        self.index += 2
        let start = self.index
        if self.byte(self.index) == UInt8(ascii: "_"), let digit = self.byte(self.index + 1), isDigit(digit) {
            self.index += 1
        }
        self.takeDigits(isDigit)
        let (isEmpty, end) = (self.index == start, self.index)
        self.skip(while: Self.isWordPart)
        return self.index == end && !isEmpty
    }

    /// Skips digits, with single underscores between them.
    private mutating func takeDigits(_ isDigit: (UInt8) -> Bool) {
        guard let first = self.byte(self.index), isDigit(first) else { return }
        while let byte = self.byte(self.index) {
            if isDigit(byte) {
                self.index += 1
            } else if byte == UInt8(ascii: "_"), let next = self.byte(self.index + 1), isDigit(next) {
                self.index += 2
            } else {
                return
            }
        }
    }

    /// Skips letters, if there are any.
    mutating func takeJunk() -> Bool {
        guard let byte = self.byte(self.index), Self.isWordStart(byte) else { return false }
        self.skip(while: Self.isWordPart)
        return true
    }
}
