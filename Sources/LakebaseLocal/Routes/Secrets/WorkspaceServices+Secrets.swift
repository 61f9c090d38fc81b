//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace
import Secrets

extension WorkspaceServices {
    /// Answers a request for `/api/2.0/secrets` or a path below it.
    func scopedSecret(
        _ path: [String], _ request: APIRequest, as identity: LocalIdentity
    ) async throws -> APIResponse {
        switch (request.method, path.first, path.count > 1 ? path[1] : nil, path.count) {
        case ("GET", "scopes", "list", 2): return try await self.listScopes(for: identity)
        case ("POST", "scopes", "create", 2):
            return try self.createScope(try ControlPlane.object(request.body), as: identity)
        case ("POST", "scopes", "delete", 2):
            let scope = try Self.required("scope", try ControlPlane.object(request.body))
            try await self.require(.manage, on: scope, for: identity)
            try self.scopes.delete(scope)
            return Self.nothing
        case ("POST", "put", nil, 1):
            let body = try ControlPlane.object(request.body)
            let (value, key, scope) = (
                try Self.value(body), try Self.required("key", body), try Self.required("scope", body)
            )
            try await self.require(.write, on: scope, for: identity)
            try self.scopes.put(value, key, in: scope, now: Date())
            return Self.nothing
        case ("POST", "delete", nil, 1):
            let body = try ControlPlane.object(request.body)
            let (key, scope) = (try Self.required("key", body), try Self.required("scope", body))
            try await self.require(.write, on: scope, for: identity)
            try self.scopes.delete(key, in: scope)
            return Self.nothing
        case ("GET", "get", nil, 1):
            let (key, scope) = (request.query["key"] ?? "", request.query["scope"] ?? "")
            try await self.require(.read, on: scope, for: identity)
            let value = try self.scopes.get(key, in: scope)
            return .json(
                JSONValue.object([
                    "key": .string(key),
                    "value": .string(value.withUnsafeValue { Data($0.utf8).base64EncodedString() }),
                ]))
        case ("GET", "list", nil, 1):
            let scope = request.query["scope"] ?? ""
            try await self.require(.read, on: scope, for: identity)
            let secrets = try self.scopes.list(scope).map { key, updated in
                JSONValue.object(["key": .string(key), "last_updated_timestamp": .integer(updated)])
            }
            return .json(JSONValue.object(secrets.isEmpty ? [:] : ["secrets": .array(secrets)]))
        case (_, "acls", let call?, 2): return try await self.scopeAccess(call, request, as: identity)
        default: throw APIFailure.notEmulated("\(request.method) \(request.path)")
        }
    }

    // MARK: Scopes

    private func listScopes(for identity: LocalIdentity) async throws -> APIResponse {
        var names: [String] = []
        for name in self.scopes.names {
            // A scope may be deleted in the meantime; it is left out.
            guard let access = try? await self.access(to: name) else { continue }
            if identity.isAdministrator || access.permission(of: identity) != nil { names.append(name) }
        }
        let scopes = names.map { JSONValue.object(["name": .string($0), "backend_type": .string("DATABRICKS")]) }
        return .json(JSONValue.object(scopes.isEmpty ? [:] : ["scopes": .array(scopes)]))
    }

    private func createScope(_ body: [String: JSONValue], as identity: LocalIdentity) throws -> APIResponse {
        let backend = body["scope_backend_type"]?.stringValue ?? "DATABRICKS"
        guard backend == "DATABRICKS" else {
            throw APIFailure.notEmulated("scopes of the kind \(backend.escapedForLog(limit: 60))")
        }
        let initial = body["initial_manage_principal"]?.stringValue ?? ""
        guard initial.isEmpty || initial.isExactly("users") else {
            throw APIFailure.invalid("Field 'initial_manage_principal' can only be 'users'.")
        }
        try self.scopes.create(
            try Self.required("scope", body), managers: initial.isEmpty ? [identity.userName] : ["users"])
        return Self.nothing
    }

    // MARK: Permissions

