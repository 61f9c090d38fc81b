//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird
import LocalWorkspace

/// Turns errors into the API's messages, and answers requests that have no route with another function.
struct APIErrors: RouterMiddleware {
    /// Answers a request that has no route.
    let withoutRoute: @Sendable (Request, WorkspaceContext) async throws -> Response

    @concurrent
    func handle(
        _ request: Request, context: WorkspaceContext,
        next: @concurrent (Request, WorkspaceContext) async throws -> Response
    ) async throws -> Response {
        do {
            do {
                return try await next(request, context)
            } catch let error as HTTPError where error.status == .notFound {
                // Only the router throws this: routes throw `APIFailure`.
                return try await self.withoutRoute(request, context)
            }
        } catch let failure as APIFailure {
            return failure.traced(api: context.request.path).response.httpResponse
        } catch {
            return APIFailure(500, "INTERNAL_ERROR", "The local workspace failed: \(error)").response.httpResponse
        }
    }
}

extension APIFailure {
    /// 404 for a path or a method that no API has.
    static func unknownAPI(_ request: APIRequest) -> APIFailure {
        APIFailure(404, "ENDPOINT_NOT_FOUND", request.noSuchAPI)
    }

    /// 405 for a path that takes other methods.
    static func wrongMethod(_ request: APIRequest, allowed: String) -> APIFailure {
        APIFailure(
            405, "METHOD_NOT_ALLOWED", "'\(request.path)' takes \(allowed), not \(request.method).",
            headers: ["Allow": allowed]
        )
    }
}
