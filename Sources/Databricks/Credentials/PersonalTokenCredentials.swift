//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

/// A personal access token, sent unchanged.
public struct PersonalTokenCredentials: CredentialsProvider {
    private let token: Setting<Secret>

    /// Creates credentials from a token.
    public init(token: Setting<Secret>) { self.token = token }

    /// `pat`.
    public var authType: AuthType { .personalToken }
    /// The method and where the token came from.
    public var explanation: String { "authenticated by pat, token from \(self.token.source)" }

    /// The token in a bearer header.
    public func headers() async throws(DatabricksError) -> [String: Secret] {
        ["Authorization": self.token.value.withUnsafeValue { Secret("Bearer \($0)") }]
    }
}
