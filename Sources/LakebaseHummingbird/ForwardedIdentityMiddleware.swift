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
/// The token becomes a `Secret`, and its header is removed from the request, so that later middleware cannot log it.
/// Put this middleware before those that log headers. A request with a header that occurs twice, is empty where it may
/// not be, or has an impossible value is answered with 400: the platform sends no such request.
public struct ForwardedIdentityMiddleware<Context: ForwardedIdentityRequestContext>: RouterMiddleware {
    /// How a request without an identity is handled.
    public enum Absence: Sendable, Hashable, CaseIterable {
        /// The request continues, and its context has no identity.
        case allowed
        /// The request is answered with 401.
        case refused
    }

    private let absence: Absence

    /// Creates the middleware.
    ///
    /// - Parameter absence: How a request without an identity is handled; by default it continues.
    public init(absence: Absence = .allowed) { self.absence = absence }

    /// Reads the identity and calls the next responder.
    @concurrent public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var (head, context) = (request.head, context)
        context.forwardedIdentity = try ForwardedIdentity(headers: &head.headerFields)
        if self.absence == .refused { _ = try context.requireForwardedIdentity() }
        return try await next(Request(head: head, body: request.body), context)
    }
}
