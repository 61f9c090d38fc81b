//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird

extension WorkspaceRoute {
    /// The routes of each feature.
    static let features: [[WorkspaceRoute]] = [
        Self.oauth, Self.people, Self.postgres, Self.database, Self.projectPermissions, Self.files, Self.secrets,
        Self.apps, Self.status,
    ]

    /// Adds the routes of all features to a router, one collection for each feature.
    ///
    /// - Parameters:
    ///   - router: The router, which compares requests in the form of ``RoutedRequest``.
    ///   - answer: Answers a request that has one of the routes.
    static func add<Context: RequestContext>(
        to router: Router<Context>,
        answer: @escaping @Sendable (WorkspaceRoute, Request, Context) async throws -> Response
    ) {
        for feature in Self.features {
            let collection = RouteCollection(context: Context.self)
            for route in feature {
                for path in route.routerPaths {
                    // The route itself answers a method that it does not take.
                    for method in RoutedRequest.allMethods {
                        collection.on(path, method: method) { request, context in
                            try await answer(route, request, context)
                        }
                    }
                }
            }
            router.addRoutes(collection)
        }
    }

    /// The paths of the route as the router compares them: with and without a slash at the end, or with all below.
    private var routerPaths: [RouterPath] {
        [
            RouterPath(self.path),
            RouterPath(self.path + (self.coversPathsBelow ? "/**" : "/" + RoutedRequest.emptyPart)),
        ]
    }
}
