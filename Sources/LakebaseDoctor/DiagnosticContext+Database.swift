//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Lakebase

/// The login, and the checks that need a session.
extension DiagnosticContext {
    func logIn(_ configuration: LakebaseConfiguration) async -> CheckResult {
        guard let opener else { return .blocked(by: .configuration, "there is no database to log in to") }
        if !self.options.wakes {
            if let place, place.state != .active {
                return .blocked(by: .endpoint, "the endpoint is not known to be active, and may not be woken")
            }
            if self.place == nil, let host, LakebaseHost.isServiceName(host) {
                return .blocked(
                    by: .endpoint,
                    "it is not known whether the endpoint is "
                        + "suspended, and it may not be woken")
            }
        }
        let begin = ContinuousClock.now
        do {
            let connection = try await opener.open()
            self.connection = connection
            let time = begin.duration(to: .now)
            let rows = try await connection.query(
                "SELECT current_user::text, current_database()::text, current_setting('server_version')")
            guard let row = try rows.decode((String, String, String).self).first else {
                return .problem(.failure, .connectionLost, "the database does not say who is logged in")
            }
            let waking = self.place?.state == .asleep ? "; the compute was woken" : ""
            return .ok(
                "\"\(row.0)\" is in \"\(row.1)\" after \(time.shortText)\(waking)", evidence: ["PostgreSQL \(row.2)"])
        } catch {
            return self.finding(error, .computeUnreachable)
        }
    }

    /// Checks the role in the database's own catalogue, when there is no workspace to ask.
    func roleOfCatalogue() async -> CheckResult {
        guard let connection else { return .notNeeded("there is no session to ask") }
        do {
            let rows = try await connection.query(
                """
                SELECT rolname::text, rolsuper, to_regclass('public.databricks_list_roles') IS NOT NULL
                FROM pg_catalog.pg_roles WHERE rolname = current_user
                """)
            guard let (name, isSuperuser, hasList) = try rows.decode((String, Bool, Bool).self).first else {
                return .notNeeded("the catalogue does not list the role")
            }
            var kind = "a native role of PostgreSQL"
            if hasList {
                let types = try await connection.query(
                    "SELECT identity_type::text FROM public.databricks_list_roles WHERE role_name = current_user")
                if let type = try types.decode(String.self).first { kind = "linked to an identity (\(type))" }
            }
            return .ok("\"\(name)\" is \(kind)\(isSuperuser ? ", and a superuser" : "")")
        } catch {
            return self.finding(error, .connectionLost)
        }
    }

    func lookIntoSchema(_ configuration: LakebaseConfiguration) async -> CheckResult {
        guard let connection else { return .notNeeded("there is no session to ask") }
        do {
            // The words of the server, so that the library's own judgement applies.
            let message = configuration.schema.map { "schema \"\($0)\" does not exist" } ?? ""
            let facts = try await PermissionEvidence(connection: connection)
                .gather(StatementNames(query: nil, message: message))
            let meant = configuration.schema.map { name in facts.schemas.filter { $0.name == name } }
            let schemas = meant ?? facts.schemas.filter(\.isInPath)
            guard let first = schemas.first, schemas.contains(where: \.mayUse) else {
                return .explained(facts.missingSchemaVerdict(message: message))
            }
            self.schemas = schemas.filter(\.mayUse).map(\.name)
            let path = "search_path is \(facts.searchPath)"
            let owner = "\"\(first.name)\" belongs to \"\(first.owner)\""
            let creates = schemas.contains(where: \.mayCreate)
            return .ok(
                "\"\(facts.role)\" may use \(self.schemas.map { "\"\($0)\"" }.joined(separator: ", "))"
                    + (creates
                        ? ", and create in it"
                        : ", and not create in it: migrations run as \"\(first.owner)\""),
                evidence: [path, owner])
        } catch {
            return self.finding(error, .connectionLost)
        }
    }

    func readPrivileges() async -> CheckResult {
        guard let connection else { return .notNeeded("there is no session to ask") }
        do {
            let rows = try await connection.query(
                """
                SELECT current_user::text, space.nspname::text, class.relname::text,
                    pg_get_userbyid(class.relowner)::text,
                    ARRAY(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p
                        WHERE has_table_privilege(class.oid, p)),
                    ARRAY(SELECT DISTINCT quote_ident(sequence_space.nspname) || '.' || quote_ident(sequence.relname)
                        FROM pg_catalog.pg_attrdef AS def
                        JOIN pg_catalog.pg_depend AS link ON link.objid = def.oid
                            AND link.classid = 'pg_catalog.pg_attrdef'::regclass
                            AND link.refclassid = 'pg_catalog.pg_class'::regclass
                        JOIN pg_catalog.pg_class AS sequence ON sequence.oid = link.refobjid
                        JOIN pg_catalog.pg_namespace AS sequence_space ON sequence_space.oid = sequence.relnamespace
                        -- The planner may ask about the privilege before the kind; asking it of a table is an error.
                        WHERE def.adrelid = class.oid AND CASE WHEN sequence.relkind = 'S'
                            THEN NOT has_sequence_privilege(sequence.oid, 'USAGE, UPDATE') ELSE false END)
                FROM pg_catalog.pg_class AS class
                JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
                WHERE space.nspname = ANY (\(self.schemas)) AND class.relkind IN ('r', 'v', 'm', 'p', 'f')
                ORDER BY 2, 3 LIMIT 2000
                """)
            var role = ""
            let tables = try rows.map { row in
                let (user, schema, name, owner, privileges, closed) =
                    try row.decode((String, String, String, String, [String], [String]).self)
                role = user
                return PrivilegeCheck.Table(
                    schema: schema, name: name, owner: owner, privileges: Set(privileges), closedSequences: closed)
            }
            return PrivilegeCheck(role: role, schemas: self.schemas, tables: tables).finding
        } catch {
            return self.finding(error, .connectionLost)
        }
    }

    func countConnections(_ configuration: LakebaseConfiguration) async -> CheckResult {
        guard let connection else { return .notNeeded("there is no session to ask") }
        do {
            let rows = try await connection.query(
                """
                SELECT current_setting('max_connections')::int8,
                    current_setting('superuser_reserved_connections')::int8
                    + coalesce(current_setting('reserved_connections', true), '0')::int8,
                    (SELECT rolconnlimit::int8 FROM pg_catalog.pg_roles WHERE rolname = current_user),
                    (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend')
                """)
            guard let row = try rows.decode((Int, Int, Int?, Int).self).first else {
                return .notNeeded("the server does not report its connection limit")
            }
            return ConnectionCheck(
                ceiling: row.0, reserved: row.1, roleLimit: row.2.flatMap { $0 < 0 ? nil : $0 }, open: row.3,
                maximumConnections: configuration.pool.maximumConnections,
                processCount: configuration.pool.processCount
            ).finding
        } catch {
            return self.finding(error, .connectionLost)
        }
    }
}
