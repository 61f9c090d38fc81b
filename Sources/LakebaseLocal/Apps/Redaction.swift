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
