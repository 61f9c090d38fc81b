//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Quotes texts and names for SQL.
///
/// For what cannot be bound, such as names, and for statements that people are to copy. Everything else is a parameter.
package enum SQLQuoting {
    /// A text as a literal: `'…'`, or `E'…'` where it has a backslash, so that `standard_conforming_strings` does not
    /// matter.
    ///
    /// - Returns: nil for a text with a NUL, which PostgreSQL has none of.
    package static func literal(_ text: String) -> String? {
        let (quote, backslash) = (UInt8(ascii: "'"), UInt8(ascii: "\\"))
        var bytes: [UInt8] = text.utf8.contains(backslash) ? [UInt8(ascii: "E"), quote] : [quote]
        bytes.reserveCapacity(text.utf8.count + 4)
        for byte in text.utf8 {
            if byte == 0 { return nil }
            if byte == quote || byte == backslash { bytes.append(byte) }
            bytes.append(byte)
        }
        return String(decoding: bytes + [quote], as: UTF8.self)
    }

    /// A name as a quoted identifier, `"…"`.
    ///
    /// A NUL stays where it is, so that what sends the statement refuses it: without it the name would be another one.
    package static func name(_ name: String) -> String {
        let quote = UInt8(ascii: "\"")
        var bytes = [quote]
        bytes.reserveCapacity(name.utf8.count + 2)
        for byte in name.utf8 {
            if byte == quote { bytes.append(byte) }
            bytes.append(byte)
        }
        return String(decoding: bytes + [quote], as: UTF8.self)
    }
}
