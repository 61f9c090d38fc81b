//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import SQLTokens

/// The SQL statement that creates the role of an identity, for users to copy.
package enum IdentityRole {
    /// `SELECT databricks_create_role('ann@example.com', 'USER')`.
    ///
    /// - Parameters:
    ///   - name: The identity's name, which is the role's.
    ///   - type: What it is: `USER`, `SERVICE_PRINCIPAL` or `GROUP`.
    /// - Returns: nil for a name that no role can have.
    package static func creation(of name: String, type: String) -> String? {
        guard let name = SQLQuoting.literal(name), let type = SQLQuoting.literal(type) else { return nil }
        return "SELECT databricks_create_role(\(name), \(type))"
    }

    /// The statement for a name whose type is not known, with a semicolon.
    ///
    /// An application's id is a UUID; a name that is an e-mail address is a person's.
    package static func creation(of name: String) -> String? {
        self.creation(of: name, type: name.utf8.contains(UInt8(ascii: "@")) ? "USER" : "SERVICE_PRINCIPAL").map {
            $0 + ";"
        }
    }
}
