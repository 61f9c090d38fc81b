//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

/// Who sent a request to an app, in the words of the platform's reverse proxy.
///
/// Databricks Apps put these into headers of each request. None of it is believed as it stands: only the workspace's answer
/// about the token says who the sender is (``LakebaseClientPool/verify(_:)``).
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
