//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalPostgres
@testable import LocalWorkspace

/// What a role in the database may try to become the superuser, or to reach the machine.
extension WholeLakebaseTests {
    @Suite("Escalation", .serialized) struct EscalationTests {
        /// A way to more than a role may do, as statements of which the last is the one that must be refused.
        struct Recipe: Sendable, CustomStringConvertible {
            var statements: [String]
            var description: String { self.statements.joined(separator: "; ") }
            init(_ statements: String...) { self.statements = statements }
        }

        /// Predefined roles that reach the machine, by every statement that makes members.
        static let grants = SystemAccess.systemRoles.flatMap { role in
            [
                Recipe("GRANT \(role) TO CURRENT_USER"), Recipe("GRANT \(role) TO CURRENT_USER WITH ADMIN OPTION"),
                Recipe("CREATE ROLE helper IN ROLE \(role)"), Recipe("ALTER GROUP \(role) ADD USER CURRENT_USER"),
                Recipe("SET ROLE \(role)"), Recipe("ALTER ROLE \(role) NOSUPERUSER"), Recipe("DROP ROLE \(role)"),
                Recipe("CREATE ROLE between CREATEROLE", "GRANT \(role) TO between"),
                Recipe(
                    "CREATE ROLE heir CREATEROLE", "GRANT heir TO CURRENT_USER", "SET ROLE heir",
                    "GRANT \(role) TO heir"),
                Recipe("GRANT \(role) TO databricks_superuser"), Recipe("GRANT \(role) TO PUBLIC"),
            ]
        }

        static let superuser = [
            Recipe("GRANT cloud_admin TO CURRENT_USER"), Recipe("SET ROLE cloud_admin"),
            Recipe("SET SESSION AUTHORIZATION cloud_admin"), Recipe("ALTER ROLE CURRENT_USER SUPERUSER"),
            Recipe("CREATE ROLE root SUPERUSER"), Recipe("ALTER ROLE cloud_admin PASSWORD 'x'"),
            Recipe("ALTER ROLE cloud_admin RENAME TO gone"), Recipe("ALTER ROLE cloud_admin SET search_path = public"),
            Recipe("DROP ROLE cloud_admin"), Recipe("REASSIGN OWNED BY cloud_admin TO CURRENT_USER"),
            Recipe("CREATE ROLE other", "GRANT databricks_identity_user TO other GRANTED BY cloud_admin"),
            Recipe("CREATE ROLE pg_mine"),
            Recipe("ALTER SYSTEM SET archive_command = 'id'"), Recipe("ALTER SYSTEM SET log_statement = 'all'"),
            Recipe("ALTER DATABASE databricks_postgres SET session_preload_libraries = 'auto_explain'"),
            Recipe("SET session_preload_libraries = 'x'"), Recipe("SET dynamic_library_path = '/tmp'"),
            Recipe("SET session_replication_role = replica"), Recipe("LOAD '/tmp/evil.so'"),
            Recipe("GRANT SET ON PARAMETER session_preload_libraries TO CURRENT_USER"),
            Recipe("GRANT ALTER SYSTEM ON PARAMETER archive_command TO CURRENT_USER"),
            Recipe("UPDATE pg_catalog.pg_authid SET rolsuper = true WHERE rolname = current_user"),
            Recipe("INSERT INTO pg_catalog.pg_auth_members SELECT * FROM pg_catalog.pg_auth_members"),
            Recipe("ALTER FUNCTION databricks_create_role(text, text) OWNER TO CURRENT_USER"),
            Recipe("ALTER FUNCTION databricks_create_role(text, text) SET search_path = public"),
            Recipe("CREATE OR REPLACE FUNCTION databricks_create_role(text, text) RETURNS void LANGUAGE sql AS ''"),
            Recipe("SELECT databricks_create_role('pg_evil', 'USER')"),
            Recipe("SELECT databricks_create_role('cloud_admin', 'USER')"),
            Recipe("SELECT databricks_create_role('x', 'user WITH ADMIN OPTION')"),
        ]

