//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A role of a running server, however it was created.
struct ObservedRole: Equatable, Sendable {
    var postgresRole: String
    /// `nil` for a plain role.
    var identity: RoleRecord.Identity?
    var login: RoleRecord.Login
    var isSuperuser: Bool
    var createsDatabases: Bool
    var createsRoles: Bool
    var bypassesRowSecurity: Bool
}
