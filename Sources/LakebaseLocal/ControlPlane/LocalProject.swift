//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// The names and numbers of the one project there is.
struct LocalProject: Sendable {
    static let projectID = "local"
    static let branchID = "production"
    static let endpointID = "primary"
    static let databaseID = "databricks-postgres"
    /// The name of the project in the Database instance API.
    static let instanceName = "local"

    static let projectName = "projects/\(projectID)"
    static let branchName = "\(projectName)/branches/\(branchID)"
    static let endpointName = "\(branchName)/endpoints/\(endpointID)"

    var uid: String
    var createdAt: Date
    var owner: String
    var postgresMajor: Int
    var suspendAfter: Duration
    /// Where the endpoint listens.
    var address: LocalState.EndpointAddress

    /// The endpoint's own part of its host name.
    var endpointUID: String { "ep-local-\(Self.endpointID)-\(self.uid.prefix(8))" }
    /// The branch's uid.
    var branchUID: String { "br-local-\(Self.branchID)-\(self.uid.prefix(8))" }
    /// A host name in the service's manner; the certificate has it, no name server knows it.
    static func hostName(endpointUID: String) -> String { "\(endpointUID).database.local.lakebase.localhost" }
}

/// A Postgres role that an identity is linked to, as the API shows it.
struct LocalRole: Sendable {
    var roleID: String
    var postgresRole: String
    var identity: LocalIdentity.Kind
    var isOwner: Bool

    /// The roles a new branch has.
    static func initial(_ identities: IdentityDirectory) -> [LocalRole] {
        [
            LocalRole(
                roleID: "developer", postgresRole: identities.developer.userName, identity: .user, isOwner: true
            ),
            LocalRole(
                // An id has to begin with a letter.
                roleID: "sp-\(identities.app.userName)", postgresRole: identities.app.userName,
                identity: .servicePrincipal, isOwner: false
            ),
        ]
    }
}
