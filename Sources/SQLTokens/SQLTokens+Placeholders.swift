//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension SQLTokens {
    /// A placeholder that the server does not read as a parameter.
    package struct Hidden: Sendable, Hashable {
        /// The index of the placeholder.
        package var index: Int
        /// The token that contains its first byte: a text, a comment, a word that continues, or a longer parameter such
        /// as `$10` for `$1`.
        ///
        /// Nil for a placeholder behind the end of the text.
        package var token: SQLToken?
    }

    /// The first placeholder, such as `$1`, that the server would not read as a parameter; nil when there is none.
    ///
    /// - Parameters:
    ///   - placeholders: Their bytes, in ascending order.
    ///   - text: The text with the placeholders.
    package static func firstHidden(_ placeholders: [Range<Int>], in text: String) -> Hidden? {
        var (tokens, current) = (SQLTokens(text), SQLToken?.none)
        for (index, placeholder) in placeholders.enumerated() {
            while current.map({ $0.range.upperBound <= placeholder.lowerBound }) ?? true {
                guard let token = tokens.next() else { return Hidden(index: index, token: nil) }
                current = token
            }
            guard let current, current.kind == .parameter, current.range == placeholder else {
                return Hidden(index: index, token: current)
            }
        }
        return nil
    }
}