    /// The permissions on a scope: those that were granted, and those of the apps that name a secret of it as a resource.
    private func access(to scope: String) async throws -> ScopeAccess {
        var access = try self.scopes.access(to: scope)
        for grant in await self.apps.scopeGrants() where grant.scope.isExactly(scope) {
            access = access.with(grant.permission, for: grant.principal)
        }
        return access
    }

    private func require(_ permission: ScopePermission, on scope: String, for identity: LocalIdentity) async throws {
        let access = try await self.access(to: scope)
        guard !identity.isAdministrator else { return }
        guard let has = access.permission(of: identity), has >= permission else {
            throw APIFailure(
                403, "PERMISSION_DENIED",
                "User \(identity.userName) does not have \(permission.rawValue) permission on scope "
                    + "\(scope.escapedForLog(limit: 128)). Give it one: databricks secrets put-acl")
        }
    }

    /// Answers a request for `/api/2.0/secrets/acls` or a path below it.
    private func scopeAccess(
        _ call: String, _ request: APIRequest, as identity: LocalIdentity
    ) async throws -> APIResponse {
        switch (request.method, call) {
        case ("GET", "list"):
            let scope = request.query["scope"] ?? ""
            try await self.require(.manage, on: scope, for: identity)
            let items = try await self.access(to: scope).items.map { Self.item($0.principal, $0.permission) }
            return .json(JSONValue.object(items.isEmpty ? [:] : ["items": .array(items)]))
        case ("GET", "get"):
            let (scope, principal) = (request.query["scope"] ?? "", request.query["principal"] ?? "")
            try await self.require(.manage, on: scope, for: identity)
            guard let permission = try await self.access(to: scope).permission(of: principal) else {
                throw SecretScopes.noPermission(principal, scope)
            }
            return .json(Self.item(principal, permission))
        case ("POST", "put"):
            let body = try ControlPlane.object(request.body)
            let (scope, principal) = (try Self.required("scope", body), try Self.required("principal", body))
            let text = body["permission"]?.stringValue ?? ""
            try await self.require(.manage, on: scope, for: identity)
            guard let permission = ScopePermission(rawValue: text) else {
                throw APIFailure.invalid(
                    "Permission '\(text.escapedForLog(limit: 40))' is not one of READ, WRITE and MANAGE.")
            }
            let kinds: [(String) -> AppAccess.Grantee] = [{ .user($0) }, { .group($0) }, { .servicePrincipal($0) }]
            guard kinds.contains(where: { self.displayName(of: $0(principal)) != nil }) else {
                throw APIFailure.invalid("Principal '\(principal.escapedForLog(limit: 128))' does not exist.")
            }
            try self.scopes.put(permission, for: principal, on: scope)
            return Self.nothing
        case ("POST", "delete"):
            let body = try ControlPlane.object(request.body)
            let (scope, principal) = (try Self.required("scope", body), try Self.required("principal", body))
            try await self.require(.manage, on: scope, for: identity)
            try self.scopes.remove(principal, from: scope)
            return Self.nothing
        default: throw APIFailure.notEmulated("\(request.method) \(request.path)")
        }
    }

    private static func item(_ principal: String, _ permission: ScopePermission) -> JSONValue {
        .object(["principal": .string(principal), "permission": .string(permission.rawValue)])
    }

    // MARK: Fields

    private static func required(_ field: String, _ body: [String: JSONValue]) throws -> String {
        guard let value = body[field]?.stringValue, !value.isEmpty else { throw APIFailure.missing(field) }
        return value
    }

    private static func value(_ body: [String: JSONValue]) throws -> Secret {
        switch (body["string_value"]?.stringValue, body["bytes_value"]?.stringValue) {
        case (let text?, nil): return Secret(text)
        case (nil, let bytes?):
            guard let data = Data(base64Encoded: bytes), let text = String(data: data, encoding: .utf8) else {
                throw APIFailure.invalid(
                    "Field 'bytes_value' must be text in Base64: the local workspace stores text only.")
            }
            return Secret(text)
        case (nil, nil), (_?, _?):
            throw APIFailure.invalid("Exactly one of 'string_value' and 'bytes_value' is required.")
        }
    }
}
