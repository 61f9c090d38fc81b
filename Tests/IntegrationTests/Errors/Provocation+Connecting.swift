//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Lakebase
import LakebaseLocal
import Logging
import TestSupport
import Testing

extension Provocation {
    static let ofConfiguration: [Provocation] = [
        Provocation(.configurationInvalid) { _ in
            await problemThrown { _ = try LakebaseConfiguration.fromEnvironment(["LAKEBASE_TYPE": "serverless"]) }
        },
        Provocation(.nothingConfigured) { scene in
            // Port 1 is nobody's: this machine may well have a PostgreSQL at the usual one.
            let configuration = try LakebaseConfiguration.fromEnvironment(
                ["PGPORT": "1", "PGSSLMODE": "disable", "USER": "somebody"], pool: Scene.quickPool)
            return try await scene.problem(of: configuration)
        },
        Provocation(.targetUnnamed) { scene in
            var configuration = LakebaseConfiguration(target: .autoscaling(endpoint: nil, host: nil))
            configuration.workspace = try .resolve(environment: scene.stack.environment(.developer))
            return await problemThrown { [configuration] in
                _ = try LakebaseClient(configuration: configuration, logger: quietLogger)
            }
        },
        Provocation(.targetMissing) { scene in
            try await scene.problemOfQuery(changes: [
                "LAKEBASE_ENDPOINT": "projects/local/branches/production/endpoints/none", "PGHOST": nil as String?,
            ])
        },
        Provocation(.hostNotAssigned) { scene in
            let workspace = ScriptedWorkspace(answers: ["/endpoints/primary": (200, #"{"status": {}}"#)])
            return try await scene.errorOfQuery(workspace, changes: ["PGHOST": nil as String?])?.problem
        },
        Provocation(.hostDiffersFromTarget) { scene in try await scene.problemOfQuery(changes: ["PGHOST": "127.0.0.77"])
        },
        Provocation(.hostUnknown) { scene in
            try await scene.problemOfQuery(changes: ["PGHOST": "127.0.0.77", "LAKEBASE_ENDPOINT": nil as String?])
        },
        Provocation(.identityUnnamed) { scene in
            let workspace = ScriptedWorkspace(answers: ["/Me": (200, #"{"id": "1"}"#)])
            return try await scene.errorOfQuery(workspace, changes: ["PGUSER": nil as String?])?.problem
        },
    ]

    static let ofWorkspace: [Provocation] = [
        Provocation(.workspaceUnreachable) { scene in
            try await scene.problemOfQuery(as: .developer, changes: ["DATABRICKS_HOST": "http://127.0.0.1:1"])
        },
        Provocation(.workspaceUnauthenticated) { scene in
            try await scene.problemOfQuery(changes: ["DATABRICKS_CLIENT_SECRET": "wrong"])
        },
        Provocation(.workspaceForbidden) { scene in try await scene.withFault(.status(403)) },
        Provocation(.workspaceUnavailable) { scene in try await scene.withFault(.status(503)) },
        Provocation(.workspaceAnswerInvalid) { scene in
            try await scene.errorOfQuery(.minting("t", life: -60))?.problem
        },
        Provocation(.renewalFailed) { _ in try await Scene.failedRenewal() },
    ]

    static let ofConnection: [Provocation] = [
        Provocation(.computeUnreachable) { scene in
            try await scene.problemOfQuery(changes: ["DATABASE_URL": "postgres://u@127.0.0.1:1/d"])
        },
        Provocation(.hostNotFound) { scene in
            try await scene.problemOfQuery(changes: ["DATABASE_URL": "postgres://u@nowhere.invalid/d"])
        },
        Provocation(.serverNotTrusted) { scene in try await scene.problemOfQuery(changes: ["PGSSLROOTCERT": "system"])
        },
        Provocation(.endpointDisabled) { scene in
            func disable(_ isDisabled: Bool) async throws {
                let change = Postgres.Endpoint(spec: .init(disabled: isDisabled))
                _ = try await scene.workspace.postgres.updateEndpoint(
                    scene.endpoint.name, to: change, mask: ["spec.disabled"]
                ).wait()
            }
            try await disable(true)
            let problem = try await scene.problemOfQuery()
            try await disable(false)
            return problem
        },
        Provocation(.tooManyConnections) { scene in
            let role = PQQuery.quoteIdentifier(scene.stack.ready.app.userName)
            try await scene.prepare("ALTER ROLE \(role) CONNECTION LIMIT 0")
            // A place may become free, so that a caller waits for one as long as for a connection of the pool.
            let problem = try await scene.problemOfQuery(pool: PQPoolConfiguration(acquireTimeout: .milliseconds(500)))
            try await scene.prepare("ALTER ROLE \(role) CONNECTION LIMIT -1")
            return problem
        },
        Provocation(.connectionLost) { scene in
            await problemThrown { try await scene.app.query("SELECT pg_terminate_backend(pg_backend_pid())") }
        },
        Provocation(.sessionRefused) { scene in
            var configuration = try LakebaseConfiguration.fromEnvironment(scene.stack.environment())
            configuration.settings["DateStyle"] = "nonsense"
            return try await scene.problem(of: configuration)
        },
    ]

    static let ofPool: [Provocation] = [
        Provocation(.timedOut) { scene in
            let pool = PQPoolConfiguration(maximumConnections: 1, acquireTimeout: .milliseconds(50))
            return try await scene.whileHeld(pool) { client in
                await problemThrown { try await client.query("SELECT 1") }
            }
        },
        Provocation(.notRunning) { scene in
            let configuration = try LakebaseConfiguration.fromEnvironment(
                scene.stack.environment(), pool: PQPoolConfiguration(acquireTimeout: .milliseconds(5)))
            let client = try LakebaseClient(configuration: configuration, logger: quietLogger)
            return await problemThrown { try await client.query("SELECT 1") }
        },
        Provocation(.queueFull) { scene in
            try await scene.whileHeld(PQPoolConfiguration(maximumConnections: 1, maximumWaiters: 1)) { client in
                await withTaskGroup(of: LakebaseProblem?.self) { group in
                    // One of the two gets into line and waits there, the other is refused at once.
                    for _ in 0..<2 {
                        group.addTask { await problemThrown { try await client.query("SELECT 1") } }
                    }
                    defer { group.cancelAll() }
                    return await group.next() ?? nil
                }
            }
        },
        Provocation(.shutDown) { scene in
            let client = try await scene.stack.withClient { client in
                try await client.query("SELECT 1")
                return client
            }
            return await problemThrown { try await client.query("SELECT 1") }
        },
    ]
}

extension Scene {
    /// The entry for a query by a client of a configuration.
    func problem(of configuration: LakebaseConfiguration) async throws -> LakebaseProblem? {
        let client = try LakebaseClient(configuration: configuration, logger: quietLogger)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            return await problemThrown { try await client.query("SELECT 1") }
        }
    }

    /// The entry for a first query while minting fails.
    fileprivate func withFault(_ fault: FaultSwitches.TokenFault) async throws -> LakebaseProblem? {
        self.stack.local.faults.credentials = fault
        defer { self.stack.local.faults.credentials = nil }
        return try await self.problemOfQuery()
    }

    fileprivate func whileHeld(
        _ pool: PQPoolConfiguration, _ body: @Sendable (LakebaseClient) async -> LakebaseProblem?
    ) async throws -> LakebaseProblem? {
        try await self.stack.withClient(pool: pool) { client in
            try await client.withConnection(deadline: .now + .seconds(30)) { _ in await body(client) }
        }
    }

    /// Lets a renewal fail while the old credential lives, and takes the entry whose title the warning has.
    fileprivate static func failedRenewal() async throws -> LakebaseProblem? {
        let log = LogStore()
        return try await withLocalLakebase(.init(tokenLifetime: .seconds(20)), logger: log.logger) { stack in
            try await stack.withClient { client in
                try await client.withConnection { _ in
                    let credential = try #require(client.statistics.credential)
                    let end = try #require(credential.expiresAt)
                    // Renewing is due at the latest when three quarters of a fifth of the life are left.
                    try await Task.sleep(for: .seconds(end.timeIntervalSinceNow - 2.7))
                    stack.local.faults.credentials = .status(400)
                    defer { stack.local.faults.credentials = nil }
                    try await client.query("SELECT 1")
                    // The query does not wait for the renewal, which fails beside it.
                    try await eventually("the log names an entry") { log.warnedOf != nil }
                }
                return log.warnedOf
            }
        }
    }
}

extension LogStore {
    /// The entry of the catalogue that a warning names.
    fileprivate var warnedOf: LakebaseProblem? {
        let lines = self.text.split(separator: "\n").filter { $0.hasPrefix("warning") }
        return LakebaseProblem.catalogue.first { problem in lines.contains { $0.contains(problem.title) } }
    }
}
