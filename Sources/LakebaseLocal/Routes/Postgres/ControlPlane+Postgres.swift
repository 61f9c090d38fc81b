//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace
import Secrets

/// The Postgres API apart from its credentials.
extension ControlPlane {
    /// How long a request for an operation waits for the end of the operation, so that a short one has ended at the first request.
    static let patience = Duration.milliseconds(300)

    /// Answers a request for a path below `/api/2.0/postgres/`.
    func postgres(_ path: PostgresPath, _ request: APIRequest, as identity: LocalIdentity) async throws -> APIResponse {
        switch (request.method, path.resource) {
        case ("GET", _): return try await self.postgresRead(path, request)
        case ("POST", .projects):
            return try await self.begin(
                .createProject(id: request.query["project_id"], try Self.message(request.body)), identity
            )
        case ("POST", .branches(let project)):
            let wanted = ResourceEvent.BranchRequest(
                project: project, id: request.query["branch_id"], body: try Self.message(request.body),
                replace: try request.flag("replace_existing") ?? false
            )
            return try await self.begin(.createBranch(wanted), identity)
        case ("POST", .collection(let collection, let branch)):
            let event = try Self.creation(collection, branch, request)
            if case .createRole(_, _, let role, _) = event { try self.requireIdentity(of: role) }
            return try await self.begin(event, identity)
        case ("POST", .undelete(let name)):
            let isBranch = name.containsExactly("/branches/")
            return try await self.begin(
                isBranch ? .undeleteBranch(name) : .undeleteProject(id: ResourceName.id(of: name)), identity
            )
        case ("POST", .password(let role)):
            let password = try await self.resources.password(ofRole: role)
            return APIResponse.json(["password": password.withUnsafeValue { $0 }]).with("Cache-Control", "no-store")
        case ("PATCH", .project), ("PATCH", .branch), ("PATCH", .member):
            return try await self.begin(try Self.update(path.resource, request), identity)
        case ("DELETE", .project), ("DELETE", .branch), ("DELETE", .member):
            return try await self.begin(try Self.deletion(path.resource, request), identity)
        case (_, .emptyList), (_, .absent):
            throw APIFailure.notEmulated("\(request.method) \(request.path)")
        default: throw Self.noSuch(path, request.method)
        }
    }

    /// Refuses a role for an identity that does not exist.
    ///
    /// The workspace knows its service principals. Of users and groups it knows the developer only; the others are in a directory that the
    /// workspace does not have, so it checks no more than the form of their names.
    func requireIdentity(of role: Postgres.Role) throws(APIFailure) {
        guard let spec = role.spec, let name = spec.postgresRole, !name.utf8.isEmpty else { return }
        let exists =
            switch spec.identityType {
            case .servicePrincipal?: self.identities.identity(named: name)?.kind == .servicePrincipal
            case .user?: name.utf8.contains(UInt8(ascii: "@"))
            default: true
            }
        guard exists else { throw .notFound("Identity '\(name)' not found") }
    }

    private func begin(_ event: ResourceEvent, _ identity: LocalIdentity) async throws -> APIResponse {
        .json(try await self.resources.apply(event, by: identity).wire)
    }

    private static func creation(
        _ collection: PostgresResource.Collection, _ branch: String, _ request: APIRequest
    ) throws -> ResourceEvent {
        let replace = try request.flag("replace_existing") ?? false
        switch collection {
        case .endpoints:
            return .createEndpoint(
                branch: branch, id: request.query["endpoint_id"], try Self.message(request.body), replace: replace
            )
        case .roles:
            return .createRole(
                branch: branch, id: request.query["role_id"], try Self.message(request.body), replace: replace
            )
        case .databases:
            return .createDatabase(
                branch: branch, id: request.query["database_id"], try Self.message(request.body), replace: replace
            )
        }
    }

    private static func update(_ resource: PostgresResource, _ request: APIRequest) throws -> ResourceEvent {
        let mask = try RequestedFields(request.query["update_mask"], body: .object(try Self.object(request.body)))
        switch resource {
        case .project(let id): return .updateProject(id: id, try Self.message(request.body), mask)
        case .branch(let name): return .updateBranch(name, try Self.message(request.body), mask)
        case .member(.endpoints, let name): return .updateEndpoint(name, try Self.message(request.body), mask)
        case .member(.roles, let name): return .updateRole(name, try Self.message(request.body), mask)
        case .member(.databases, let name): return .updateDatabase(name, try Self.message(request.body), mask)
        case .projects, .branches, .collection, .undelete, .password, .operation, .emptyList, .absent, .unknown:
            throw APIFailure.unknownAPI(request)
        }
    }