        static let machine = [
            Recipe("COPY (SELECT 1) TO PROGRAM 'id'"), Recipe("CREATE TABLE p (l text)", "COPY p FROM PROGRAM 'id'"),
            Recipe("COPY (SELECT 1) TO '/tmp/lakebase-escalation'"),
            Recipe("CREATE TABLE f (l text)", "COPY f FROM '/etc/passwd'"),
            Recipe("SELECT pg_read_file('/etc/passwd')"), Recipe("SELECT pg_read_file('PG_VERSION')"),
            Recipe("SELECT pg_read_binary_file('postgresql.auto.conf')"), Recipe("SELECT pg_ls_dir('.')"),
            Recipe("SELECT pg_stat_file('PG_VERSION')"), Recipe("SELECT lo_import('/etc/passwd')"),
            Recipe("SELECT lo_export(lo_create(0), '/tmp/lakebase-escalation')"),
            Recipe("GRANT EXECUTE ON FUNCTION pg_read_file(text) TO CURRENT_USER"),
            Recipe("SELECT * FROM pg_hba_file_rules"), Recipe("SELECT pg_reload_conf()"),
            Recipe("SELECT pg_rotate_logfile()"),
            Recipe("CREATE TABLESPACE here LOCATION '/tmp'"),
            Recipe("CREATE FUNCTION c() RETURNS int LANGUAGE c AS 'libc', 'system'"),
            Recipe("CREATE FUNCTION i() RETURNS int LANGUAGE internal AS 'pg_reload_conf'"),
            Recipe("CREATE EXTENSION plpython3u"), Recipe("CREATE EXTENSION plperlu"),
            Recipe("CREATE EXTENSION dblink"),
            Recipe("CREATE EXTENSION postgres_fdw"), Recipe("CREATE EXTENSION file_fdw"),
            Recipe("CREATE EXTENSION adminpack"),
            Recipe("CREATE LANGUAGE plpythonu"), Recipe("CREATE FOREIGN DATA WRAPPER w"),
            Recipe(
                "CREATE SUBSCRIPTION s CONNECTION 'host=/tmp user=cloud_admin' PUBLICATION p WITH (connect = false)"),
            Recipe("SELECT pg_create_physical_replication_slot('s')"), Recipe("SELECT pg_backup_start('b')"),
            Recipe(
                "CREATE FUNCTION t() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
                "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION t()"),
            Recipe("CREATE ACCESS METHOD a TYPE TABLE HANDLER heap_tableam_handler"),
            Recipe("CREATE CAST (text AS bytea) WITHOUT FUNCTION"),
            Recipe(
                "CREATE FUNCTION v() RETURNS int LANGUAGE plpgsql AS 'BEGIN EXECUTE $q$COPY (SELECT 1) TO PROGRAM ''id''$q$; RETURN 1; END'",
                "SELECT v()"),
        ]

        /// What the owner may do who has REPLICATION, as on the service; before PostgreSQL 16 it takes the superuser.
        static let replication = [
            Recipe("ALTER ROLE CURRENT_USER REPLICATION"), Recipe("CREATE ROLE copier REPLICATION"),
        ]

        /// Ways to run a module of one's own, or to copy the cluster, with REPLICATION.
        static let plugins =
            ["/tmp/evil", "../evil", "./evil", "$libdir/../evil", "evil.so", "a b", ""].map {
                Recipe("SELECT pg_create_logical_replication_slot('s', '\($0)')")
            } + [
                Recipe("SELECT lakebase_create_logical_slot('s', '/tmp/evil', false, false)"),
                Recipe("SELECT lakebase_create_logical_slot('s', '/tmp/evil', false, false, false)"),
                Recipe("SELECT lakebase_checked_plugin('x')"),
                Recipe("SELECT pg_copy_logical_replication_slot('s', 't', false, '/tmp/evil')"),
                Recipe("SELECT pg_copy_physical_replication_slot('s', 't')"),
                Recipe("SELECT pg_create_physical_replication_slot('s', true, true)"),
                Recipe(
                    "GRANT EXECUTE ON FUNCTION pg_create_physical_replication_slot(name, boolean, boolean) TO CURRENT_USER"
                ),
                Recipe("DROP FUNCTION pg_catalog.pg_create_logical_replication_slot"),
                Recipe("ALTER FUNCTION pg_catalog.lakebase_checked_plugin(name) OWNER TO CURRENT_USER"),
            ]

