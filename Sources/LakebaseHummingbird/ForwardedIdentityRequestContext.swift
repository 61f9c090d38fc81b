//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Hummingbird
public import Lakebase

/// A request context with room for the identity that the platform forwards.
public protocol ForwardedIdentityRequestContext: RequestContext {
    /// Who sent the request; nil until ``ForwardedIdentityMiddleware`` has found one.
    var forwardedIdentity: ForwardedIdentity? { get set }
}

extension ForwardedIdentityRequestContext {
    /// Who sent the request, for handlers that serve nobody else.
    ///
    /// - Throws: `HTTPError` 401 when nobody is signed in.
    public func requireForwardedIdentity() throws -> ForwardedIdentity {
        guard let identity = self.forwardedIdentity else {
            throw HTTPError(.unauthorized, message: "Sign in first.")
        }
        return identity
    }
}
