//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText

/// The header of a signed token, read strictly: unknown contents are rejected, never ignored (RFC 7515, 4.1.11).
struct StrictJWTHeader: Equatable, Sendable {
    var algorithm: String
    var keyID: String?

    /// Reads the header of a token of three parts, each in the canonical spelling of Base64 for URLs.
    ///
    /// It is `nil` for any other text, and for a token with extensions that must be understood (`crit`).
    init?(token: String) {
        guard token.utf8.count <= 16 * 1024 else { return nil }
        let parts = token.splitExactly(at: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            Base64URL.decode(parts[2]) != nil
        else { return nil }
        let limits = JSONReader.Limits(depth: 16, values: 1_000)
        guard case .object(let fields)? = try? JSONReader.value(of: header, limits: limits),
            case .object? = try? JSONReader.value(of: payload, limits: limits),
            case .string(let algorithm)? = fields["alg"], fields["crit"] == nil
        else { return nil }
        switch fields["kid"] {
        case nil: self.keyID = nil
        case .string(let id)?: self.keyID = id
        case .null?, .boolean?, .integer?, .number?, .array?, .object?: return nil
        }
        self.algorithm = algorithm
    }
}
