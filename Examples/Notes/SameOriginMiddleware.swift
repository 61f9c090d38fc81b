//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird

/// Refuses forms that another site's page sends in a visitor's name.
struct SameOriginMiddleware<Context: RequestContext>: RouterMiddleware {
    @concurrent func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.method == .post, let field = HTTPField.Name("Sec-Fetch-Site"),
            let site = request.headers[field], site != "same-origin", site != "none"
        else { return try await next(request, context) }
        throw Trouble.otherSite
    }
}
