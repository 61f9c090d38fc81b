//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
internal import ExactText

/// Reads the objects and privileges of roles from the catalogue.
///
/// `pg_shdepend` has a row for each object that names a role, whatever its type, and `pg_identify_object` gives its name in SQL, so that nothing is missed
/// that would prevent a role from being dropped.
enum HoldingsCatalogue {
    /// Looks.
    ///
    /// - Parameters:
    ///   - names: The roles; all when nil.
    ///   - withPublicDefaults: Whether default privileges for everybody are read too, of whatever creator.
    static func read(
        _ names: [String]?, withPublicDefaults: Bool = false, on connection: PQConnection
    ) async throws -> RoleHoldings {
        let version = await connection.serverVersion
        let place = try await connection.query(
            """
            SELECT current_user::text, current_database()::text, rolinherit FROM pg_catalog.pg_roles WHERE rolname = current_user
            """
        ).decode((String, String, Bool).self).first
        let identity = try await CatalogueRoles.identityColumn(on: connection)
        let defaults = try await connection.query(Self.defaults(names, withPublic: withPublicDefaults))
            .decode((String, String?, String?, String, Bool).self)
        // Changing default privileges takes the privileges of their creators, too.
        let roleNames = names.map { $0 + defaults.map(\.0) }
        let roles = try await connection.query(
            Self.roles(roleNames, version: version, identity: identity ?? CatalogueRoles.noIdentity)
        ).decode((String, Bool, Bool, Bool, Bool, Bool, String?).self)
        let links = version >= 160_000 ? try await Self.links(roleNames, on: connection) : []
        let admins = version >= 160_000 ? try await Self.admins(roleNames, on: connection) : [:]
        let objects = try await connection.query(Self.objects(names))
            .decode((String, Bool, String, String?, String, Bool).self)
        let elsewhere = try await connection.query(Self.elsewhere(names)).decode((String, String, Int64, Int64).self)
        let all = objects.map { row in
            (
                isOwned: row.1,
                RoleHoldings.Object(role: row.0, type: row.2, schema: row.3, identity: row.4, follows: row.5)
            )
        }
        return RoleHoldings(
            currentRole: place?.0 ?? "", database: place?.1 ?? "", serverVersion: version,
            knowsIdentities: identity != nil, currentRoleInherits: place?.2 ?? true,
            roles: roles.map { row in
                RoleHoldings.Role(
                    name: row.0, identity: row.6.flatMap(RoleIdentity.init(wireName:)), canLogIn: row.1,
                    isReachable: row.2, isSystem: row.3, isOurs: row.4, isGrantable: row.5,
                    links: links.filter { $0.0.isExactly(row.0) }.map(\.1), admin: admins[ExactText(row.0)])
            },
            owned: all.filter(\.isOwned).map(\.1), granted: all.filter { !$0.isOwned }.map(\.1),
            defaults: defaults.map { row in
                RoleHoldings.Default(
                    creator: row.0, grantee: row.1, schema: row.2, objects: row.3, creatorMayCreate: row.4)
            },
            elsewhere: elsewhere.map { row in
                RoleHoldings.Elsewhere(
                    role: row.0, database: row.1, owned: Int(clamping: row.2), others: Int(clamping: row.3))
            })
    }

    /// From 16 on a member need not have the privileges of the role nor be able to become it, and CREATEROLE alone grants nothing.
    private static func roles(_ names: [String]?, version: Int, identity: String) -> PQQuery {
        let isNew = version >= 160_000
        let acts =
            isNew
            ? "(pg_has_role(m.oid, role.oid, 'USAGE') OR pg_has_role(m.oid, role.oid, 'SET'))"
            : "pg_has_role(m.oid, role.oid, 'MEMBER')"
        let ours =
            isNew ? "pg_has_role(role.oid, 'USAGE') AND pg_has_role(role.oid, 'SET')" : "pg_has_role(role.oid, 'USAGE')"
        let creates = isNew ? "false" : "me.rolcreaterole AND NOT role.rolsuper"
        return """
            SELECT role.rolname::text, role.rolcanlogin,
                role.rolcanlogin OR EXISTS (
                    SELECT FROM pg_catalog.pg_roles AS m
                    WHERE m.rolcanlogin AND NOT m.rolsuper AND m.oid <> role.oid AND \(unescaped: acts)
                ),
                NOT (\(unescaped: CatalogueRoles.isOrdinary)),
                \(unescaped: ours),
                me.rolsuper OR \(unescaped: creates) OR pg_has_role(role.oid, 'MEMBER WITH ADMIN OPTION'),
                \(unescaped: identity)
            FROM pg_catalog.pg_roles AS role
            JOIN pg_catalog.pg_roles AS me ON me.rolname = current_user
            WHERE \(names == nil) OR role.rolname = ANY(\(names ?? []))
            ORDER BY role.rolname
            """
    }

