//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The limit for text from outside in a log.
package enum EscapedText {
    /// The default number of bytes that are shown.
    package static let limit = 128
}

extension Collection where Element == UInt8 {
    /// The bytes as text for a log or a terminal: one line, without control sequences, cut after `limit` bytes.
    ///
    /// What a peer sent must not end the line, begin another one, move the cursor, or turn the direction of writing. So
    /// control characters, invisible ones and those that change the order are shown as `\n` or `\u{202E}`, bytes that
    /// are not UTF-8 as `\xE9`, and a backslash or a double quote gets a backslash before it. A longer text ends with
    /// `…(4096 bytes)`.
    package func escapedForLog(limit: Int = EscapedText.limit) -> String {
        let shown = Array(self.prefix(Swift.max(limit, 0)))
        var escaped = ""
        var start = shown.startIndex
        while start < shown.endIndex {
            let rest = shown[start...]
            if let scalar = rest.firstScalar {
                escaped.append(escaped: scalar)
                start += UTF8.width(scalar)
            } else if shown.count < self.count, rest.isCutScalar {
                // No character is shown in halves, which would look like bytes that are not UTF-8.
                break
            } else {
                escaped += "\\x" + shown[start].hexadecimal
                start += 1
            }
        }
        return shown.count < self.count ? "\(escaped)…(\(self.count) bytes)" : escaped
    }
}

extension StringProtocol {
    /// The text for a log or a terminal: one line, without control sequences, cut after `limit` bytes.
    ///
    /// See the function of the same name for bytes.
    package func escapedForLog(limit: Int = EscapedText.limit) -> String { self.utf8.escapedForLog(limit: limit) }
}

extension ArraySlice<UInt8> {
    /// The scalar at the beginning of the bytes; nil where they do not begin with UTF-8.
    fileprivate var firstScalar: Unicode.Scalar? {
        var decoder = UTF8()
        var bytes = self.prefix(4).makeIterator()
        switch decoder.decode(&bytes) {
        case .scalarValue(let scalar): return scalar
        case .emptyInput, .error: return nil
        }
    }

    /// Whether these last bytes are a scalar that was cut off.
    fileprivate var isCutScalar: Bool {
        guard let first, self.dropFirst().allSatisfy({ $0 & 0xC0 == 0x80 }) else { return false }
        switch first {
        case 0xC2...0xDF: return self.count < 2
        case 0xE0...0xEF: return self.count < 3
        case 0xF0...0xF4: return self.count < 4
        default: return false
        }
    }
}

extension UInt8 {
    fileprivate var hexadecimal: String {
        let digits = String(self, radix: 16, uppercase: true)
        return digits.utf8.count == 1 ? "0" + digits : digits
    }
}

extension String {
    fileprivate mutating func append(escaped scalar: Unicode.Scalar) {
        switch scalar {
        case "\n": self += "\\n"
        case "\r": self += "\\r"
        case "\t": self += "\\t"
        case "\\": self += "\\\\"
        case "\"": self += "\\\""
        case _ where scalar.isPlain: self.unicodeScalars.append(scalar)
        default: self += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
    }
}

extension Unicode.Scalar {
    /// Whether the scalar is visible and does not affect the text around it.
    fileprivate var isPlain: Bool {
        if self.isASCII { return (0x20...0x7E).contains(self.value) }
        switch self.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate, .privateUse,
            .unassigned:
            return false
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation,
            .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
            .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            return !self.properties.isDefaultIgnorableCodePoint
        @unknown default: return false
        }
    }
}
