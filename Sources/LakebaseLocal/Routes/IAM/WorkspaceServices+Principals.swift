//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace
import Secrets

/// Service principals and their client secrets.
extension WorkspaceServices {
    /// Answers a request for `/api/2.0/preview/scim/v2/ServicePrincipals` or a path below it.
    func principal(_ path: [String], _ request: APIRequest, as identity: LocalIdentity) throws -> APIResponse {
        switch (request.method, path.count) {
        case ("GET", 0): return try self.listPrincipals(request)
        case ("GET", 1): return .json(try self.principals.value.entry(path[0]).principal)
        case ("POST", 0):
            try Self.requireAdministrator(identity)
            let wanted = try ControlPlane.decode(IAM.ServicePrincipal.self, from: request.body)
            guard wanted.applicationID.map(PrincipalDirectory.isApplicationID) ?? true else {
                throw APIFailure.invalid("Field 'applicationId' must be a UUID.")
            }
            let id = UUID().uuidString.lowercased()
            return .json(try self.principals.change { try $0.create(wanted, applicationID: id) }, status: 201)
        case ("PUT", 1):
            try Self.requireAdministrator(identity)
            let wanted = try ControlPlane.decode(IAM.ServicePrincipal.self, from: request.body)
            return .json(try self.principals.change { try $0.replace(path[0], with: wanted) })
        case ("PATCH", 1):
            try Self.requireAdministrator(identity)
            // The decoder tries several types at each level of a value, so the body may have few levels.
            let patch = try ControlPlane.decode(
                IAM.PatchRequest.self, from: request.body, limits: .init(depth: 8, values: 1_000))
            return .json(try self.principals.change { try $0.patch(path[0], patch.operations ?? []) })
        case ("DELETE", 1):
            try Self.requireAdministrator(identity)
            guard path[0] != self.principals.builtIn else {
                throw APIFailure(
                    403, "PERMISSION_DENIED",
                    "Service principal \(path[0]) belongs to the local workspace and cannot be deleted.")
            }
            try self.principals.change { try $0.delete(path[0]) }
            return APIResponse(status: 204, body: Data())
        default: throw APIFailure.unknownAPI(request)
        }
    }

    /// Answers a request for `/api/2.0/accounts/servicePrincipals` or a path below it.
    func secret(_ path: [String], _ request: APIRequest, as identity: LocalIdentity) throws -> APIResponse {
        guard path.count >= 3, path[1] == "credentials", path[2] == "secrets" else {
            throw APIFailure.unknownAPI(request)
        }
        try Self.requireAdministrator(identity)
        switch (request.method, path.count) {
        case ("GET", 3):
            return .json(
                IAM.ListServicePrincipalSecretsResponse(secrets: try self.principals.value.entry(path[0]).secrets))
        case ("POST", 3):
            let body = request.body.isEmpty ? Data("{}".utf8) : request.body
            let wanted = try ControlPlane.decode(IAM.CreateServicePrincipalSecretRequest.self, from: body)
            let secret = RandomText.make(prefix: "dose", hexDigits: 32)
            let id = UUID().uuidString.lowercased()
            let made = try self.principals.change {
                try $0.addSecret(
                    secret, id: id, to: path[0], lifetime: wanted.lifetime?.duration, scopes: wanted.scopes,
                    now: Date())
            }
            return APIResponse.json(made).with("Cache-Control", "no-store")
        case ("DELETE", 4):
            try self.principals.change { try $0.deleteSecret(path[3], of: path[0]) }
            return Self.nothing
        default: throw APIFailure.unknownAPI(request)
        }
    }

    private func listPrincipals(_ request: APIRequest) throws -> APIResponse {
        let all = try self.principals.value.list(filter: request.query["filter"])
        let start = max(1, request.query["startIndex"].flatMap { Int($0) } ?? 1)
        let count = min(max(0, request.query["count"].flatMap { Int($0) } ?? 100), 10_000)
        let page = Array(all.dropFirst(start - 1).prefix(count))
        return .json(
            IAM.ListServicePrincipalsResponse(
                schemas: [IAM.ListServicePrincipalsResponse.schema], totalResults: Int64(all.count),
                startIndex: Int64(start), itemsPerPage: Int64(page.count), resources: page))
    }

    private static func requireAdministrator(_ identity: LocalIdentity) throws {
        guard identity.isAdministrator else {
            throw APIFailure(
                403, "PERMISSION_DENIED", "Only administrators manage service principals; sign in as the developer.")
        }
    }
}

extension PrincipalDirectory {
    /// Changes single attributes of a principal.
    mutating func patch(_ id: String, _ operations: [IAM.PatchOperation]) throws -> IAM.ServicePrincipal {
        var principal = try self.entry(id).principal
        for operation in operations {
            let verb = operation.op?.lowercased() ?? ""
            guard ["add", "replace", "remove"].contains(verb) else {
                throw APIFailure.invalid("Operation '\(operation.op ?? "")' is not one of add, replace and remove.")
            }
            let value = verb == "remove" ? nil : operation.value
            switch (operation.path, value) {
            case ("displayName", .string(let name)?): principal.displayName = name
            case ("active", .boolean(let isActive)?): principal.active = isActive
            case ("externalId", .string(let text)?): principal.externalID = text
            case ("externalId", nil): principal.externalID = nil
            case ("groups", let groups): principal.groups = try groups.map { try Self.groups($0) }
            default:
                throw APIFailure.invalid(
                    "The local workspace cannot \(verb) '\(operation.path ?? "")' of a service principal so.")
            }
        }
        return try self.replace(id, with: principal)
    }

    /// The groups that a value names; a local workspace has one that can be changed.
    private static func groups(_ value: JSONValue) throws -> [IAM.Value] {
        let members: [JSONValue] = if case .array(let list) = value { list } else { [value] }
        return try members.map { member in
            guard case .object(let fields) = member, case .string(let name)? = fields["value"],
                name.isExactly(IAM.ServicePrincipal.admins)
            else {
                throw APIFailure.invalid("The one group of the local workspace is \(IAM.ServicePrincipal.admins).")
            }
            return IAM.Value(value: name, display: name)
        }
    }
}

extension IAM.ServicePrincipal {
    /// The group of the workspace's administrators.
    static let admins = "admins"

    /// Whether the service principal is in the group `admins`.
    var isInAdmins: Bool { self.groups?.contains { $0.value?.isExactly(Self.admins) == true } == true }
}
