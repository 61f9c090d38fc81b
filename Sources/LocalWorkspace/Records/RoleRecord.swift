//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// A role in its stored form.
package struct RoleRecord: Codable, Equatable, Sendable {
    /// The kind of identity to which a role is linked.
    package enum Identity: String, Codable, Sendable {
        case user = "USER"
        case servicePrincipal = "SERVICE_PRINCIPAL"
        case group = "GROUP"

        /// The role whose members are identities of this kind.
        package var marker: String { "databricks_identity_" + self.rawValue.lowercased() }
    }

    /// The login method.
    package enum Login: String, Codable, Sendable {
        case oauth = "LAKEBASE_OAUTH_V1"
        case password = "PG_PASSWORD_SCRAM_SHA_256"
        case none = "NO_LOGIN"
    }

    /// The resource name.
    package var name: String
    /// The resource name of its branch.
    package var branch: String
    var id: String
    var createTime: Date
    var updateTime: Date
    package var postgresRole: String
    /// `nil` for a plain role.
    package var identity: Identity?
    package var login: Login
    /// Whether it is a member of `databricks_superuser`.
    package var isSuperuser: Bool
    package var createsDatabases: Bool
    package var createsRoles: Bool
    package var bypassesRowSecurity: Bool
}
