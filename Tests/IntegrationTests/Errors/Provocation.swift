//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase
import LakebaseLocal
import Logging
import Testing

/// How a problem of the catalogue is brought about, with the real thing wherever that can be made to fail this way.
struct Provocation: Sendable {
    let problem: LakebaseProblem
    /// Brings it about and returns the entry that the library comes to; nil when nothing was thrown.
    let provoke: @Sendable (Scene) async throws -> LakebaseProblem?

    init(_ problem: LakebaseProblem, _ provoke: @escaping @Sendable (Scene) async throws -> LakebaseProblem?) {
        self.problem = problem
        self.provoke = provoke
    }
}

/// What provocations work with: a running local Lakebase and clients of its two identities.
struct Scene: Sendable {
    let stack: LocalStack
    /// Owns the database.
    let developer: LakebaseClient
    /// May connect and make schemas.
    let app: LakebaseClient
    /// The workspace as the developer sees it.
    let workspace: WorkspaceClient

    var endpoint: LocalLakebase.Ready.Endpoint { self.stack.ready.endpoints[0] }

    /// Runs statements as the owner of the database.
    func prepare(_ script: String) async throws {
        try await self.developer.withConnection { try await $0.execute(script: script) }
    }

    /// The entry for a query by a client of its own.
    func problemOfQuery(
        as identity: LocalLakebase.Identity = .app,
        changes: [String: String?] = [:],
        pool: PQPoolConfiguration = Self.quickPool
    ) async throws -> LakebaseProblem? {
        try await self.stack.withClient(identity, pool: pool, changes: changes) { client in
            await problemThrown { try await client.query("SELECT 1") }
        }
    }

    /// The entry for a statement, after asking for an explanation.
    func explained(
        as client: LakebaseClient? = nil, _ body: @Sendable (LakebaseClient) async throws -> Void
    ) async -> LakebaseProblem? {
        await self.explanation(as: client, body)?.problem
    }

    func explanation(
        as client: LakebaseClient? = nil, _ body: @Sendable (LakebaseClient) async throws -> Void
    ) async -> LakebaseExplanation? {
        let client = client ?? self.app
        do {
            try await body(client)
            return nil
        } catch {
            return await client.explain(error)
        }
    }

    /// Waits for a compute as briefly as for one that is awake.
    static let quickPool: PQPoolConfiguration = {
        var pool = PQPoolConfiguration()
        pool.wakeTimeout = .milliseconds(200)
        return pool
    }()
}

/// Runs `body` on a local Lakebase with clients of both identities.
func withScene<Value: Sendable>(_ body: @Sendable (Scene) async throws -> Value) async throws -> Value {
    try await withLocalLakebase { stack in
        let workspace = WorkspaceClient(
            configuration: try WorkspaceConfiguration.resolve(environment: stack.environment(.developer)),
            logger: quietLogger)
        return try await stack.withClient(.developer) { developer in
            try await stack.withClient(.app) { app in
                try await body(Scene(stack: stack, developer: developer, app: app, workspace: workspace))
            }
        }
    }
}

/// The catalogue's entry for what `body` throws.
func problemThrown(_ body: () async throws -> Void) async -> LakebaseProblem? {
    do {
        try await body()
        return nil
    } catch {
        return LakebaseProblem.of(error)
    }
}
