//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension SQLTokens {
    /// Skips a comment and nested ones; false when the text ends first.
    mutating func takeComment() -> Bool {
        var depth = 0
        while let byte = self.byte(self.index) {
            let next = self.byte(self.index + 1)
            if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
                depth += 1
                self.index += 2
            } else if byte == UInt8(ascii: "*"), next == UInt8(ascii: "/") {
                depth -= 1
                self.index += 2
                if depth == 0 { return true }
            } else {
                self.index += 1
            }
        }
        return false
    }

    /// Skips a quoted name.
    mutating func takeName(prefix: Int) -> Bool {
        self.index += prefix + 1
        while let byte = self.byte(self.index) {
            self.index += 1
            guard byte == UInt8(ascii: "\"") else { continue }
            guard self.byte(self.index) == byte else { return true }
            self.index += 1
        }
        return false
    }

    /// Skips a quoted text and its continuations.
    mutating func takeText(_ quotes: SQLToken.Quotes, prefix: Int) -> (kind: SQLToken.Kind, isComplete: Bool) {
        self.index += prefix + 1
        while let byte = self.byte(self.index) {
            self.index += 1
            switch (byte, quotes) {
            case (UInt8(ascii: "\\"), .escapes):
                if self.index < self.bytes.count { self.index += 1 }
            case (UInt8(ascii: "'"), .bits), (UInt8(ascii: "'"), .hexadecimal):
                // Two quotes in these are an end and a beginning.
                guard let continued = self.continuation() else { return (.text(quotes), true) }
                self.index = continued
            case (UInt8(ascii: "'"), _):
                if self.byte(self.index) == byte {
                    self.index += 1
                } else if let continued = self.continuation() {
                    self.index = continued
                } else {
                    return (.text(quotes), true)
                }
            case _: continue
            }
        }
        return (.text(quotes), false)
    }

    /// The index at which a text continues: after a quote on a later line, with only spaces and comments between.
    private func continuation() -> Int? {
        var (index, hasLineEnd) = (self.index, false)
        while let byte = self.byte(index) {
            if Self.isSpace(byte) {
                if Self.isLineEnd(byte) { hasLineEnd = true }
                index += 1
            } else if byte == UInt8(ascii: "-"), self.byte(index + 1) == byte {
                while let byte = self.byte(index), !Self.isLineEnd(byte) { index += 1 }
            } else {
                return byte == UInt8(ascii: "'") && hasLineEnd ? index + 1 : nil
            }
        }
        return nil
    }

    /// Skips what a dollar sign begins: a parameter, a text, or nothing.
    mutating func takeDollar() -> (kind: SQLToken.Kind, isComplete: Bool) {
        let start = self.index
        self.index += 1
        if let digit = self.byte(self.index), Self.isDigit(digit) {
            self.skip(while: Self.isDigit)
            return (self.takeJunk() ? .junk : .parameter, true)
        }
        if let first = self.byte(self.index), Self.isWordStart(first) {
            self.skip { Self.isWordPart($0) && $0 != UInt8(ascii: "$") }
        }
        guard self.byte(self.index) == UInt8(ascii: "$") else {
            self.index = start + 1
            return (.stray, true)
        }
        self.index += 1
        return (.text(.dollars), self.takeDollarText(delimiter: start..<self.index))
    }

    /// Skips up to the first delimiter that equals the one that began the text.
    private mutating func takeDollarText(delimiter: Range<Int>) -> Bool {
        // The tag has no dollar sign in it, so that no two places where the delimiter could be overlap but at their ends.
        while let byte = self.byte(self.index) {
            guard byte == UInt8(ascii: "$") else {
                self.index += 1
                continue
            }
            var length = 1
            while length < delimiter.count,
                self.byte(self.index + length) == self.bytes[delimiter.lowerBound + length]
            {
                length += 1
            }
            if length == delimiter.count {
                self.index += length
                return true
            }
            self.index += length
        }
        return false
    }
}
