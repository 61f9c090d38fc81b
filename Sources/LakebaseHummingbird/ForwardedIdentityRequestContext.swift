//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Hummingbird
public import Lakebase

/// A request context with room for the identity that the platform forwards.
public protocol ForwardedIdentityRequestContext: RequestContext {
    /// The sender of the request; nil until ``ForwardedIdentityMiddleware`` has read one.
    var forwardedIdentity: ForwardedIdentity? { get set }
}

extension ForwardedIdentityRequestContext {
    /// The sender of the request, for handlers that require a signed-in user.
    ///
    /// - Throws: `HTTPError` 401 when no user is signed in.
    public func requireForwardedIdentity() throws -> ForwardedIdentity {
        guard let identity = self.forwardedIdentity else {
            throw HTTPError(.unauthorized, message: "Sign in first.")
        }
        return identity
    }
}
