//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Secrets

/// Removes a secret from text that arrives in pieces.
enum Redaction {
    static let mark = "<redacted>"

    /// The text with a mark instead of the secret, which is compared by bytes: a combining character after it would
    /// hide it from Unicode's comparison.
    static func replacing(_ secret: String, in text: String) -> String {
        guard !secret.utf8.isEmpty else { return text }
        return text.replacingExactly(secret, with: Self.mark)
    }

    /// What is looked for in lines to hide a secret: the secret, or its lines when it has several, as a key in PEM has.
    ///
    /// Short lines of a longer secret, such as a brace, are not hidden: they tell nothing, and are everywhere.
    static func parts(of secret: Secret) -> [Secret] {
        secret.withUnsafeValue { text in
            guard text.containsExactly("\n") else { return [secret] }
            return text.exactLines.filter { $0.utf8.count >= 8 }.map { Secret(String($0)) }
        }
    }

    /// How many bytes at the end belong to the next piece, so that no secret is cut in two.
    ///
    /// A secret is found in a piece as ``replacing(_:in:)`` finds it, from the left and without overlaps. The last bytes may be the
    /// beginning of a further one.
    static func unfinished(_ bytes: [UInt8], secrets: [Secret]) -> Int {
        let spans = secrets.flatMap { secret in secret.withUnsafeValue { Self.spans(of: Array($0.utf8), in: bytes) } }
        var cut = bytes.count
        // A cut before one secret may be in the middle of another.
        while let span = spans.first(where: { $0.lowerBound < cut && cut < $0.upperBound }) { cut = span.lowerBound }
        return bytes.count - cut
    }

    /// Where the secret is, and where its beginning is at the end.
    private static func spans(of secret: [UInt8], in bytes: [UInt8]) -> [Range<Int>] {
        guard let first = secret.first else { return [] }
        var (spans, start) = ([Range<Int>](), 0)
        while let index = bytes[start...].firstIndex(of: first) {
            let part = bytes[index...].prefix(secret.count)
            guard part.elementsEqual(secret.prefix(part.count)) else {
                start = index + 1
                continue
            }
            spans.append(index..<index + secret.count)
            start = part.endIndex
        }
        return spans
    }
}
