//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Distinguishes semicolons that end statements from those inside a statement, as the server's grammar does.
///
/// A semicolon in parentheses is one of `CREATE RULE`. The body of a function in SQL, between `BEGIN ATOMIC` and `END`,
/// has statements with semicolons of their own; the `END` that closes it follows one of these semicolons, or `ATOMIC`,
/// which that of a `CASE` never does.
package struct StatementEnds: Sendable {
    /// How much of `CREATE OR REPLACE FUNCTION` the beginning of a statement matches.
    private enum Beginning {
        case nothing, create, createOr, createOrReplace, routine, other
    }

    /// The previous token, as far as it matters.
    private enum Previous {
        case begin, openBody, other
    }

    private var beginning = Beginning.nothing
    private var previous = Previous.other
    private var parentheses = 0
    /// The number of open function bodies.
    private var bodies = 0

    package init() {}

    /// Adds the next token of a text; returns true for a semicolon that ends a statement.
    package mutating func add(_ token: SQLToken, of tokens: SQLTokens) -> Bool {
        guard !token.isIgnored else { return false }
        let before = self.previous
        self.previous = .other
        switch token.kind {
        case .semicolon where self.parentheses == 0:
            guard self.bodies > 0 else {
                self = Self()
                return true
            }
            self.previous = .openBody
        case .openingParenthesis: self.parentheses += 1
        case .closingParenthesis: self.parentheses = max(0, self.parentheses - 1)
        case .word: self.addWord(token, of: tokens, behind: before)
        case .semicolon, .quotedName, .text, .number, .parameter, .symbol, .punctuation, .junk, .stray: break
        case .whitespace, .lineComment, .blockComment: break
        }
        if self.beginning == .nothing { self.beginning = .other }
        return false
    }

    private mutating func addWord(_ token: SQLToken, of tokens: SQLTokens, behind before: Previous) {
        switch self.beginning {
        case .nothing: self.beginning = tokens.isWord(token, "create") ? .create : .other
        case .create where tokens.isWord(token, "or"): self.beginning = .createOr
        case .createOr: self.beginning = tokens.isWord(token, "replace") ? .createOrReplace : .other
        case .create, .createOrReplace:
            let isRoutine = tokens.isWord(token, "function") || tokens.isWord(token, "procedure")
            self.beginning = isRoutine ? .routine : .other
        case .routine where self.parentheses == 0:
            switch before {
            case .begin where tokens.isWord(token, "atomic"):
                self.bodies += 1
                self.previous = .openBody
            case .openBody where tokens.isWord(token, "end"): self.bodies -= 1
            case .begin, .openBody, .other: if tokens.isWord(token, "begin") { self.previous = .begin }
            }
        case .routine, .other: break
        }
    }
}
