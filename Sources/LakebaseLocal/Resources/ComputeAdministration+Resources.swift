//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import LocalPostgres
import LocalWorkspace
import Secrets

/// Creates and changes roles and databases as the superuser.
extension ComputeAdministration {
    /// Creates a role with its marks and memberships, in one transaction.
    ///
    /// - Parameter mayExist: Whether one of that name may be from an attempt that was cut off.
    func make(_ role: RoleRecord, password: Secret?, mayExist: Bool) async throws {
        if try await self.hasRole(role.postgresRole) {
            guard mayExist else {
                throw OperationRecord.Failure(code: "BAD_REQUEST", message: "role with that name already exists")
            }
            if let password { try await self.set(password: password, ofRole: role.postgresRole) }
            try await self.alter(role)
            return
        }
        // One script is one transaction: no session sees the role without its link, its password or its attributes.
        let name = PQQuery.quoteIdentifier(role.postgresRole)
        var script = "CREATE ROLE \(name) \(role.login == .none ? "NOLOGIN" : "LOGIN");"
        if let identity = role.identity { script += "GRANT \(identity.marker) TO \(name);" }
        script += Self.attributes(role)
        if let password {
            script += password.withUnsafeValue { "ALTER ROLE \(name) PASSWORD '\($0)';" }
        }
        try await self.execute(script)
    }

    /// Sets the attributes and memberships of a role.
    func alter(_ role: RoleRecord) async throws { try await self.execute(Self.attributes(role)) }

    private static func attributes(_ role: RoleRecord) -> String {
        let name = PQQuery.quoteIdentifier(role.postgresRole)
        func word(_ isOn: Bool, _ attribute: String) -> String { isOn ? attribute : "NO" + attribute }
        let attributes = [
            word(role.createsDatabases, "CREATEDB"), word(role.createsRoles, "CREATEROLE"),
            word(role.bypassesRowSecurity, "BYPASSRLS"),
        ]
        let membership =
            role.isSuperuser
            ? "GRANT databricks_superuser TO \(name)" : "REVOKE databricks_superuser FROM \(name)"
        return "ALTER ROLE \(name) \(attributes.joined(separator: " ")); \(membership);"
    }

    /// Sets a role's password, which must be letters and digits only.
    func set(password: Secret, ofRole role: String) async throws {
        try await self.execute(
            "ALTER ROLE \(PQQuery.quoteIdentifier(role)) PASSWORD '\(ScramVerifier.make(password))'"
        )
    }

    /// Drops a role if it exists; its objects go to the heir.
    func drop(role: String, heir: String?) async throws {
        guard try await self.hasRole(role) else { return }
        let name = PQQuery.quoteIdentifier(role)
        if heir == nil, try await self.ownsObjects(role) {
            throw OperationRecord.Failure(
                code: "BAD_REQUEST", message: "cannot delete role that owns objects; use reassign_owned_to"
            )
        }
        // Grants and objects are those of one database each.
        for database in try await self.databases() {
            let there = try await self.reconnected(to: database)
            do {
                if let heir { try await there.execute("REASSIGN OWNED BY \(name) TO \(PQQuery.quoteIdentifier(heir))") }
                try await there.execute("DROP OWNED BY \(name)")
            } catch {
                await there.close()
                throw error
            }
            await there.close()
        }
        try await self.execute("DROP ROLE \(name)")
    }

    /// Creates a database.
    func make(database: String, owner: String, mayExist: Bool) async throws {
        let (name, owner) = (PQQuery.quoteIdentifier(database), PQQuery.quoteIdentifier(owner))
        if try await self.hasDatabase(database) {
            guard mayExist else {
                throw OperationRecord.Failure(code: "BAD_REQUEST", message: "database with that name already exists")
            }
            try await self.execute("ALTER DATABASE \(name) OWNER TO \(owner)")
        } else {
            try await self.execute("CREATE DATABASE \(name) OWNER \(owner)")
        }
    }

    /// Changes the name and owner of a database.
    func alter(database: String, name: String, owner: String) async throws {
        if database != name, try await self.hasDatabase(database) {
            try await self.execute(
                "ALTER DATABASE \(PQQuery.quoteIdentifier(database)) RENAME TO \(PQQuery.quoteIdentifier(name))"
            )
        }
        try await self.execute(
            "ALTER DATABASE \(PQQuery.quoteIdentifier(name)) OWNER TO \(PQQuery.quoteIdentifier(owner))"
        )
    }

    /// Drops a database if it exists; its sessions end.
    func drop(database: String) async throws {
        try await self.execute("DROP DATABASE IF EXISTS \(PQQuery.quoteIdentifier(database)) WITH (FORCE)")
    }

    // MARK: Questions

    private func hasRole(_ name: String) async throws -> Bool {
        try await self.isTrue("SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = \(name))")
    }

    private func hasDatabase(_ name: String) async throws -> Bool {
        try await self.isTrue("SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = \(name))")
    }

    private func ownsObjects(_ role: String) async throws -> Bool {
        try await self.isTrue(
            """
            SELECT EXISTS (
                SELECT FROM pg_catalog.pg_shdepend AS dependency
                JOIN pg_catalog.pg_roles AS role ON role.oid = dependency.refobjid
                WHERE dependency.refclassid = 'pg_catalog.pg_authid'::regclass AND dependency.deptype = 'o'
                  AND role.rolname = \(role)
            )
            """
        )
    }

    private func databases() async throws -> [String] {
        try await self.rows("SELECT datname::text FROM pg_catalog.pg_database WHERE datallowconn")
            .decode(String.self)
    }
}