        private static func connect(
            _ fixture: Fixture, as identity: LocalLakebase.Identity, database: String? = nil
        ) async throws -> PQConnection {
            let endpoint = fixture.ready.endpoints[0]
            var configuration = PQConnection.Configuration(
                host: endpoint.address, port: endpoint.port, username: fixture.ready.identity(identity).userName,
                database: database ?? fixture.ready.database, password: try await fixture.credential(identity),
                tls: .verifyFull, rootCertificate: fixture.ready.certificateFile)
            configuration.statementCacheCapacity = 0
            return try await PQConnection.connect(configuration, logger: Fixture.quiet)
        }

        /// No superuser and no replication but the administrator, and no way to a role that reaches the machine.
        private static func expectNobodyRose(_ connection: PQConnection, _ recipe: Recipe) async throws {
            let rows = try await connection.query(
                """
                SELECT role.rolname::text FROM pg_catalog.pg_roles AS role
                WHERE role.rolname <> 'cloud_admin' AND (
                    role.rolsuper AND NOT starts_with(role.rolname, 'pg_')
                    OR role.rolreplication AND NOT EXISTS (
                        SELECT FROM pg_catalog.pg_database AS own WHERE own.datname = 'databricks_postgres' AND own.datdba = role.oid
                    )
                    OR EXISTS (
                        SELECT FROM pg_catalog.pg_auth_members AS link
                        JOIN pg_catalog.pg_roles AS above ON above.oid = link.roleid
                        WHERE link.member = role.oid AND (above.rolsuper OR above.rolname IN
                            ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))
                    )
                )
                """)
            let risen: [String] = try rows.decode(String.self)
            #expect(risen.isEmpty, "\(recipe): \(risen)")
        }

        /// Whether the recipe is refused by the server; what it has made before is undone.
        private static func isRefused(_ recipe: Recipe, by connection: PQConnection) async throws -> Bool {
            try await connection.execute(script: "BEGIN")
            var refused = false
            for (index, statement) in recipe.statements.enumerated() {
                do {
                    try await connection.execute(script: statement)
                } catch let error as PQError where error.serverMessage != nil {
                    refused = index == recipe.statements.count - 1 || refused
                    // An earlier step that fails is as good: newer versions refuse more.
                    refused = true
                    break
                }
            }
            if !refused { try await Self.expectNobodyRose(connection, recipe) }
            try await connection.execute(script: "ROLLBACK")
            return refused
        }

