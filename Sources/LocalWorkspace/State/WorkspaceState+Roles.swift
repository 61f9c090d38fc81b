//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalGround

/// The rules for roles (reference: Role).
extension WorkspaceState {
    private static let attributes = [
        "spec.attributes.createdb", "spec.attributes.createrole", "spec.attributes.bypassrls",
    ]

    mutating func createRole(
        _ branchName: String, _ given: String?, _ body: Postgres.Role, replace: Bool, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let branch = try self.liveBranch(branchName)
        let id = try ResourceName.givenID(given, field: "role_id", replaces: replace)
        let spec = body.spec ?? Postgres.RoleSpec()
        guard let postgresRole = spec.postgresRole, !postgresRole.isEmpty else {
            throw .missing("role.spec.postgres_role")
        }
        if replace, let id, let existing = self.roles["\(branch.name)/roles/\(id)"] {
            return try self.replaceRole(existing, spec, &context)
        }
        let roles = self.roles(of: branch.name)
        guard !roles.contains(where: { $0.id == id || $0.postgresRole.isExactly(postgresRole) }) else {
            throw APIFailure(400, "BAD_REQUEST", "role with that name already exists")
        }
        try Self.checkName(postgresRole)
        let identity = try Self.identity(spec.identityType)
        let madeID =
            id
            ?? ResourceName.derivedID(from: postgresRole, prefix: "role") { candidate in
                roles.contains { $0.id == candidate }
            }
        let role = RoleRecord(
            name: "\(branch.name)/roles/\(madeID)", branch: branch.name, id: madeID, createTime: context.now,
            updateTime: context.now, postgresRole: postgresRole, identity: identity,
            login: try Self.login(spec.authMethod, identity: identity),
            isSuperuser: try Self.membership(spec.membershipRoles),
            createsDatabases: spec.attributes?.createDatabase ?? false,
            createsRoles: spec.attributes?.createRole ?? false,
            bypassesRowSecurity: spec.attributes?.bypassRowSecurity ?? false
        )
        let operation = try self.begin(
            .makeRole(role.name), kind: "Role", target: role.name, shared: [branch.name], exclusive: [role.name],
            &context
        )
        self.roles[role.name] = role
        return operation
    }

    private mutating func replaceRole(
        _ existing: RoleRecord, _ spec: Postgres.RoleSpec, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        guard spec.postgresRole?.isExactly(existing.postgresRole) == true,
            try Self.identity(spec.identityType) == existing.identity
        else {
            throw .invalid("The identity_type and postgres_role of a role that exists cannot be changed.")
        }
        var role = existing
        role.isSuperuser = try Self.membership(spec.membershipRoles)
        role.createsDatabases = spec.attributes?.createDatabase ?? false
        role.createsRoles = spec.attributes?.createRole ?? false
        role.bypassesRowSecurity = spec.attributes?.bypassRowSecurity ?? false
        return try self.change(role, from: existing, &context)
    }

    mutating func updateRole(
        _ name: String, _ body: Postgres.Role, _ mask: RequestedFields, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let existing = try self.role(name)
        let selected = try mask.select(from: .role)
        let replacesMemberships = mask.names("*") || mask.names("spec") || mask.names("spec.membership_roles")
        if mask.names("spec"), !mask.isOnly("spec") {
            for field in Self.attributes where !mask.has(field) { throw RequestedFields.absent(field) }
        }
        var role = existing
        let wanted = body.spec?.attributes ?? Postgres.RoleAttributes()
        if selected.contains(Self.attributes[0]), let value = wanted.createDatabase { role.createsDatabases = value }
        if selected.contains(Self.attributes[1]), let value = wanted.createRole { role.createsRoles = value }
        if selected.contains(Self.attributes[2]), let value = wanted.bypassRowSecurity {
            role.bypassesRowSecurity = value
        }
        if replacesMemberships { role.isSuperuser = try Self.membership(body.spec?.membershipRoles) }
        return try self.change(role, from: existing, &context)
    }

    private mutating func change(
        _ changed: RoleRecord, from previous: RoleRecord, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        var role = changed
        role.updateTime = context.now
        let operation = try self.begin(
            .changeRole(previous: previous), kind: "Role", target: role.name, shared: [role.branch],
            exclusive: [role.name], &context
        )
        self.roles[role.name] = role
        return operation
    }

