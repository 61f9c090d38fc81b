//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Lakebase

/// Checks the role that logs in.
struct RoleCheck: Sendable, Equatable {
    var username: String
    var target: String
    var role: LoginDiagnosis.Role

    /// The workspace's list, which says how a role logs in.
    var finding: CheckResult {
        switch self.role {
        case .unknown(let reason):
            return .notNeeded("the workspace does not say whether there is a role: \(reason)")
        case .missing:
            // It is not documented that the list contains roles created by SQL, so the login decides.
            return .problem(
                .warning, .roleMissing, "the workspace lists no role \"\(self.username)\"",
                evidence: ["a role created by SQL may exist all the same; the login shows"],
                remedy: "as the project's owner, create the role", command: self.creation, requiredRole: Self.owner)
        case .found(.password, _, _), .found(.none, _, _):
            return .problem(
                .failure, .roleNotLinked,
                "there is a role \"\(self.username)\", and it does not log in with a credential: it is not linked to an "
                    + "identity",
                remedy: "as the project's owner, drop the role and create it for the identity", command: self.creation,
                requiredRole: Self.owner)
        case .found(let login, let isGroup, let age):
            var evidence: [String] = []
            if isGroup { evidence.append("it is the role of a group, whose members log in under its name") }
            if let age, age.isFinite, age < 300 {
                evidence.append("it was created \(Int(max(0, age))) s ago, and may not be known everywhere yet")
            }
            let kind = login == .credential ? ", linked to an identity" : ""
            return .ok("there is a role \"\(self.username)\"\(kind)", evidence: evidence)
        }
    }

    private static let owner = "the project's owner, in a database that has CREATE EXTENSION databricks_auth"

    private var creation: String? { IdentityRole.creation(of: self.username) }
}
