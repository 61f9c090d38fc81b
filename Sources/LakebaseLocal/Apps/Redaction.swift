//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// Removes a secret from text that arrives in pieces.
enum Redaction {
    static let mark = "<redacted>"

    /// The text with a mark instead of the secret, which is compared by bytes: a combining character after it would
    /// hide it from Unicode's comparison.
    static func replacing(_ secret: String, in text: String) -> String {
        guard !secret.utf8.isEmpty else { return text }
        return text.replacingExactly(secret, with: Self.mark)
    }

    /// The number of bytes at the end that may be the beginning of a secret that continues in the next piece.
    static func unfinished(_ bytes: [UInt8], secret: String) -> Int {
        let secret = Array(secret.utf8)
        for count in stride(from: min(secret.count - 1, bytes.count), to: 0, by: -1)
        where bytes.suffix(count).elementsEqual(secret.prefix(count)) {
            return count
        }
        return 0
    }
}