    mutating func deleteRole(
        _ name: String, heir: String?, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let role = try self.role(name)
        if let heir, !heir.isEmpty {
            guard let other = self.roles[heir], other.branch == role.branch else {
                throw .notFound("role not found; role_id:\"\(ResourceName.id(of: heir))\"")
            }
            guard other.name != role.name else { throw .invalid("A role cannot inherit from itself.") }
        } else if let owned = self.databases(of: role.branch).first(where: { $0.role == name }) {
            throw APIFailure(
                400, "BAD_REQUEST",
                "cannot delete role that owns database '\(owned.postgresDatabase)'; use reassign_owned_to"
            )
        }
        let operation = try self.begin(
            .removeRole(name, heir: heir.flatMap { $0.isEmpty ? nil : $0 }), kind: "Role", target: name,
            shared: [role.branch], exclusive: [name], &context
        )
        if let heir, !heir.isEmpty {
            for database in self.databases(of: role.branch) where database.role == name {
                self.databases[database.name]?.role = heir
            }
        }
        return operation
    }

    // MARK: Values

    /// Rejects names that belong to the platform.
    static func checkName(_ name: String) throws(APIFailure) {
        guard name.utf8.count <= 63, !name.utf8.contains(0) else {
            throw .invalid("Field 'role.spec.postgres_role' must have at most 63 bytes.")
        }
        let reserved =
            ["pg_", "databricks_"].contains { name.startsExactly(with: $0) }
            || [PostgresConventions.administrator, "public", "none", "authenticator"].contains { name.isExactly($0) }
        guard !reserved else { throw .invalid("The role name '\(name)' is reserved.") }
    }

    private static func identity(_ type: Postgres.RoleIdentityType?) throws(APIFailure) -> RoleRecord.Identity? {
        guard let type, type != .unspecified else { return nil }
        guard let identity = RoleRecord.Identity(rawValue: type.rawValue) else {
            throw .invalid("Field 'role.spec.identity_type' has the unknown value '\(type)'.")
        }
        return identity
    }

    private static func login(
        _ method: Postgres.RoleAuthMethod?, identity: RoleRecord.Identity?
    ) throws(APIFailure) -> RoleRecord.Login {
        guard let method else {
            switch identity {
            case .user, .servicePrincipal: return .oauth
            case .group: return .none
            case nil: return .password
            }
        }
        guard let login = RoleRecord.Login(rawValue: method.rawValue) else {
            throw .invalid("Field 'role.spec.auth_method' has the unknown value '\(method)'.")
        }
        // Documented, and refused by the service (databricks/terraform-provider-databricks#5634).
        guard login != .none else {
            throw .invalid("Creating roles with auth_method NO_LOGIN is not currently supported")
        }
        guard login != .oauth || identity != nil else {
            throw .invalid("A role that logs in with LAKEBASE_OAUTH_V1 needs an identity_type.")
        }
        guard login != .password || identity == nil else {
            throw .invalid("A role of a Databricks identity does not log in with a password.")
        }
        return login
    }

    private static func membership(_ roles: [Postgres.RoleMembership]?) throws(APIFailure) -> Bool {
        for role in roles ?? [] where role != .databricksSuperuser {
            throw .invalid("Field 'role.spec.membership_roles' has the unknown value '\(role)'.")
        }
        return !(roles ?? []).isEmpty
    }
}

extension RoleRecord {
    /// The role of the creator of a project.
    init(owner: LocalIdentity, branch: String, now: Date) {
        let isUser = owner.kind == .user
        // An id has to begin with a letter, which an application's need not.
        let id =
            isUser
            ? ResourceName.derivedID(
                from: String(owner.userName.prefix { $0 != "@" }), prefix: "user", isTaken: { _ in false }
            ) : "sp-\(owner.userName)"
        self.init(
            name: "\(branch)/roles/\(id)", branch: branch, id: id, createTime: now, updateTime: now,
            postgresRole: owner.userName, identity: isUser ? .user : .servicePrincipal, login: .oauth,
            isSuperuser: true, createsDatabases: true, createsRoles: true, bypassesRowSecurity: true
        )
    }
}
