//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A role of a running server, however it was created.
package struct ObservedRole: Equatable, Sendable {
    package var postgresRole: String
    /// `nil` for a plain role.
    package var identity: RoleRecord.Identity?
    package var login: RoleRecord.Login
    package var isSuperuser: Bool
    package var createsDatabases: Bool
    package var createsRoles: Bool
    package var bypassesRowSecurity: Bool

    package init(
        postgresRole: String, identity: RoleRecord.Identity? = nil, login: RoleRecord.Login, isSuperuser: Bool,
        createsDatabases: Bool, createsRoles: Bool, bypassesRowSecurity: Bool
    ) {
        self.postgresRole = postgresRole
        self.identity = identity
        self.login = login
        self.isSuperuser = isSuperuser
        self.createsDatabases = createsDatabases
        self.createsRoles = createsRoles
        self.bypassesRowSecurity = bypassesRowSecurity
    }
}