    private static func deletion(_ resource: PostgresResource, _ request: APIRequest) throws -> ResourceEvent {
        switch resource {
        case .project(let id): return .deleteProject(id: id, purge: try request.flag("purge") ?? false)
        case .branch(let name): return .deleteBranch(name, purge: try request.flag("purge") ?? false)
        case .member(.endpoints, let name): return .deleteEndpoint(name)
        case .member(.roles, let name): return .deleteRole(name, heir: request.query["reassign_owned_to"])
        case .member(.databases, let name): return .deleteDatabase(name)
        case .projects, .branches, .collection, .undelete, .password, .operation, .emptyList, .absent, .unknown:
            throw APIFailure.unknownAPI(request)
        }
    }

    // MARK: Reads

    private func postgresRead(_ path: PostgresPath, _ request: APIRequest) async throws -> APIResponse {
        if let branch = Self.branchOfRoles(path.resource) { await self.resources.refreshRoles(ofBranch: branch) }
        let view = await self.resources.view
        let inventory = view.inventory
        let showsDeleted = try request.flag("show_deleted") ?? false
        switch path.resource {
        case .projects:
            let shown = inventory.projects.values.filter { $0.deleteTime == nil || showsDeleted }
            let page = try Page(shown, name: \.id, request: request)
            return .json(
                Postgres.ListProjectsResponse(projects: page.items.map(view.project), nextPageToken: page.next))
        case .project(let id): return .json(view.project(try inventory.project(id)))
        case .branches(let project):
            _ = try inventory.liveProject(project)
            let all = inventory.branches(of: project).filter { !$0.isDeleted || showsDeleted }
            let page = try Page(all, name: \.name, request: request)
            return .json(Postgres.ListBranchesResponse(branches: page.items.map(view.branch), nextPageToken: page.next))
        case .branch(let name): return .json(view.branch(try inventory.liveBranch(name)))
        case .collection(let collection, let branch):
            return try await self.list(collection, of: try inventory.liveBranch(branch).name, view, request)
        case .member(.endpoints, let name): return .json(await self.endpoint(try inventory.endpoint(name), view))
        case .member(.roles, let name): return .json(view.role(try inventory.role(name)))
        case .member(.databases, let name): return .json(view.database(try inventory.database(name)))
        case .operation(let name):
            return .json(try await self.resources.operation(named: name, patience: Self.patience).wire)
        case .emptyList(let field):
            if path.name.containsExactly("/branches/") {
                _ = try inventory.liveBranch(path.name.splitExactly(at: "/").prefix(4).joined(separator: "/"))
            } else {
                _ = try inventory.liveProject(ResourceName.projectID(of: path.name))
            }
            return .json([field: [String]()])
        case .absent(let kind): throw APIFailure.notFound("\(kind) not found")
        case .undelete, .password, .unknown: throw Self.noSuch(path, "GET")
        }
    }

    /// The branch of the roles that a request reads, which SQL may have changed.
    private static func branchOfRoles(_ resource: PostgresResource) -> String? {
        switch resource {
        case .collection(.roles, let branch): branch
        case .member(.roles, let name): ResourceName.parent(of: name)
        case .projects, .project, .branches, .branch, .collection, .member, .undelete, .password, .operation,
            .emptyList, .absent, .unknown:
            nil
        }
    }

    private func list(
        _ collection: PostgresResource.Collection, of branch: String, _ view: ResourceView, _ request: APIRequest
    ) async throws -> APIResponse {
        switch collection {
        case .endpoints:
            let page = try Page(view.inventory.endpoints(of: branch), name: \.name, request: request)
            var endpoints: [Postgres.Endpoint] = []
            for record in page.items { endpoints.append(await self.endpoint(record, view)) }
            return .json(Postgres.ListEndpointsResponse(endpoints: endpoints, nextPageToken: page.next))
        case .roles:
            let page = try Page(view.inventory.roles(of: branch), name: \.name, request: request)
            return .json(Postgres.ListRolesResponse(roles: page.items.map(view.role), nextPageToken: page.next))
        case .databases:
            let page = try Page(view.inventory.databases(of: branch), name: \.name, request: request)
            return .json(
                Postgres.ListDatabasesResponse(databases: page.items.map(view.database), nextPageToken: page.next)
            )
        }
    }

    private func endpoint(_ record: EndpointRecord, _ view: ResourceView) async -> Postgres.Endpoint {
        let phase = await self.resources.phase(ofEndpoint: record.name)
        let lastActive = await self.resources.lastActive(ofEndpoint: record.name)
        return view.endpoint(record, phase: phase, lastActive: lastActive)
    }

    /// Decodes the body as a message; an empty body is a message without fields.
    static func message<Message: Decodable>(_ body: Data) throws -> Message {
        let body = body.isEmpty ? Data("{}".utf8) : body
        _ = try Self.object(body)
        return try Self.decode(Message.self, from: body)
    }

    private static func noSuch(_ path: PostgresPath, _ method: String) -> APIFailure {
        APIFailure(404, "ENDPOINT_NOT_FOUND", "No API found for '\(method) /postgres/\(path.name)'")
    }
}
