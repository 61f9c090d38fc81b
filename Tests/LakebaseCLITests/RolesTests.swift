//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Testing

@Suite("lakebase roles, orphans and transfer as processes", .serialized)
struct RolesTests {
    private struct Report: Decodable {
        struct Role: Decodable {
            var role: String
            var reason: String
        }

        var orphans: [Role]
    }

    private func lakebase(_ arguments: [String], _ environment: [String: String]) async throws -> CommandRun {
        try await CommandRun.run("lakebase", arguments, environment: environment)
    }

    @Test("roles are made, listed and deleted, by the API and by SQL")
    func wholeWay() async throws {
        try await DevRun.with { run in
            for way in ["api", "sql"] {
                let name = "Team \(way); --"
                let create = ["roles", "create", "--by", way, "--type", "group", name]
                let made = try await self.lakebase(create, run.environment)
                #expect(made.status == 0 && made.output.hasPrefix("created: \(name), for a group"), "\(made.errors)")
                let again = try await self.lakebase(create, run.environment)
                #expect(again.status == 0 && again.output.hasPrefix("exists already: "), "\(again.errors)")
                let other = try await self.lakebase(
                    ["roles", "create", "--by", way, "--type", "user", "a@b"], run.environment)
                #expect(other.status == 0, "\(other.errors)")

                let list = try await self.lakebase(["roles", "list", "--by", way, "--json"], run.environment)
                let roles = try JSONDecoder().decode([JSONValue].self, from: Data(list.output.utf8))
                let role = try #require(roles.first { $0["name"] == .string(name) })
                #expect(role["identity"] == .string("group") && role["login"] == .string("oauth"))
                let text = try await self.lakebase(["roles", "list", "--by", way], run.environment)
                #expect(text.status == 0 && text.output.hasPrefix("NAME ") && text.output.contains("a@b"))

                let connection = try await run.connect()
                try await connection.execute(
                    script: "CREATE SCHEMA \"s \(way)\"; GRANT USAGE ON SCHEMA \"s \(way)\" TO \"\(name)\"")
                let delete = ["roles", "delete", "--by", way, name]
                let planned = try await self.lakebase(delete, run.environment)
                #expect(planned.status == 0 && planned.output.contains("would be lost: privileges on schema"))
                #expect(planned.errors.contains("add --yes"))
                let there = try await connection.query("SELECT 1 FROM pg_roles WHERE rolname = \(name)")
                #expect(there.count == 1)
                let deleted = try await self.lakebase(delete + ["--yes"], run.environment)
                #expect(deleted.status == 0 && deleted.output.hasSuffix("deleted: \(name)\n"), "\(deleted.errors)")
                let gone = try await self.lakebase(delete + ["--yes"], run.environment)
                #expect(gone.status == 1 && gone.errors.contains("there is no role"), "\(gone.errors)")
                await connection.close()
                _ = try await self.lakebase(["roles", "delete", "--by", way, "--yes", "a@b"], run.environment)
            }
        }
    }

    @Test("a role that owns something stays until that is transferred; orphans are shown")
    func transfer() async throws {
        try await DevRun.with { run in
            let app = try #require(run.announcement.identities["app"])
            let (role, developer) = (try #require(app["PGUSER"]), try #require(run.environment["PGUSER"]))
            let session = try await DevRun.connect(app)
            try await session.execute(script: "CREATE SCHEMA \"My App\"; CREATE TABLE \"My App\".\"A; B\" (id serial)")
            await session.close()
            let owner = try await run.connect()
            try await owner.execute(script: "CREATE ROLE dead; GRANT USAGE ON SCHEMA public TO dead")

            let refused = try await self.lakebase(["roles", "delete", "--yes", role], run.environment)
            #expect(refused.status == 1 && refused.errors.contains("table \"My App\".\"A; B\""), "\(refused.errors)")
            #expect(refused.errors.contains("lakebase grants transfer"))

            let orphans = try await self.lakebase(["grants", "orphans", "--json"], run.environment)
            let report = try JSONDecoder().decode(Report.self, from: Data(orphans.output.utf8))
            #expect(report.orphans.map(\.role) == ["dead"], "\(orphans.errors)")
            #expect(report.orphans.map(\.reason) == ["unreachable"])
            #expect(orphans.errors.contains("databricks_auth is not in this database"))
            let text = try await self.lakebase(["grants", "orphans", "--offline"], run.environment)
            #expect(text.status == 0 && text.output.contains("dead  unreachable"), "\(text.errors)")

            let transfer = ["grants", "transfer", "--from", role, "--to", developer, "--schema", "My App"]
            let planned = try await self.lakebase(transfer, run.environment)
            #expect(planned.status == 0 && planned.errors.contains("add --yes"), "\(planned.errors)")
            #expect(planned.output.contains("ALTER TABLE \"My App\".\"A; B\" OWNER TO \"\(developer)\";"))
            let query: PQQuery = "SELECT tableowner::text FROM pg_tables WHERE schemaname = 'My App'"
            #expect(try await owner.query(query).decode(String.self) == [role])
            let done = try await self.lakebase(transfer + ["--yes"], run.environment)
            #expect(
                done.status == 0 && done.output.contains("transferred: table \"My App\".\"A; B\""), "\(done.errors)")
            #expect(try await owner.query(query).decode(String.self) == [developer])
            await owner.close()
            let deleted = try await self.lakebase(["roles", "delete", "--yes", role], run.environment)
            #expect(deleted.status == 0, "\(deleted.errors)")
        }
    }

