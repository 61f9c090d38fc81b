//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
internal import ExactText
internal import Lakebase

/// The roles of a server, by SQL.
struct CatalogueRoles: Sendable {
    let client: LakebaseClient

    func all() async throws -> [DatabaseRole] {
        try await self.client.withConnection { connection in try await Self.all(on: connection) }
    }

    static func all(on connection: PQConnection) async throws -> [DatabaseRole] {
        let identity = try await Self.identityColumn(on: connection)
        let rows = try await connection.query(
            """
            SELECT role.rolname::text, role.rolcanlogin, role.rolcreatedb, role.rolcreaterole, role.rolbypassrls,
                EXISTS (
                    SELECT FROM pg_catalog.pg_auth_members AS link
                    JOIN pg_catalog.pg_roles AS above ON above.oid = link.roleid
                    WHERE link.member = role.oid AND above.rolname = 'databricks_superuser'
                ),
                \(unescaped: identity ?? Self.noIdentity)
            FROM pg_catalog.pg_roles AS role
            WHERE \(unescaped: Self.isOrdinary)
            """)
        return try rows.decode((String, Bool, Bool, Bool, Bool, Bool, String?).self).map { row in
            let linked = row.6.flatMap(RoleIdentity.init(wireName:))
            let login: DatabaseRole.Login =
                !row.1 ? .none : identity == nil ? .unknown : linked == nil ? .password : .oauth
            return DatabaseRole(
                name: row.0, identity: linked, login: login, isSuperuser: row.5, createsDatabases: row.2,
                createsRoles: row.3, bypassesRowSecurity: row.4)
        }
    }

    /// Returns the role with exactly this name; nil when there is none.
    static func role(named name: String, on connection: PQConnection) async throws -> DatabaseRole? {
        try await Self.all(on: connection).first { $0.name.isExactly(name) }
    }

    /// What holds for a row `role` of `pg_roles` that is neither PostgreSQL's nor the platform's.
    static let isOrdinary = """
        NOT role.rolsuper AND NOT pg_catalog.starts_with(role.rolname::text, 'pg_')
            AND NOT pg_catalog.starts_with(role.rolname::text, 'databricks_')
            AND role.rolname::text NOT IN ('cloud_admin', 'authenticator')
        """

    /// What gives the kind of identity that a row `role` of `pg_roles` is linked to, as text or null; nil when the extension is not in this database.
    ///
    /// It belongs into the query that reads the roles: what two queries see differs by what was committed between them, and a role that was made in
    /// between would look like a role without an identity.
    static func identityColumn(on connection: PQConnection) async throws -> String? {
        guard let schema = try await Self.schemaOfExtension(connection) else { return nil }
        return """
            (SELECT list.identity_type::text FROM \(PQQuery.quoteIdentifier(schema)).databricks_list_roles AS list
                WHERE list.role_name::text = role.rolname::text LIMIT 1)
            """
    }

    /// The replacement for ``identityColumn(on:)`` where identities are unknown.
    static let noIdentity = "NULL::text"

    /// Creates a role unless it exists, and checks the result, in one transaction.
    ///
    /// - Throws: As ``RoleManager/create(_:)``.
    func create(_ wanted: WantedRole) async throws -> RoleManager.Creation {
        try await CatalogueChange.run(on: self.client) { connection in
            func look() async throws -> DatabaseRole? { try await Self.role(named: wanted.name, on: connection) }
            try await Self.prepare(on: connection)
            if let role = try await RoleSighting.existing(wanted, look: look) {
                return RoleManager.Creation(role: role, isNew: false)
            }
            try await Self.make(wanted, on: connection)
            guard let role = try await RoleSighting.existing(wanted, look: look) else {
                throw RoleError.notListed(wanted.name)
            }
            return RoleManager.Creation(role: role, isNew: true)
        }
    }

    /// Creates the extension unless it exists: without it the identities of roles are unknown.
    ///
    /// In a transaction.
    ///
    /// - Throws: ``RoleError``.
    static func prepare(on connection: PQConnection) async throws {
        guard try await Self.schemaOfExtension(connection) == nil else { return }
        do {
            // Of two that make it at once PostgreSQL refuses one, in spite of IF NOT EXISTS.
            try await connection.query("SELECT pg_advisory_xact_lock(hashtextextended('lakebase databricks_auth', 0))")
            try await connection.query("CREATE EXTENSION IF NOT EXISTS databricks_auth")
        } catch let error as PQError where error.code == .server {
            throw RoleError(
                error.sqlState == .insufficientPrivilege ? .notAllowed : .failed,
                "the extension databricks_auth cannot be created: \(error.message)",
                remedy: "run this as a role that has CREATE on the database", underlying: error)
        }
    }

    /// Creates the role; the extension must exist.
    ///
    /// - Throws: ``RoleError``.
    static func make(_ wanted: WantedRole, on connection: PQConnection) async throws {
        do {
            let schema = try await Self.schemaOfExtension(connection) ?? "public"
            try await connection.query(
                "SELECT \(identifier: schema).databricks_create_role(\(wanted.name), \(wanted.identity.wireName))")
        } catch let error as PQError where error.code == .server {
            let isRight = error.sqlState == .insufficientPrivilege
            throw RoleError(
                isRight ? .notAllowed : .failed, "the role \(wanted.name) cannot be created: \(error.message)",
                statement: error.query,
                remedy: isRight ? "run this as a role with CREATEROLE that has logged in with a token" : nil,
                underlying: error)
        }
    }

    private static func schemaOfExtension(_ connection: PQConnection) async throws -> String? {
        try await connection.query(
            """
            SELECT nspname::text FROM pg_catalog.pg_extension
            JOIN pg_catalog.pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'databricks_auth'
            """
        ).decode(String.self).first
    }
}
