//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
package import Secrets

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The claims of a token, read without verifying it.
///
/// Of the service's own claims only `sub` and `exp` are certain; the others are taken as they come or not at all.
package struct TokenClaims: Decodable, Equatable, Sendable {
    package var sub: String?
    /// Seconds since 1970, by the clock of its issuer.
    package var exp: Double?
    /// Seconds since 1970, by the same clock.
    package var iat: Double?
    package var scope: String?
    package var workspace: String?

    package init(
        sub: String? = nil, exp: Double? = nil, iat: Double? = nil, scope: String? = nil, workspace: String? = nil
    ) {
        self.sub = sub
        self.exp = exp
        self.iat = iat
        self.scope = scope
        self.workspace = workspace
    }

    private enum CodingKeys: String, CodingKey {
        case sub
        case exp
        case iat
        case scope
        case workspace = "workspace_id"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.sub = try container.decodeIfPresent(String.self, forKey: .sub)
        self.exp = try container.decodeIfPresent(Double.self, forKey: .exp)
        self.iat = try? container.decodeIfPresent(Double.self, forKey: .iat)
        self.scope = try? container.decodeIfPresent(String.self, forKey: .scope)
        self.workspace =
            (try? container.decodeIfPresent(String.self, forKey: .workspace))
            ?? (try? container.decodeIfPresent(Int64.self, forKey: .workspace)).map { String($0) }
    }

    /// Whether the token's scope says that it is for the workspace's HTTP services.
    ///
    /// `all-apis` is the scope that the workspace's OAuth tokens have (Databricks: OAuth for service principals).
    package var isForWorkspace: Bool { self.scope?.split(separator: " ").contains("all-apis") ?? false }

    /// Reads a token's claims without verifying them; nil when it is not a JWT.
    package static func read(_ token: Secret) -> TokenClaims? {
        token.withUnsafeValue { text in
            let parts = text.splitExactly(at: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, let payload = Base64URL.decode(parts[1]) else { return nil }
            return try? JSONDecoder().decode(TokenClaims.self, from: Data(payload))
        }
    }
}
