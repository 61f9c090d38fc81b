//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension SQLTokens {
    /// A placeholder that is no parameter for the server.
    package struct Hidden: Sendable, Hashable {
        /// Which of the placeholders it is.
        package var index: Int
        /// What has its first byte instead: a text, a comment, a word that goes on, or a longer parameter such as `$10` for `$1`.
        ///
        /// Nil for a placeholder behind the end of the text.
        package var token: SQLToken?
    }

    /// The first of the placeholders, such as `$1`, that the server would not take for a parameter; nil when it takes all for what they are.
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
