//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Hummingbird
import LocalWorkspace

/// What the routes of all features share: the checks before a request is answered.
struct RouteChecks: Sendable {
    let controlPlane: ControlPlane
    let connections: ConnectionBook
    let reader: RequestBodyReader
    let spoolFolder: String

    /// The routes of a feature whose callers need a credential, below one path.
    ///
    /// - Parameters:
    ///   - section: The path.
    ///   - bodyLimit: The longest body of a request in bytes.
    ///   - answer: Answers a request, by the parts of its path below that of the section.
    func routes(
        below section: WorkspaceServices.Section, bodyLimit: Int = ControlPlaneServer.bodyLimit,
        answer: @escaping @Sendable ([String], APIRequest, LocalIdentity) async throws -> APIResponse
    ) -> RouteCollection<WorkspaceContext> {
        let routes = RouteCollection(context: WorkspaceContext.self)
        routes.add(middleware: CallerCheck(controlPlane: self.controlPlane, connections: self.connections))
        routes.add(middleware: BodyReading(reader: self.reader, limit: bodyLimit, spoolFolder: self.spoolFolder))
        for method in RoutedRequest.methods + [RoutedRequest.otherMethod].compactMap({ $0 }) {
            for path in [section.rawValue, section.rawValue + "/**"] {
                routes.on(RouterPath(path), method: method) { [controlPlane] _, context in
                    let call = context.call
                    guard let identity = call.identity else { throw WorkspaceServices.unknown(call) }
                    try await controlPlane.permit(call, to: identity)
                    let rest = call.path.droppingExactly(prefix: section.rawValue) ?? ""
                    let parts = rest.splitExactly(at: "/").map { String($0) }
                    return try await answer(parts, call, identity)
                        .with("X-Databricks-Org-Id", controlPlane.tokens.workspaceID)
                }
            }
        }
        return routes
    }
}

extension WorkspaceServices {
    /// Adds the routes of all services to a router.
    func addRoutes(to router: Router<WorkspaceContext>, _ checks: RouteChecks) {
        for routes in [
            self.appRoutes(checks), self.fileRoutes(checks), self.secretRoutes(checks), self.peopleRoutes(checks),
        ] {
            for collection in routes { router.addRoutes(collection) }
        }
    }
}