    @Test("explicit grants, with the role made first")
    func explicit() async throws {
        try await DevRun.with { run in
            let owner = try await run.connect()
            try await owner.execute(
                script: "CREATE SCHEMA s; CREATE TABLE s.\"a:b\" (id int); CREATE TABLE s.c (id int)")
            let options = [
                "--create-role", "group", "--on", "schema:usage", "--on", "tables:select,insert", "--only", "table:a:b",
                "--schema", "s", "The Team",
            ]
            let plan = try await self.lakebase(["grants", "plan"] + options, run.environment)
            #expect(
                plan.status == 0 && plan.output.contains("databricks_create_role('The Team', 'GROUP');"),
                "\(plan.errors)")
            let applied = try await self.lakebase(["grants", "apply"] + options, run.environment)
            #expect(applied.status == 0 && applied.output == plan.output, "\(applied.errors)")
            let rights = try await owner.query(
                """
                SELECT has_table_privilege('The Team', 's."a:b"', 'INSERT'), has_table_privilege('The Team', 's.c', 'SELECT')
                """
            ).decode((Bool, Bool).self).first
            #expect(rights?.0 == true && rights?.1 == false)
            await owner.close()
            let again = try await self.lakebase(["grants", "apply"] + options, run.environment)
            #expect(again.status == 0 && again.output == "" && again.complaints.hasPrefix("Nothing to do"))
            let revoked = try await self.lakebase(["grants", "revoke", "--schema", "s", "The Team"], run.environment)
            #expect(revoked.status == 0 && revoked.output.contains("REVOKE INSERT, SELECT"), "\(revoked.errors)")
        }
    }

    @Test("wrong command lines have status 64, and each command explains itself")
    func arguments() async throws {
        for arguments in [
            ["roles", "create", "a@b"], ["roles", "create", "--type", "user", "no address"],
            ["roles", "create", "--type", "service-principal", "4711"], ["roles", "create", "--type", "robot", "x"],
            ["roles", "list", "--project", "p"], ["roles", "list", "--by", "sql", "--branch", "b", "--instance", "x"],
            ["roles", "delete", ""], ["roles", "list", "--branch", "projects/a/branches/b", "--instance", "x"],
            ["grants", "transfer", "--from", "a", "--to", "a"], ["grants", "transfer", "--from", "a"],
            ["grants", "apply", "--schema", "s", "r"],
            ["grants", "apply", "--on", "table:execute", "--schema", "s", "r"],
            ["grants", "apply", "--on", "table", "--schema", "s", "r"],
            ["grants", "apply", "--on", "schema:usage", "--only", "table:t", "--schema", "s", "r"],
        ] {
            let run = try await CommandRun.run("lakebase", arguments)
            #expect(run.status == 64, "\(arguments): \(run.errors)")
        }
        for command in [
            ["roles", "create"], ["roles", "list"], ["roles", "delete"], ["grants", "orphans"], ["grants", "transfer"],
        ] {
            let help = try await CommandRun.run("lakebase", command + ["--help"])
            #expect(help.status == 0 && help.output.contains("EXAMPLES") && help.output.contains("Exit status"))
        }
    }
}
