//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ

/// Reads the state of a set of grants from the catalogue.
enum GrantCatalogue {
    static func read(_ set: GrantSet, on connection: PQConnection) async throws -> GrantFacts {
        let roles = try await connection.query(
            "SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname = ANY(\([set.role] + set.creators))"
        ).decode(String.self)
        let version = await connection.serverVersion
        let objects = try await connection.query(Self.facts(set, version)).decode(
            (String, String, String, String, [String], [String], [String], [String], String?).self)
        let defaults = try await connection.query(Self.defaults(set)).decode((String, String, [String], Bool).self)
        return GrantFacts(
            roles: roles,
            objects: objects.compactMap { row in
                Privilege.Kind(rawValue: row.0).map {
                    GrantFacts.Object(
                        kind: $0, name: row.1, identity: row.2, owner: row.3, granted: Self.privileges(row.4),
                        effective: Self.privileges(row.5), onColumns: Self.privileges(row.6),
                        grantable: Self.privileges(row.7), reserved: row.8)
                }
            },
            defaults: defaults.compactMap { creator, type, granted, isOurs in
                let kind: Privilege.Kind? =
                    switch type {
                    case "r": .table
                    case "S": .sequence
                    case "f": .routine
                    default: nil
                    }
                return kind.map {
                    GrantFacts.Default(
                        creator: creator, kind: $0, granted: Self.privileges(granted), isOurs: isOurs)
                }
            },
            serverVersion: version)
    }

    /// Newer servers may have privileges that are not known here; they are left alone.
    static func privileges(_ names: [String]) -> Set<Privilege> {
        Set(names.compactMap { Privilege(rawValue: $0) })
    }

    /// Two tables for `WITH`, which need a table `given` before them.
    ///
    /// They are `who`, the role of the set (`id` null when it is not there), and `objects`, those that the set is about.
    static func objects(_ version: Int) -> String {
        // An older server refuses to be asked for it.
        let more = version >= Privilege.maintain.sinceServerVersion ? ", 'MAINTAIN'" : ""
        return """
            who AS (SELECT (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = (SELECT role FROM given)) AS id),
            objects AS (
                SELECT 'database' AS kind, oid AS id, datname::text AS name, format('%I', datname) AS identity, datdba AS owner,
                       coalesce(datacl, acldefault('d', datdba)) AS acl, ARRAY['CONNECT', 'CREATE', 'TEMPORARY'] AS privileges,
                       'pg_catalog.pg_database'::regclass AS catalogue
                FROM pg_catalog.pg_database WHERE datname = (SELECT database FROM given)
                UNION ALL
                SELECT 'schema', oid, nspname::text, format('%I', nspname), nspowner, coalesce(nspacl, acldefault('n', nspowner)),
                       ARRAY['USAGE', 'CREATE'], 'pg_catalog.pg_namespace'::regclass
                FROM pg_catalog.pg_namespace WHERE nspname = (SELECT schema FROM given)
                UNION ALL
                SELECT 'table', c.oid, relname::text, format('%I.%I', nspname, relname), relowner,
                       coalesce(relacl, acldefault('r', relowner)),
                       ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'\(more)],
                       'pg_catalog.pg_class'::regclass
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = relnamespace
                WHERE nspname = (SELECT schema FROM given) AND relkind IN ('r', 'p', 'v', 'm', 'f')
                UNION ALL
                SELECT 'sequence', c.oid, relname::text, format('%I.%I', nspname, relname), relowner,
                       coalesce(relacl, acldefault('s', relowner)), ARRAY['USAGE', 'SELECT', 'UPDATE'],
                       'pg_catalog.pg_class'::regclass
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = relnamespace
                WHERE nspname = (SELECT schema FROM given) AND relkind = 'S'
                UNION ALL
                SELECT 'routine', f.oid, proname::text,
                       format('%I.%I(%s)', nspname, proname, CASE prokind
                           -- The arguments of an aggregate may have an ORDER BY between them, which GRANT does not take.
                           WHEN 'a' THEN (SELECT string_agg(format_type(type, NULL), ', ' ORDER BY place)
                                          FROM unnest(proargtypes) WITH ORDINALITY AS argument (type, place))
                           ELSE pg_get_function_identity_arguments(f.oid) END),
                       proowner, coalesce(proacl, acldefault('f', proowner)), ARRAY['EXECUTE'], 'pg_catalog.pg_proc'::regclass
                FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace s ON s.oid = pronamespace
                WHERE nspname = (SELECT schema FROM given)
            )
            """
    }

