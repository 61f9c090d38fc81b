//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird

/// Tells the browser to run nothing but what the app itself has put into the page, should markup ever slip through.
struct SecurityHeadersMiddleware: RouterMiddleware {
    typealias Context = NotesContext

    @concurrent func handle(
        _ request: Request, context: NotesContext,
        next: @concurrent (Request, NotesContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        let policy = [
            "default-src 'none'", "script-src 'nonce-\(context.nonce)'", "style-src 'nonce-\(context.nonce)'",
            "connect-src 'self'", "img-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
        ]
        response.headers[.contentSecurityPolicy] = policy.joined(separator: "; ")
        response.headers[.xContentTypeOptions] = "nosniff"
        // Not "no-referrer": with that a browser sends forms without their origin.
        if let name = HTTPField.Name("Referrer-Policy") { response.headers[name] = "same-origin" }
        return response
    }
}
