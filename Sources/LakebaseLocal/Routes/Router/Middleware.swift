//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import HTTPTypes
import Hummingbird
import LocalWorkspace
import NIOCore

/// Answers requests that have no route with another function, and turns errors into the API's messages.
struct APIErrors: RouterMiddleware {
    let otherwise: @Sendable (Request, WorkspaceContext) async -> APIResponse

    @concurrent
    func handle(
        _ request: Request, context: WorkspaceContext,
        next: @concurrent (Request, WorkspaceContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            // Only the router throws this: routes throw `APIFailure`.
            return await self.otherwise(request, context).httpResponse
        } catch let failure as APIFailure {
            return failure.traced(api: context.call.path).response.httpResponse
        } catch {
            return APIFailure(500, "INTERNAL_ERROR", "The local workspace failed: \(error)").response.httpResponse
        }
    }
}

/// Checks the credential and the kind of the request, before anything of the body is read.
struct CallerCheck: RouterMiddleware {
    let controlPlane: ControlPlane
    let connections: ConnectionBook

    @concurrent
    func handle(
        _ request: Request, context: WorkspaceContext,
        next: @concurrent (Request, WorkspaceContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.call.identity = try await self.controlPlane.permitted(context.call)
        self.connections.vouched(for: context.channel)
        return try await next(request, context)
    }
}

/// Reads the body: into memory within a budget, or into a file when it may be long.
struct BodyReading: RouterMiddleware {
    let reader: RequestBodyReader
    /// The longest body in bytes.
    let limit: Int
    let spoolFolder: String

    @concurrent
    func handle(
        _ request: Request, context: WorkspaceContext,
        next: @concurrent (Request, WorkspaceContext) async throws -> Response
    ) async throws -> Response {
        func proceed(_ body: Data) async -> Result<Response, any Error> {
            var context = context
            context.call.body = body
            do { return .success(try await next(request, context)) } catch { return .failure(error) }
        }
        let result: Result<Response, any Error>
        do throws(RequestBodyReader.Failure) {
            try RequestBodyReader.check(request, self.limit)
            if request.headers[.expect] != nil {
                context.channel.triggerUserOutboundEvent(ContinueEvent(), promise: nil)
            }
            if self.limit > ControlPlane.memoryLimit {
                let file = "\(self.spoolFolder)/\(UUID().uuidString)"
                result = try await self.reader.spool(request, limit: self.limit, to: file, proceed)
            } else {
                result = try await self.reader.collect(request, limit: self.limit, proceed)
            }
        } catch {
            // As it is: what was not read has no trace.
            return error.answer.httpResponse
        }
        return try result.get()
    }
}

extension RequestBodyReader.Failure {
    /// What the client is told.
    var answer: APIResponse {
        switch self {
        case .tooLong(let limit):
            APIFailure(413, "MALFORMED_REQUEST", "The request's body has more than \(limit) bytes.").response
        case .noRoom:
            APIFailure(
                503, "TEMPORARILY_UNAVAILABLE", "Too many requests send their bodies at the same time.",
                headers: ["Retry-After": "1"]
            ).response
        case .broken: APIFailure(400, "MALFORMED_REQUEST", "The request's body cannot be read.").response
        case .unwritable:
            APIFailure(500, "INTERNAL_ERROR", "The request's body cannot be written to the data folder.").response
        }
    }
}