    /// Whether a role may do with an object what `p` says; the role, as SQL, may be 0 for what everybody may.
    static func allowed(_ role: String, option: String = "") -> String {
        """
        CASE kind WHEN 'database' THEN has_database_privilege(\(role), object.id, p\(option))
            WHEN 'schema' THEN has_schema_privilege(\(role), object.id, p\(option))
            WHEN 'table' THEN has_table_privilege(\(role), object.id, p\(option))
            WHEN 'sequence' THEN has_sequence_privilege(\(role), object.id, p\(option))
            ELSE has_function_privilege(\(role), object.id, p\(option)) END
        """
    }

    private static func facts(_ set: GrantSet, _ version: Int) -> PQQuery {
        """
        WITH given AS (SELECT \(set.role)::text AS role, \(set.database)::text AS database, \(set.schema)::text AS schema),
        \(unescaped: Self.objects(version)),
        me AS (SELECT oid AS id FROM pg_catalog.pg_roles WHERE rolname = current_user)
        SELECT kind, name, identity, pg_get_userbyid(owner)::text,
            ARRAY(SELECT DISTINCT a.privilege_type FROM aclexplode(acl) a WHERE a.grantee = who.id),
            ARRAY(SELECT p FROM unnest(privileges) p WHERE \(unescaped: Self.allowed("coalesce(who.id, 0::oid)"))),
            ARRAY(SELECT DISTINCT a.privilege_type
                  FROM pg_catalog.pg_attribute c CROSS JOIN LATERAL aclexplode(c.attacl) a
                  WHERE kind = 'table' AND c.attrelid = object.id AND NOT c.attisdropped AND a.grantee = who.id),
            ARRAY(SELECT p FROM unnest(privileges) p
                  WHERE \(unescaped: Self.allowed("me.id", option: " || ' WITH GRANT OPTION'"))),
            CASE WHEN kind IN ('table', 'sequence', 'routine') THEN coalesce(
                (SELECT format('the extension %s', extname)
                 FROM pg_catalog.pg_depend tie JOIN pg_catalog.pg_extension e ON e.oid = tie.refobjid
                 WHERE tie.classid = object.catalogue AND tie.objid = object.id AND tie.objsubid = 0
                 AND tie.refclassid = 'pg_catalog.pg_extension'::regclass AND tie.deptype = 'e' LIMIT 1),
                (SELECT 'PostgreSQL or the platform' FROM pg_catalog.pg_roles role
                 WHERE role.oid = object.owner AND NOT (\(unescaped: CatalogueRoles.isOrdinary)))
            ) END
        FROM objects AS object CROSS JOIN who CROSS JOIN me ORDER BY kind, identity
        """
    }

    private static func defaults(_ set: GrantSet) -> PQQuery {
        """
        SELECT creator.rolname::text, defaclobjtype::text,
               ARRAY(SELECT DISTINCT a.privilege_type FROM aclexplode(defaclacl) a
                     JOIN pg_catalog.pg_roles r ON r.oid = a.grantee WHERE r.rolname = \(set.role)),
               pg_has_role(creator.oid, 'USAGE')
        FROM pg_catalog.pg_default_acl
        JOIN pg_catalog.pg_namespace s ON s.oid = defaclnamespace
        JOIN pg_catalog.pg_roles creator ON creator.oid = defaclrole
        WHERE nspname = \(set.schema) ORDER BY 1, 2
        """
    }
}