    /// The memberships of the role that works in the roles, by who gave them: from 16 on there may be several, each with options of its own.
    private static func links(
        _ names: [String]?, on connection: PQConnection
    ) async throws -> [(String, RoleHoldings.Link)] {
        try await connection.query(
            """
            SELECT role.rolname::text, pg_get_userbyid(link.grantor)::text, link.inherit_option, link.set_option
            FROM pg_catalog.pg_auth_members AS link JOIN pg_catalog.pg_roles AS role ON role.oid = link.roleid
            WHERE link.member = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)
            AND (\(names == nil) OR role.rolname = ANY(\(names ?? []))) ORDER BY 1, 2
            """
        ).decode((String, String, Bool, Bool).self).map { row in
            (row.0, RoleHoldings.Link(grantor: row.1, inherits: row.2, sets: row.3))
        }
    }

    /// In whose name the role that works gives itself each of the roles: its own where it has ADMIN itself, or else that of a role with ADMIN whose
    /// privileges it has. (PostgreSQL would choose as well; a name that is said is one that can be said again.)
    private static func admins(
        _ names: [String]?, on connection: PQConnection
    ) async throws -> [ExactText: String] {
        let rows = try await connection.query(
            """
            SELECT DISTINCT ON (role.oid) role.rolname::text, admin.rolname::text
            FROM pg_catalog.pg_auth_members AS link
            JOIN pg_catalog.pg_roles AS role ON role.oid = link.roleid
            JOIN pg_catalog.pg_roles AS admin ON admin.oid = link.member
            WHERE link.admin_option AND pg_has_role(admin.oid, 'USAGE')
            AND (\(names == nil) OR role.rolname = ANY(\(names ?? [])))
            ORDER BY role.oid, admin.rolname <> current_user, admin.oid
            """
        ).decode((String, String).self)
        return Dictionary(rows.map { (ExactText($0.0), $0.1) }) { first, _ in first }
    }

    /// Sequences behind columns follow their table, and what an extension made belongs to the extension.
    private static func objects(_ names: [String]?) -> PQQuery {
        """
        SELECT DISTINCT role.rolname::text, link.deptype = 'o', object.type,
            CASE object.type WHEN 'schema' THEN own.nspname ELSE space.nspname END::text, object.identity,
            link.deptype = 'o' AND EXISTS (
                SELECT FROM pg_catalog.pg_depend AS tie
                WHERE tie.classid = link.classid AND tie.objid = link.objid AND tie.objsubid = 0
                AND tie.refclassid = 'pg_catalog.pg_class'::regclass AND tie.refobjsubid > 0
                AND tie.deptype IN ('a', 'i') AND object.type = 'sequence'
            )
        FROM pg_catalog.pg_shdepend AS link
        JOIN pg_catalog.pg_roles AS role ON role.oid = link.refobjid
        CROSS JOIN LATERAL pg_catalog.pg_identify_object(link.classid, link.objid, 0) AS object
        LEFT JOIN pg_catalog.pg_namespace AS space ON quote_ident(space.nspname) = object.schema
        LEFT JOIN pg_catalog.pg_namespace AS own
            ON link.classid = 'pg_catalog.pg_namespace'::regclass AND own.oid = link.objid
        WHERE link.refclassid = 'pg_catalog.pg_authid'::regclass AND link.deptype IN ('o', 'a')
        AND link.dbid IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
        AND object.type IS NOT NULL AND object.type <> 'default acl'
        AND (\(names == nil) OR role.rolname = ANY(\(names ?? [])))
        ORDER BY 1, 3, 5
        """
    }

    private static func defaults(_ names: [String]?, withPublic: Bool) -> PQQuery {
        """
        SELECT DISTINCT creator.rolname::text, grantee.rolname::text, space.nspname::text,
            CASE entry.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES'
                WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS' ELSE '?' END,
            coalesce(has_schema_privilege(creator.oid, space.oid, 'CREATE'), true)
        FROM pg_catalog.pg_default_acl AS entry
        JOIN pg_catalog.pg_roles AS creator ON creator.oid = entry.defaclrole
        LEFT JOIN pg_catalog.pg_namespace AS space ON space.oid = entry.defaclnamespace
        CROSS JOIN LATERAL aclexplode(entry.defaclacl) AS item
        LEFT JOIN pg_catalog.pg_roles AS grantee ON grantee.oid = item.grantee
        WHERE item.grantee <> entry.defaclrole
        AND (\(names == nil) OR creator.rolname = ANY(\(names ?? [])) OR grantee.rolname = ANY(\(names ?? []))
            OR (\(withPublic) AND item.grantee = 0))
        ORDER BY 1, 3, 4, 2
        """
    }

    private static func elsewhere(_ names: [String]?) -> PQQuery {
        """
        SELECT role.rolname::text, base.datname::text, count(*) FILTER (WHERE link.deptype = 'o'),
            count(*) FILTER (WHERE link.deptype <> 'o')
        FROM pg_catalog.pg_shdepend AS link
        JOIN pg_catalog.pg_roles AS role ON role.oid = link.refobjid
        JOIN pg_catalog.pg_database AS base ON base.oid = link.dbid AND base.datname <> current_database()
        WHERE link.refclassid = 'pg_catalog.pg_authid'::regclass
        AND (\(names == nil) OR role.rolname = ANY(\(names ?? [])))
        GROUP BY 1, 2 ORDER BY 1, 2
        """
    }
}
