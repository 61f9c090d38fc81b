//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// The scopes that a token was minted with.
package struct TokenScopes: Hashable, Sendable {
    /// The scope of a token that has all rights of its identity.
    package static let everything = "all-apis"

    private let names: Set<ExactText>

    /// Reads the claim of a token: names separated by spaces.
    package init(_ claim: String) { self.names = Set(claim.splitExactly(at: " ").map { ExactText($0) }) }

    package var hasEverything: Bool { self.has(Self.everything) }

    package func has(_ scope: String) -> Bool { self.names.contains(ExactText(scope)) }

    /// The scopes of every visitor token that is forwarded to an app (Databricks: Configure authorization in a
    /// Databricks app).
    package static let basic = ["iam.access-control:read", "iam.current-user:read"]

    /// The scopes of the visitor tokens for an app with these API scopes.
    package static func forwarded(_ wanted: [String]) -> [String] {
        // A name with a blank in it would be two in the token.
        let names = (wanted + Self.basic).flatMap { $0.splitExactly(at: " ") }.map { ExactText($0) }
        // Asked for, it would undo every limit above.
        return Set(names).subtracting([ExactText(Self.everything)]).sorted().map(\.text)
    }
}
