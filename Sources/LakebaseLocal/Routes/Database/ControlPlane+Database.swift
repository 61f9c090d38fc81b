//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace

/// The Database instance API without its credentials, on the resources of the Postgres API.
extension ControlPlane {
    /// Answers a request for a path below `/api/2.0/database/`.
    func database(_ path: DatabasePath, _ request: APIRequest, as identity: LocalIdentity) async throws -> APIResponse {
        switch path {
        case .instances: try await self.databaseInstances(request, as: identity)
        case .instance(let name): try await self.databaseInstance(name, request, as: identity)
        case .roles(let instance): try await self.databaseRoles(instance, request, as: identity)
        case .role(let role, let instance): try await self.databaseRole(role, of: instance, request, as: identity)
        case .other(let parts): try await self.databaseExtras(parts, request)
        }
    }

    private func databaseInstances(_ request: APIRequest, as identity: LocalIdentity) async throws -> APIResponse {
        switch request.method {
        case "GET":
            let view = await self.resources.view
            let page = try Page(view.inventory.instances, name: \.id, request: request)
            return .json(
                Database.ListInstancesResponse(instances: page.items.map(view.instance), nextPageToken: page.next)
            )
        case "POST":
            let instance = try Self.instance(request.body)
            _ = try await self.resources.apply(.createInstance(instance), by: identity)
            return try await self.instance(named: instance.name)
        default: throw APIFailure.wrongMethod(request, allowed: "GET, POST")
        }
    }

    /// Answers a request for the instance with a uid.
    func databaseInstance(uid: String) async throws -> APIResponse {
        let view = await self.resources.view
        guard
            let project = view.inventory.instances.first(where: { $0.uid.isExactly(uid) })
        else { throw APIFailure.notFound("Database instance with uid '\(uid)' not found.") }
        return .json(view.instance(project))
    }

    private func databaseInstance(
        _ name: String, _ request: APIRequest, as identity: LocalIdentity
    ) async throws -> APIResponse {
        switch request.method {
        case "GET": return try await self.instance(named: name)
        case "PATCH":
            let body = JSONValue.object(try Self.object(request.body))
            // Without a mask the service changes the fields in the body.
            let mask = try RequestedFields(
                request.query["update_mask"].flatMap { $0.isEmpty ? nil : $0 } ?? "*", body: body)
            let operation = try await self.resources.apply(
                .updateInstance(name, try Self.instance(request.body, name: name), mask), by: identity
            )
            // This API has no operations that a client could wait for, so this change must be done before the next one.
            _ = await self.resources.end(of: operation.name, within: .seconds(10))
            return try await self.instance(named: name)
        case "DELETE":
            guard try request.flag("purge") ?? true else {
                throw APIFailure.invalid("Purge must be set to true to delete a database instance.")
            }
            let operation = try await self.resources.apply(
                .deleteInstance(name, force: try request.flag("force") ?? false), by: identity
            )
            // The client may use the name again once it has the answer.
            _ = await self.resources.end(of: operation.name, within: .seconds(10))
            return .json([String: String]())
        default: throw APIFailure.wrongMethod(request, allowed: "GET, PATCH, DELETE")
        }
    }

    private func instance(named name: String) async throws -> APIResponse {
        let view = await self.resources.view
        return .json(view.instance(try view.inventory.instance(name)))
    }

    private static func instance(_ body: Data, name: String? = nil) throws -> Database.Instance {
        var members = try Self.object(body)
        if let name { members["name"] = .string(name) }
        guard case .string(let text)? = members["name"], !text.isEmpty else { throw APIFailure.missing("name") }
        return try Self.decode(Database.Instance.self, from: try JSONEncoder().encode(JSONValue.object(members)))
    }

    // MARK: Roles

    private func databaseRoles(
        _ instance: String, _ request: APIRequest, as identity: LocalIdentity
    ) async throws -> APIResponse {
        let branch = try Self.root(of: instance, await self.resources.view)
        switch request.method {
        case "GET":
            await self.resources.refreshRoles(ofBranch: branch)
            let view = await self.resources.view
            let page = try Page(view.inventory.roles(of: branch), name: \.postgresRole, request: request)
            return .json(
                Database.ListInstanceRolesResponse(
                    roles: page.items.map { view.instanceRole($0, instance: instance) }, nextPageToken: page.next
                )
            )
        case "POST":
            let role = try Self.role(request.body)
            try self.requireIdentity(of: role)
            let operation = try await self.resources.apply(
                .createRole(branch: branch, id: nil, role, replace: false), by: identity
            )
            try await self.settle(operation)
            return try await self.role(role.spec?.postgresRole ?? "", of: instance)
        default: throw APIFailure.wrongMethod(request, allowed: "GET, POST")
        }
    }

