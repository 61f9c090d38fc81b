//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ

/// Asks the catalogue of a database about the objects that a failed statement names.
///
/// Four queries of the system catalogue, which every role may read. They run as the role that the pool logs in as.
package struct PermissionEvidence {
    let connection: PQConnection

    package init(connection: PQConnection) { self.connection = connection }

    package func gather(_ names: StatementNames) async throws -> PermissionDiagnosis {
        let words = Array(names.words)
        var facts = try await self.session(names)
        facts.relations = try await self.relations(words)
        facts.schemas = try await self.schemas(words + facts.relations.map(\.schema))
        facts.functions = try await self.functions(words)
        return facts
    }

    private func session(_ names: StatementNames) async throws -> PermissionDiagnosis {
        let rows = try await self.connection.query(
            """
            SELECT current_user::text, current_setting('search_path'), datname::text, pg_get_userbyid(datdba)::text,
                has_database_privilege(oid, 'CREATE'), has_database_privilege(oid, 'TEMPORARY')
            FROM pg_catalog.pg_database WHERE datname = current_database()
            """)
        guard let row = rows.first else { throw PQError(.decodingFailed, "the database does not list itself") }
        let (role, path, name, owner, mayCreate, mayUseTemporary) =
            try row.decode((String, String, String, String, Bool, Bool).self)
        return PermissionDiagnosis(
            role: role, searchPath: path,
            database: .init(name: name, owner: owner, mayCreate: mayCreate, mayUseTemporary: mayUseTemporary),
            names: names)
    }

    private func relations(_ words: [String]) async throws -> [PermissionDiagnosis.Relation] {
        let rows = try await self.connection.query(
            """
            WITH named AS (
                SELECT oid, NULL::oid AS used_by FROM pg_catalog.pg_class
                WHERE relname = ANY (\(words)) AND relkind IN ('r', 'v', 'm', 'p', 'f', 'S')
            ), used AS (
                SELECT link.refobjid AS oid, def.adrelid AS used_by
                FROM pg_catalog.pg_attrdef AS def
                JOIN pg_catalog.pg_depend AS link ON link.objid = def.oid
                    AND link.classid = 'pg_catalog.pg_attrdef'::regclass
                    AND link.refclassid = 'pg_catalog.pg_class'::regclass AND link.refobjid <> def.adrelid
                WHERE def.adrelid IN (SELECT oid FROM named)
            )
            SELECT space.nspname::text, class.relname::text, class.relkind = 'S', pg_get_userbyid(class.relowner)::text,
                pg_has_role(class.relowner, 'USAGE'), has_schema_privilege(space.oid, 'USAGE'),
                CASE WHEN class.relkind = 'S'
                    THEN ARRAY(SELECT p FROM unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS p
                        WHERE has_sequence_privilege(class.oid, p))
                    ELSE ARRAY(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p
                        WHERE has_table_privilege(class.oid, p)) END,
                row_security_active(class.oid), pg_table_is_visible(class.oid),
                CASE WHEN owner_table.oid IS NULL THEN NULL
                    ELSE owner_space.nspname::text || '.' || owner_table.relname::text END
            FROM (SELECT * FROM named UNION SELECT * FROM used) AS found
            JOIN pg_catalog.pg_class AS class ON class.oid = found.oid
            JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
            LEFT JOIN pg_catalog.pg_class AS owner_table ON owner_table.oid = found.used_by
            LEFT JOIN pg_catalog.pg_namespace AS owner_space ON owner_space.oid = owner_table.relnamespace
            WHERE found.used_by IS NULL OR class.relkind = 'S'
            ORDER BY 1, 2 LIMIT 100
            """)
        return try rows.map { row in
            let (schema, name, isSequence, owner, ownsIt, mayUse, privileges, policies, isVisible, usedBy) =
                try row.decode(
                    (String, String, Bool, String, Bool, Bool, [String], Bool, Bool, String?).self)
            return PermissionDiagnosis.Relation(
                schema: schema, name: name, isSequence: isSequence, owner: owner, ownsIt: ownsIt, mayUseSchema: mayUse,
                privileges: Set(privileges), hasPolicies: policies, isVisible: isVisible, usedBy: usedBy)
        }
    }

    /// The schemas that are named, that contain a named object, or that are in `search_path`.
    private func schemas(_ words: [String]) async throws -> [PermissionDiagnosis.Schema] {
        let rows = try await self.connection.query(
            """
            SELECT nspname::text, pg_get_userbyid(nspowner)::text, has_schema_privilege(oid, 'USAGE'),
                has_schema_privilege(oid, 'CREATE'), position.at IS NOT NULL
            FROM pg_catalog.pg_namespace
            LEFT JOIN LATERAL (
                SELECT array_position(
                    ARRAY(SELECT CASE WHEN btrim(part) LIKE '"%"'
                            THEN replace(substr(btrim(part), 2, length(btrim(part)) - 2), '""', '"')
                            ELSE replace(btrim(part), '$user', current_user) END
                        FROM unnest(string_to_array(current_setting('search_path'), ',')) AS part),
                    nspname::text) AS at
            ) AS position ON true
            WHERE nspname = ANY (\(words)) OR position.at IS NOT NULL
            ORDER BY position.at NULLS LAST, nspname LIMIT 100
            """)
        return try rows.map { row in
            let (name, owner, mayUse, mayCreate, isInPath) = try row.decode((String, String, Bool, Bool, Bool).self)
            return PermissionDiagnosis.Schema(
                name: name, owner: owner, mayUse: mayUse, mayCreate: mayCreate, isInPath: isInPath)
        }
    }

    private func functions(_ words: [String]) async throws -> [PermissionDiagnosis.Function] {
        let rows = try await self.connection.query(
            """
            SELECT nspname::text, quote_ident(proname) || '(' || pg_get_function_identity_arguments(routine.oid) || ')',
                pg_get_userbyid(proowner)::text
            FROM pg_catalog.pg_proc AS routine JOIN pg_catalog.pg_namespace AS space ON space.oid = pronamespace
            WHERE proname = ANY (\(words)) AND NOT has_function_privilege(routine.oid, 'EXECUTE')
            ORDER BY 1, 2 LIMIT 20
            """)
        return try rows.map { row in
            let (schema, signature, owner) = try row.decode((String, String, String).self)
            return PermissionDiagnosis.Function(schema: schema, signature: signature, owner: owner)
        }
    }
}
