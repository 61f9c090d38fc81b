//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Lakebase
import LakebaseLocal
import Testing

/// A user of an app: a service principal with a role in the database and a token of its own.
struct Visitor: Sendable {
    /// The name in the workspace and in the database.
    var name: String
    var client: WorkspaceClient

    /// What the platform would forward; each call asks for the token that is current.
    func identity() async throws -> ForwardedIdentity {
        let header = try #require(try await self.client.credentials.headers()["Authorization"])
        return ForwardedIdentity(accessToken: header.withUnsafeValue { Secret(String($0.dropFirst("Bearer ".count))) })
    }
}

extension LocalStack {
    /// Makes identities by the workspace's API, and roles for them in SQL unless they are to have none.
    func visitors(_ count: Int, withRoles: Bool = true) async throws -> [Visitor] {
        let developer = WorkspaceClient(
            configuration: try WorkspaceConfiguration.resolve(environment: self.environment(.developer)),
            logger: self.logger)
        let host = self.ready.host
        let visitors = try await withThrowingTaskGroup(of: Visitor.self) { group in
            for number in 0..<count {
                group.addTask {
                    let made = try await developer.servicePrincipals.create(
                        IAM.ServicePrincipal(displayName: "visitor \(number)"))
                    let (id, name) = (try #require(made.id), try #require(made.applicationID))
                    let secret = try #require(
                        try await developer.servicePrincipalSecrets.create(forServicePrincipal: id).secret)
                    let configuration = WorkspaceConfiguration(
                        host: Setting(host, from: .argument),
                        authentication: .clientCredentials(
                            id: Setting(name, from: .argument), secret: Setting(secret, from: .argument)))
                    return Visitor(
                        name: name, client: WorkspaceClient(configuration: configuration, logger: quietLogger))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        guard withRoles else { return visitors }
        try await self.withClient(.developer) { client in
            try await client.query("CREATE EXTENSION IF NOT EXISTS databricks_auth")
            try await client.query(
                "SELECT databricks_create_role(name, 'SERVICE_PRINCIPAL') FROM unnest(\(visitors.map(\.name))) AS name")
        }
        return visitors
    }

    /// Runs the clients of visitors for the length of `body`.
    func withUsers<Value: Sendable>(
        _ limits: LakebaseClientPool.Configuration = .init(),
        _ body: @Sendable (LakebaseClientPool) async throws -> Value
    ) async throws -> Value {
        let users = try LakebaseClientPool(
            client: try .fromEnvironment(self.environment(.app)), configuration: limits, logger: self.logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await users.run() }
            defer { group.cancelAll() }
            return try await body(users)
        }
    }
}