    private func databaseRole(
        _ name: String, of instance: String, _ request: APIRequest, as identity: LocalIdentity
    ) async throws -> APIResponse {
        switch request.method {
        case "GET": return try await self.role(name, of: instance)
        case "DELETE":
            let branch = try Self.root(of: instance, await self.resources.view)
            await self.resources.refreshRoles(ofBranch: branch)
            let roles = await self.resources.view.inventory.roles(of: branch)
            guard let role = roles.first(where: { $0.postgresRole == name }) else {
                if try request.flag("allow_missing") ?? false { return .json([String: String]()) }
                throw APIFailure.notFound("Role '\(name)' not found in database instance '\(instance)'.")
            }
            var heir: String?
            if let wanted = request.query["reassign_owned_to"], !wanted.isEmpty {
                heir = roles.first { $0.postgresRole == wanted }?.name ?? "\(branch)/roles/\(wanted)"
            }
            try await self.settle(try await self.resources.apply(.deleteRole(role.name, heir: heir), by: identity))
            return .json([String: String]())
        case "PATCH": throw APIFailure.notEmulated("\(request.method) \(request.path)")
        default: throw APIFailure.wrongMethod(request, allowed: "GET, DELETE")
        }
    }

    private func role(_ name: String, of instance: String) async throws -> APIResponse {
        await self.resources.refreshRoles(ofBranch: try Self.root(of: instance, await self.resources.view))
        let view = await self.resources.view
        let roles = view.inventory.roles(of: try Self.root(of: instance, view))
        guard let role = roles.first(where: { $0.postgresRole == name }) else {
            throw APIFailure.notFound("Role '\(name)' not found in database instance '\(instance)'.")
        }
        return .json(view.instanceRole(role, instance: instance))
    }

    /// Waits for the end of an operation: this API has no operations, so its calls answer when all is done.
    private func settle(_ operation: OperationRecord) async throws {
        guard let done = await self.resources.end(of: operation.name, within: .seconds(60)) else {
            throw APIFailure(504, "DEADLINE_EXCEEDED", "The operation takes longer than expected and is still running.")
        }
        if let failure = done.failure {
            throw APIFailure(failure.code == "INTERNAL_ERROR" ? 500 : 400, failure.code, failure.message)
        }
    }

    private static func role(_ body: Data) throws -> Postgres.Role {
        let wanted: Database.InstanceRole = try Self.message(body)
        guard !wanted.name.isEmpty else { throw APIFailure.missing("name") }
        let identity = wanted.identityType.flatMap { type in
            type == .postgresOnly ? nil : Postgres.RoleIdentityType(rawValue: type.rawValue)
        }
        return Postgres.Role(
            spec: Postgres.RoleSpec(
                postgresRole: wanted.name, identityType: identity,
                membershipRoles: wanted.membershipRole.map { [Postgres.RoleMembership(rawValue: $0.rawValue)] },
                attributes: wanted.attributes.map {
                    Postgres.RoleAttributes(
                        createDatabase: $0.createDatabase, createRole: $0.createRole,
                        bypassRowSecurity: $0.bypassRowSecurity
                    )
                }
            )
        )
    }

    private static func root(of instance: String, _ view: ResourceView) throws -> String {
        _ = try view.inventory.instance(instance)
        guard let root = view.inventory.root(of: instance) else {
            throw APIFailure.notFound("Database instance '\(instance)' not found.")
        }
        return root.name
    }

    // MARK: Kinds of resources that the workspace does not have

    /// Answers a request for catalogs, tables and synced tables.
    private func databaseExtras(_ parts: [String], _ request: APIRequest) async throws -> APIResponse {
        // Decided in a function without suspensions: the optimiser of Swift 6.3 crashes on this one with them.
        try Self.extras(parts, request, in: await self.resources.view.inventory)
    }

    private static func extras(
        _ parts: [String], _ request: APIRequest, in inventory: WorkspaceState
    ) throws(APIFailure) -> APIResponse {
        if parts.count == 3, parts[0] == "instances", request.method == "GET" {
            _ = try inventory.instance(parts[1])
            if parts[2] == "catalogs" { return .json(["database_catalogs": [String]()]) }
            if parts[2] == "synced_tables" { return .json(["synced_tables": [String]()]) }
        }
        if parts.count == 2, ["catalogs", "tables", "synced_tables"].contains(parts[0]), request.method != "POST" {
            throw .notFound("\(parts[0].replacing("_", with: " ").dropLast()) '\(parts[1])' not found.")
        }
        throw .notEmulated("\(request.method) \(request.path)")
    }
}
