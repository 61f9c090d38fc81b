//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Lakebase
import LakebaseLocal
import Logging
import Secrets
import Testing

extension Provocation {
    static let ofLogin: [Provocation] = [
        Provocation(.credentialExpired) { scene in
            let token = ScriptedWorkspace.token(scene.claims(issued: -7200))
            return try await scene.errorOfQuery(.minting(token))?.problem
        },
        Provocation(.notACredential) { scene in
            try await scene.errorOfQuery(.minting("a-personal-access-token"))?.problem
        },
        Provocation(.usernameMismatch) { scene in
            try await scene.problemOfQuery(changes: ["PGUSER": "somebody@example.com"])
        },
        Provocation(.hostBelongsToAnotherEndpoint) { scene in
            // The credential is minted by another workspace, whose database this host is not.
            try await withLocalLakebase { other in
                let other = other.environment(.developer)
                return try await scene.problemOfQuery(
                    as: .developer,
                    changes: [
                        "DATABRICKS_HOST": other["DATABRICKS_HOST"], "DATABRICKS_TOKEN": other["DATABRICKS_TOKEN"],
                        "LAKEBASE_PG_HOST": scene.endpoint.address,
                    ])
            }
        },
        Provocation(.roleMissing) { scene in
            try await scene.problemOfQuery(changes: scene.newPrincipal(role: nil))
        },
        Provocation(.roleNotLinked) { scene in
            try await scene.problemOfQuery(changes: scene.newPrincipal(role: .password))
        },
        Provocation(.roleJustCreated) { scene in
            let made = Date().formatted(.iso8601)
            let role = #"""
                {"roles": [{"create_time": "\#(made)", "status": {"postgres_role": "\#(scene.developerName)",
                    "auth_method": "LAKEBASE_OAUTH_V1", "identity_type": "USER"}}]}
                """#
            var workspace = ScriptedWorkspace.minting(ScriptedWorkspace.token(scene.claims()))
            workspace.answers["/roles"] = (200, role)
            return try await scene.errorOfQuery(workspace)?.problem
        },
        Provocation(.loginRefused) { scene in
            let token = ScriptedWorkspace.token(scene.claims())
            return try await scene.errorOfQuery(.minting(token))?.problem
        },
        Provocation(.passwordRefused) { scene in
            let token = ScriptedWorkspace.token(scene.claims(subject: scene.stack.ready.app.userName))
            return try await scene.problemOfQuery(changes: ["PGPASSWORD": token, "PGSSLMODE": "require"])
        },
        Provocation(.tlsRequired) { scene in
            var configuration = try LakebaseConfiguration.fromEnvironment(scene.stack.environment())
            configuration.tls = .disable
            return try await scene.problem(of: configuration)
        },
        Provocation(.databaseMissing) { scene in try await scene.problemOfQuery(changes: ["PGDATABASE": "none"]) },
        Provocation(.connectDenied) { scene in
            try await scene.prepare("CREATE DATABASE closed")
            try await scene.prepare("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
            return try await scene.problemOfQuery(changes: ["PGDATABASE": "closed"])
        },
        Provocation(.visitorRejected) { scene in
            try await scene.stack.withUsers { users in
                let identity = ForwardedIdentity(accessToken: Secret("no token of this workspace"))
                return await problemThrown { try await users.withClient(for: identity) { _ in } }
            }
        },
    ]
}

extension Scene {
    /// The environment of a service principal made for the occasion, with a role that logs in like that or none.
    func newPrincipal(role: Postgres.RoleAuthMethod?) async throws -> [String: String?] {
        let principal = try await self.workspace.servicePrincipals.create(.init(displayName: "provoker"))
        let name = try #require(principal.applicationID)
        let secret = try await self.workspace.servicePrincipalSecrets.create(
            forServicePrincipal: try #require(principal.id))
        if let role {
            _ = try await self.workspace.postgres.createRole(
                .init(spec: .init(postgresRole: name, authMethod: role)), parent: "projects/local/branches/production"
            ).wait()
        }
        return [
            "DATABRICKS_CLIENT_ID": name, "PGUSER": name,
            "DATABRICKS_CLIENT_SECRET": try #require(secret.secret).withUnsafeValue { $0 },
        ]
    }
}