        @Test func `no role becomes the superuser or reaches the machine, whatever it tries`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.sql("CREATE EXTENSION databricks_auth")
                for identity in LocalLakebase.Identity.allCases {
                    let connection = try await Self.connect(fixture, as: identity)
                    let server = try await connection.query("SELECT current_setting('server_version_num')::int")
                    let isOwnersAffair = try server.decode(Int.self).first ?? 0 >= 160_000 && identity == .developer
                    let recipes = Self.grants + Self.superuser + Self.machine + Self.plugins
                    for recipe in recipes + (isOwnersAffair ? [] : Self.replication) {
                        let refused = try await Self.isRefused(recipe, by: connection)
                        #expect(refused, "\(identity): \(recipe)")
                    }
                    try await Self.expectNobodyRose(connection, Recipe("all"))
                    await connection.close()
                }
            }
        }

        @Test func `the owner of a database cannot have the superuser call functions of theirs`() async throws {
            try await Fixture.with { fixture in
                let developer = fixture.ready.developer.userName
                // What an administrator's unqualified names would find, were they looked up where the owner says.
                _ = try await fixture.sql(
                    """
                    CREATE TABLE public.seen (who text);
                    GRANT INSERT ON public.seen TO PUBLIC;
                    CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;
                    CREATE FUNCTION evil.note() RETURNS boolean LANGUAGE plpgsql AS
                        $$ BEGIN INSERT INTO public.seen VALUES (current_user); RETURN true; END $$;
                    CREATE FUNCTION evil.same(name, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.note()';
                    CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = text, FUNCTION = evil.same);
                    CREATE FUNCTION evil.starts_with(name, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.note()';
                    ALTER DATABASE databricks_postgres SET search_path = evil, pg_catalog;
                    ALTER DATABASE databricks_postgres SET role = '\(developer)';
                    """)
                let made = try await fixture.operate(
                    "POST", "\(LocalProject.branchName)/roles?role_id=reader",
                    #"{"spec":{"postgres_role":"reader"}}"#)
                #expect(made["error"] == nil, "\(made.body)")
                let dropped = try await fixture.operate("DELETE", "\(LocalProject.branchName)/roles/reader")
                #expect(dropped["error"] == nil, "\(dropped.body)")
                let seen = try await fixture.sql("SELECT count(*) FROM public.seen WHERE who = 'cloud_admin'")
                #expect(seen == "0")
            }
        }

        @Test func `the server's socket opens for nobody without the superuser's password`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.sql("SELECT 1")
                let state = try LocalState.decode(
                    try #require(FileManager.default.contents(atPath: fixture.ready.dataDirectory + "/lakebase.json")),
                    path: "lakebase.json")
                let runtime = try #require(state.runtimeDirectory)
                let folder = try #require(
                    try FileManager.default.contentsOfDirectory(atPath: runtime).first { $0.hasPrefix("br-") })
                for database in ["postgres", fixture.ready.database] {
                    for password in [Secret?.none, Secret(""), Secret("cloud_admin")] {
                        let configuration = PQConnection.Configuration(
                            host: "\(runtime)/\(folder)", username: PostgresConventions.administrator,
                            database: database,
                            password: password)
                        await #expect(throws: PQError.self) {
                            _ = try await PQConnection.connect(configuration, logger: Fixture.quiet)
                        }
                    }
                }
                let text = try String(contentsOfFile: "\(runtime)/pg_hba.conf", encoding: .utf8)
                #expect(!text.contains("\(PostgresConventions.administrator) trust"))
            }
        }

        @Test func `passwords of roles are not in what others see of statements`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.operate(
                    "POST", "\(LocalProject.branchName)/roles?role_id=reader",
                    #"{"spec":{"postgres_role":"reader"}}"#)
                let shown = try await fixture.api(
                    "POST", "postgres/\(LocalProject.branchName)/roles/reader/password", "{}")
                let password = try #require(shown.text("password"))
                let kept = try await fixture.sql(
                    "SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = 'reader'")
                #expect(kept.hasPrefix("SCRAM-SHA-256$4096:") && !kept.contains(password))
                let seen = try await fixture.sql(
                    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%\(password)%'")
                // The question itself is one.
                #expect(seen == "1")
            }
        }

        @Test func `a folder from before is secured at its next start, and what was gained is taken back`() async throws
        {
            let folder = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-escalation.XXXXXX")
            defer { try? FileManager.default.removeItem(atPath: folder) }
            var configuration = LocalLakebaseConfiguration()
            configuration.dataDirectory = folder
            try await Fixture.with(configuration) {
                _ = try await $0.sql("CREATE TABLE kept (i int); INSERT INTO kept VALUES (7)")
            }
            // As an earlier version left it: no password, no guards, and a developer who has made use of that.
            let installation = try await InstalledServers.find().newest
            let cluster = BranchDataDirectory(
                folder: folder + "/branches/" + LocalProject.folder, installation: installation,
                user: try ServerUser.resolve(), administratorPassword: Secret("unused"))
            var weakened = [
                "ALTER ROLE cloud_admin PASSWORD NULL",
                "UPDATE pg_catalog.pg_authid SET rolsuper = false WHERE starts_with(rolname, 'pg_')",
                "CREATE ROLE risen LOGIN SUPERUSER REPLICATION",
                // By which it is known that REPLICATION is bounded.
                "ALTER FUNCTION pg_catalog.lakebase_checked_plugin(name) RENAME TO lakebase_gone",
            ]
            if installation.major < 16 {
                weakened += ["pg_execute_server_program", "cloud_admin"].map {
                    "GRANT \($0) TO \"\(LocalState.fresh().developer)\""
                }
            }
            try await cluster.run(
                script: BootstrapScript.joined(weakened), on: cluster.dataFolder, durable: false)
            unlink(cluster.dataFolder + "/lakebase.access")
            unlink(folder + "/secrets/administrator-password")
            for _ in 0..<2 {
                try await Fixture.with(configuration) { fixture in
                    #expect(try await fixture.sql("SELECT i FROM kept") == "7")
                    let connection = try await Self.connect(fixture, as: .developer)
                    try await Self.expectNobodyRose(connection, Recipe("an earlier version"))
                    await connection.close()
                    let program = try await fixture.psql("COPY (SELECT 1) TO PROGRAM 'id'")
                    #expect(program.status != 0 && program.text.contains("42501"), "\(program.text)")
                }
            }
        }
    }
}
