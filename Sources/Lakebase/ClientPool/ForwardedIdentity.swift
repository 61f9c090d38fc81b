//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

/// The sender of a request to an app, as the platform's reverse proxy names it.
///
/// Databricks Apps put these into headers of each request. None of them is trusted by itself: the workspace verifies the
/// token (``LakebaseClientPool/verify(_:)``).
public struct ForwardedIdentity: Sendable, Hashable {
    /// The visitor's own token, of `X-Forwarded-Access-Token`.
    ///
    /// nil when the app has no user authorization, so that the platform forwards no token.
    public var accessToken: Secret?
    /// The visitor's e-mail address, of `X-Forwarded-Email`.
    public var email: String?
    /// The visitor's id at the identity provider, of `X-Forwarded-User`.
    public var user: String?
    /// The name the visitor goes by, of `X-Forwarded-Preferred-Username`.
    public var preferredUsername: String?

    /// An identity from its parts.
    public init(
        accessToken: Secret?, email: String? = nil, user: String? = nil, preferredUsername: String? = nil
    ) {
        self.accessToken = accessToken
        self.email = email
        self.user = user
        self.preferredUsername = preferredUsername
    }
}
