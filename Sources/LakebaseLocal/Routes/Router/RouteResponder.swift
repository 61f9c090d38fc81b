//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Hummingbird
import LocalWorkspace
import NIOCore

/// Answers the requests of all routes: checks the caller, reads the body, and calls the answer of the route.
struct RouteResponder: Sendable {
    /// The longest body of a request that needs no credential, in bytes: a form.
    static let formLimit = 64 * 1024
    /// The longest body that is held in memory, in bytes; a route that takes longer ones reads them into a file.
    static let memoryLimit = 32 << 20

    let controlPlane: ControlPlane
    let connections: ConnectionBook
    /// Reads the bodies of callers with a credential.
    let callerBodies: RequestBodyReader
    /// Reads the bodies of requests that need no credential, within a budget of their own.
    let openBodies: RequestBodyReader
    /// The folder of the files that long bodies are read into.
    let spoolFolder: String

    /// Answers a request.
    ///
    /// - Parameter route: The route that the router found; `nil` if it found none.
    /// - Throws: `APIFailure` for a request that is refused.
    func respond(
        to request: Request, _ context: WorkspaceContext, by route: WorkspaceRoute?
    ) async throws -> Response {
        let limit = route?.bodyLimit ?? ControlPlaneServer.bodyLimit
        switch WorkspaceRoute.target(of: route, method: context.request.method, path: context.request.path) {
        case .open(let answer):
            return try await self.withBody(of: request, context, self.openBodies, limit: Self.formLimit) { context in
                try await answer(self.controlPlane, context)
            }
        case .wrongMethod(let allowed):
            return try await self.withBody(of: request, context, self.openBodies, limit: Self.formLimit) { context in
                throw APIFailure.wrongMethod(context.request, allowed: allowed)
            }
        case .unknown:
            return try await self.withBody(of: request, context, self.openBodies, limit: Self.formLimit) { context in
                throw APIFailure.unknownAPI(context.request)
            }
        case .action(let action, let answer):
            let caller = try await self.caller(of: context, for: action)
            return try await self.withBody(of: request, context, self.callerBodies, limit: limit) { context in
                try await self.controlPlane.permit(action, to: caller)
                return try await answer(self.controlPlane, context, caller)
            }
        case .notServed:
            _ = try await self.caller(of: context, for: nil)
            return try await self.withBody(of: request, context, self.callerBodies, limit: limit) { context in
                throw APIFailure.notEmulated("\(context.request.method) \(context.request.path)")
            }
        case .absent:
            _ = try await self.caller(of: context, for: nil)
            return try await self.withBody(of: request, context, self.callerBodies, limit: limit) { context in
                throw APIFailure.unknownAPI(context.request)
            }
        }
    }

    /// Checks the credential and whether the caller may do anything of this kind, before the body is read.
    private func caller(of context: WorkspaceContext, for action: RequestedAction?) async throws -> LocalIdentity {
        let caller = try await self.controlPlane.caller(of: context.request, for: action)
        self.connections.vouched(for: context.channel)
        return caller
    }

    /// Reads the body into memory, or into a file where it may be long, and answers the request with it.
    private func withBody(
        of request: Request, _ context: WorkspaceContext, _ reader: RequestBodyReader, limit: Int,
        answer: (WorkspaceContext) async throws -> APIResponse
    ) async throws -> Response {
        // The bytes of the body count against the budget until the answer is made.
        func proceed(_ body: Data) async -> Result<APIResponse, any Error> {
            var context = context
            context.request.body = body
            do { return .success(try await answer(context)) } catch { return .failure(error) }
        }
        let result: Result<APIResponse, any Error>
        do throws(RequestBodyReader.Failure) {
            try RequestBodyReader.check(request, limit)
            if request.headers[.expect] != nil {
                context.channel.triggerUserOutboundEvent(ContinueEvent(), promise: nil)
            }
            if limit > Self.memoryLimit {
                let file = "\(self.spoolFolder)/\(UUID().uuidString)"
                result = try await reader.spool(request, limit: limit, to: file, proceed)
            } else {
                result = try await reader.collect(request, limit: limit, proceed)
            }
        } catch {
            // Not through ``APIErrors``: a request that was not read has no trace.
            return error.answer.httpResponse
        }
        return try result.get().with("X-Databricks-Org-Id", self.controlPlane.tokens.workspaceID).httpResponse
    }
}

extension RequestBodyReader.Failure {
    /// The response to the client.
    var answer: APIResponse {
        switch self {
        case .tooLong(let limit):
            APIFailure(413, "MALFORMED_REQUEST", "The request's body has more than \(limit) bytes.").response
        case .noRoom:
            APIFailure(
                503, "TEMPORARILY_UNAVAILABLE", "Too many requests are sending their bodies at the same time.",
                headers: ["Retry-After": "1"]
            ).response
        case .broken: APIFailure(400, "MALFORMED_REQUEST", "The request's body cannot be read.").response
        case .unwritable:
            APIFailure(500, "INTERNAL_ERROR", "The request's body cannot be written to the data folder.").response
        }
    }
}
