//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Requests of an app's visitors, each served as the visitor.

import Hummingbird
import Lakebase
import LakebaseHummingbird
import Logging

func serve(identity: ForwardedIdentity, logger: Logger) async throws -> [String] {
    // snippet.client
    let configuration = try LakebaseConfiguration.fromEnvironment()
    let users = try LakebaseClientPool(client: configuration, logger: logger)
    // users is a service: it goes into the group like the client.

    let titles = try await users.withClient(for: identity) { client in
        try await client.query("SELECT title FROM notes").decode(String.self)
    }
    // snippet.end
    return titles
}

func ownNotes(lakebase: LakebaseClient, users: LakebaseClientPool, identity: ForwardedIdentity) async throws -> PQRows {
    // snippet.security
    let visitor = try await users.verify(identity)
    let rows = try await lakebase.withTransaction(settings: ["app.user": visitor.userName]) { connection in
        try await connection.query("SELECT title FROM notes")
    }
    // snippet.end
    return rows
}

// snippet.context
struct AppContext: ForwardedIdentityRequestContext {
    var coreContext: CoreRequestContextStorage
    var forwardedIdentity: ForwardedIdentity?
    init(source: ApplicationRequestContextSource) { self.coreContext = .init(source: source) }
}
// snippet.end

func routes(users: LakebaseClientPool) -> Router<AppContext> {
    // snippet.routes
    let router = Router(context: AppContext.self)
    router.add(middleware: ForwardedIdentityMiddleware())
    router.get("/me") { _, context in
        let identity = try context.requireForwardedIdentity()
        return try await users.withClient(for: identity) { client in
            try await client.query("SELECT current_user::text").first?.decode(String.self, at: 0) ?? ""
        }
    }
    // snippet.end
    return router
}
