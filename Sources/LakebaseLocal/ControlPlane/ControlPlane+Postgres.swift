//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation

/// Reads of the Postgres API.
extension ControlPlane {
    /// Answers `GET /api/2.0/postgres/{name}`; the missing ancestor is reported first, as the service does.
    func postgresResource(_ name: String) async throws -> APIResponse {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts[0] == "projects" else { throw Self.noSuch(name) }
        if parts.count == 1 { return .json(Postgres.ListProjectsResponse(projects: [self.project.project])) }
        guard parts[1] == LocalProject.projectID else { throw APIFailure.notFound("project id not found") }
        if parts.count == 2 { return .json(self.project.project) }
        if parts[2] == "operations" { throw APIFailure.notFound("operation not found") }
        guard parts[2] == "branches" else { throw Self.noSuch(name) }
        if parts.count == 3 { return .json(Postgres.ListBranchesResponse(branches: [self.project.branch])) }
        guard parts[3] == LocalProject.branchID else { throw APIFailure.notFound("branch id not found") }
        if parts.count == 4 { return .json(self.project.branch) }
        // A role's name may hold anything.
        return try await self.branchResource(parts[4], parts.dropFirst(5).joined(separator: "/"), of: name)
    }

    private func branchResource(_ collection: String, _ id: String, of name: String) async throws -> APIResponse {
        switch collection {
        case "endpoints":
            let endpoint = self.project.endpoint(phase: await self.compute.phase)
            if id.isEmpty { return .json(Postgres.ListEndpointsResponse(endpoints: [endpoint])) }
            guard id == LocalProject.endpointID else { throw APIFailure.notFound("endpoint id not found") }
            return .json(endpoint)
        case "databases":
            if id.isEmpty { return .json(Postgres.ListDatabasesResponse(databases: [self.project.database])) }
            guard id == LocalProject.databaseID else { throw APIFailure.notFound("database id not found") }
            return .json(self.project.database)
        case "roles":
            let roles = LocalRole.initial(self.identities)
            if id.isEmpty { return .json(Postgres.ListRolesResponse(roles: roles.map { self.project.role($0) })) }
            guard let role = roles.first(where: { $0.roleID == id }) else {
                throw APIFailure.notFound("role id not found")
            }
            return .json(self.project.role(role))
        case "operations":
            throw APIFailure.notFound("operation not found")
        default:
            throw Self.noSuch(name)
        }
    }

    private static func noSuch(_ name: String) -> APIFailure {
        APIFailure(404, "ENDPOINT_NOT_FOUND", "No API found for 'GET /api/2.0/postgres/\(name)'")
    }
}
