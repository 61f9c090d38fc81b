//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
public import Hummingbird
import Lakebase

/// Reads the headers in which Databricks Apps says who sent a request, and puts a `ForwardedIdentity` into its context.
///
/// ```swift
/// router.add(middleware: ForwardedIdentityMiddleware())
/// router.get("/mine") { request, context in
///     let identity = try context.requireForwardedIdentity()
///     return try await users.withClient(for: identity) { client in … }
/// }
/// ```
///
/// The token becomes a `Secret` here, and its header is taken out of the request: what comes after cannot log it. Put this
/// middleware before those that log headers. A header that comes twice, is empty where it may not be, or holds what no such
/// header holds is answered with 400: the platform sends none of that, so another sender did.
public struct ForwardedIdentityMiddleware<Context: ForwardedIdentityRequestContext>: RouterMiddleware {
    /// What becomes of a request without an identity.
    public enum Absence: Sendable, Hashable, CaseIterable {
        /// It goes on, and its context has none.
        case allowed
        /// It is answered with 401.
        case refused
    }

    private let absence: Absence

    /// The middleware.
    ///
    /// - Parameter absence: What becomes of a request without an identity; it goes on by default.
    public init(absence: Absence = .allowed) { self.absence = absence }

    /// Finds the identity and goes on.
    @concurrent public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var (head, context) = (request.head, context)
        context.forwardedIdentity = try ForwardedIdentity(headers: &head.headerFields)
        if self.absence == .refused { _ = try context.requireForwardedIdentity() }
        return try await next(Request(head: head, body: request.body), context)
    }
}
