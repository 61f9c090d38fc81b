//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Foundation
import LocalGround
import Secrets

/// Restricts the roles to PostgreSQL: none of them can become the superuser, or access the machine.
///
/// Before PostgreSQL 16 CREATEROLE may grant every role that is not a superuser, and three of the predefined ones run
/// programs and read and write files as the server's user. Event triggers do not see grants of roles. But only a
/// superuser may grant a role that has the attribute SUPERUSER, so these three get it: they have no members, cannot log
/// in, and cannot be altered by name (`pg_` is reserved). From 16 on, a grant requires the ADMIN option, which no role
/// has for them.
enum SystemAccess {
    /// The predefined roles that can access the machine (PostgreSQL: Predefined Roles).
    static let systemRoles = ["pg_execute_server_program", "pg_read_server_files", "pg_write_server_files"]

    private static var names: String { Self.systemRoles.map { "'\($0)'" }.joined(separator: ", ") }

    /// The statements for a new data directory.
    static func guards(major: Int) -> [String] {
        guard major < 16 else { return [] }
        return ["UPDATE pg_catalog.pg_authid SET rolsuper = true WHERE rolname IN (\(Self.names))"]
    }

    /// The statements for a data directory that was created before, or with another superuser password.
    ///
    /// What could be gained before is taken back: memberships in those roles and in the superuser, and the attributes
    /// that only the superuser has; REPLICATION where ``ReplicationGuards`` do not bound it. In this order: a member of
    /// a role that becomes a superuser would be one.
    static func repair(password: Secret, major: Int) -> [String] {
        var statements = [
            password.withUnsafeValue {
                "ALTER ROLE \(PostgresConventions.administrator) LOGIN SUPERUSER PASSWORD '\($0)'"
            }
        ]
        if major < 16 {
            // A member row of these versions has nothing that depends on it.
            statements.append(
                """
                DELETE FROM pg_catalog.pg_auth_members AS link USING pg_catalog.pg_authid AS role
                WHERE role.oid = link.roleid AND (role.rolname IN (\(Self.names)) OR role.oid = 10)
                """
            )
        }
        // The superuser of initdb has the number 10 (BOOTSTRAP_SUPERUSERID).
        statements.append(
            """
            UPDATE pg_catalog.pg_authid SET rolsuper = false, rolreplication = rolreplication AND \(ReplicationGuards.areThere)
            WHERE oid <> 10 AND (rolsuper OR rolreplication)
            """
        )
        return statements + Self.guards(major: major)
    }

    /// A mark that identifies the password and guards of a data directory without revealing the password, which has 256
    /// random bits.
    static func mark(password: Secret) -> String {
        let digest = password.withUnsafeValue { SHA256.hash(data: Data("administrator \($0)".utf8)) }
        return "1 " + digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\n"
    }
}

extension BranchDataDirectory {
    /// The name of the mark, which is copied with the data.
    private static let markName = "lakebase.access"

    /// Sets the superuser's password and guards the predefined roles, in a data directory that was created before they
    /// existed.
    ///
    /// No server may run on it.
    func secureIfNeeded() async throws {
        let mark = SystemAccess.mark(password: self.administratorPassword)
        if let data = FileManager.default.contents(atPath: "\(self.dataFolder)/\(Self.markName)"),
            String(decoding: data, as: UTF8.self) == mark
        {
            return
        }
        let statements = SystemAccess.repair(password: self.administratorPassword, major: self.installation.major)
        try await self.run(script: BootstrapScript.joined(statements), on: self.dataFolder, durable: true)
        try self.noteAccess(in: self.dataFolder)
    }

    /// Records that ``secureIfNeeded()`` has nothing to do.
    func noteAccess(in folder: String) throws {
        let path = "\(folder)/\(Self.markName)"
        try self.user.write(Data(SystemAccess.mark(password: self.administratorPassword).utf8), to: path)
    }
}
