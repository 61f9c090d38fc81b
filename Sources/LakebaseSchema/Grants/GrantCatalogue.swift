//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ

/// Reads what the catalogue says about a set of grants.
enum GrantCatalogue {
    static func read(_ set: GrantSet, on connection: PQConnection) async throws -> GrantFacts {
        let roles = try await connection.query(
            "SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname = ANY(\([set.role] + set.creators))"
        ).decode(String.self)
        let version = await connection.serverVersion
        let objects = try await connection.query(Self.objects(set, version)).decode(
            (String, String, String, String, [String], [String]).self)
        let defaults = try await connection.query(Self.defaults(set)).decode((String, String, [String]).self)
        return GrantFacts(
            roles: Set(roles),
            objects: objects.compactMap { kind, name, identity, owner, granted, effective in
                Privilege.Kind(rawValue: kind).map {
                    GrantFacts.Object(
                        kind: $0, name: name, identity: identity, owner: owner, granted: Self.privileges(granted),
                        effective: Self.privileges(effective))
                }
            },
            defaults: defaults.compactMap { creator, type, granted in
                let kind: Privilege.Kind? =
                    switch type {
                    case "r": .table
                    case "S": .sequence
                    case "f": .routine
                    default: nil
                    }
                return kind.map { GrantFacts.Default(creator: creator, kind: $0, granted: Self.privileges(granted)) }
            },
            serverVersion: version)
    }

    /// Newer servers may have privileges that are not known here; they are left alone.
    private static func privileges(_ names: [String]) -> Set<Privilege> {
        Set(names.compactMap { Privilege(rawValue: $0) })
    }

    private static func objects(_ set: GrantSet, _ version: Int) -> PQQuery {
        // An older server refuses to be asked for it.
        let more = version >= Privilege.maintain.sinceServerVersion ? ", 'MAINTAIN'" : ""
        return """
            WITH who AS (SELECT (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = \(set.role)) AS id),
            objects AS (
                SELECT 'database' AS kind, datname::text AS name, format('%I', datname) AS identity, datdba AS owner,
                       coalesce(datacl, acldefault('d', datdba)) AS acl,
                       ARRAY(SELECT p FROM unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY']) p, who
                             WHERE has_database_privilege(who.id, db.oid, p)) AS effective
                FROM pg_catalog.pg_database db WHERE datname = \(set.database)
                UNION ALL
                SELECT 'schema', nspname::text, format('%I', nspname), nspowner, coalesce(nspacl, acldefault('n', nspowner)),
                       ARRAY(SELECT p FROM unnest(ARRAY['USAGE', 'CREATE']) p, who
                             WHERE has_schema_privilege(who.id, s.oid, p))
                FROM pg_catalog.pg_namespace s WHERE nspname = \(set.schema)
                UNION ALL
                SELECT 'table', relname::text, format('%I.%I', nspname, relname), relowner,
                       coalesce(relacl, acldefault('r', relowner)),
                       ARRAY(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
                                                        'TRIGGER'\(unescaped: more)]) p, who
                             WHERE has_table_privilege(who.id, c.oid, p))
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = relnamespace
                WHERE nspname = \(set.schema) AND relkind IN ('r', 'p', 'v', 'm', 'f')
                UNION ALL
                SELECT 'sequence', relname::text, format('%I.%I', nspname, relname), relowner,
                       coalesce(relacl, acldefault('s', relowner)),
                       ARRAY(SELECT p FROM unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) p, who
                             WHERE has_sequence_privilege(who.id, c.oid, p))
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = relnamespace
                WHERE nspname = \(set.schema) AND relkind = 'S'
                UNION ALL
                SELECT 'routine', proname::text,
                       format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(f.oid)), proowner, coalesce(proacl, acldefault('f', proowner)),
                       ARRAY(SELECT p FROM unnest(ARRAY['EXECUTE']) p, who
                             WHERE has_function_privilege(who.id, f.oid, p))
                FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace s ON s.oid = pronamespace
                WHERE nspname = \(set.schema)
            )
            SELECT kind, name, identity, pg_get_userbyid(owner)::text,
                   ARRAY(SELECT DISTINCT a.privilege_type FROM aclexplode(acl) a, who WHERE a.grantee = who.id),
                   effective
            FROM objects ORDER BY kind, identity
            """
    }

    private static func defaults(_ set: GrantSet) -> PQQuery {
        """
        SELECT pg_get_userbyid(defaclrole)::text, defaclobjtype::text,
               ARRAY(SELECT DISTINCT a.privilege_type FROM aclexplode(defaclacl) a
                     JOIN pg_catalog.pg_roles r ON r.oid = a.grantee WHERE r.rolname = \(set.role))
        FROM pg_catalog.pg_default_acl JOIN pg_catalog.pg_namespace s ON s.oid = defaclnamespace
        WHERE nspname = \(set.schema) AND pg_get_userbyid(defaclrole)::text = ANY(\(set.creators))
        """
    }
}
