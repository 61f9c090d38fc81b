//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import LakebaseDeploy
import LakebaseLocal
import LakebaseSchema
import TestSupport
import Testing

/// Deployments to a real local Lakebase: PostgreSQL, the APIs, and the processes of apps.
@Suite("Deploying to a local Lakebase", .sharesTheMachine)
struct DeployTests {
    @Test("from nothing to a page, and a second time nothing", arguments: [true, false])
    func fromNothing(isAutoscaling: Bool) async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let reader = DeploymentPermission(.group("analysts"), .preset(.readonly))
            let environment = folder.environment(isAutoscaling ? .project() : .instance(), permissions: [reader])
            let desired = try await folder.desired(environment)
            let deployer = try fixture.deployer()
            let plan = try await deployer.plan(desired)
            #expect(plan.steps.first?.title == (isAutoscaling ? "create project notes" : "create instance notes-db"))
            let report = try await deployer.apply(desired, plan: plan)
            let app = try #require(report.app)
            #expect(app.appStatus?.state == .running, "\(app)")
            let role = try #require(app.servicePrincipalClientID)

            // The page answers, as its own service principal, and finds its database.
            let page = try await fixture.page("notes")
            #expect(page.contains(#""page": "one""#), "\(page)")
            #expect(page.contains(#""PGUSER": "\#(role)""#), "\(page)")
            #expect(page.contains(#""GREETING": "hello: 'world'""#), "\(page)")
            #expect(
                page.contains(
                    isAutoscaling
                        ? #""LAKEBASE_ENDPOINT": "projects/notes/branches/production/endpoints/primary""#
                        : #""LAKEBASE_INSTANCE": "notes-db""#), "\(page)")

            // The app may use what the migration made, and no more.
            let rights = try await fixture.query(
                environment,
                """
                SELECT concat_ws(' ', has_table_privilege(\(role), 'app_data.notes', 'INSERT'),
                    has_table_privilege(\(role), 'app_data.notes', 'TRUNCATE'),
                    has_schema_privilege(\(role), 'app_data', 'CREATE'),
                    pg_has_role(\(role), 'databricks_superuser', 'MEMBER'),
                    has_table_privilege('analysts', 'app_data.notes', 'SELECT'),
                    has_table_privilege('analysts', 'app_data.notes', 'INSERT'))
                """)
            #expect(rights == ["t f f f t f"])

            let again = try await deployer.plan(desired)
            #expect(again.isEmpty, "\(again.steps.map(\.title)) \(again.steps.flatMap(\.details))")
            let second = try await deployer.apply(desired)
            #expect(second.plan.isEmpty && second.app?.activeDeployment == app.activeDeployment)
            let status = try await deployer.status(environment, migrations: desired.migrations)
            #expect(status.isWell && status.pending.isEmpty && status.migrationProblems.isEmpty, "\(status)")
            let fewer = try await deployer.status(environment, migrations: [])
            #expect(!fewer.isWell && fewer.pending.isEmpty && fewer.migrationProblems.count == desired.migrations.count)
        }
    }

    @Test("an update brings a new migration and a changed file, and takes away what is gone")
    func update() async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let environment = folder.environment(.project())
            let deployer = try fixture.deployer()
            let missing = try await #require(throws: DeployError.self) {
                try await deployer.updatePlan(try await folder.desired(environment))
            }
            #expect(missing.code == .notDeployed && missing.details.contains("create app notes"), "\(missing)")
            try await deployer.apply(try await folder.desired(environment))

            try folder.write("app/page.txt", "two")
            try folder.remove("app/static/style.css")
            try folder.write("migrations/2_more.sql", "ALTER TABLE notes ADD COLUMN author text; CREATE TABLE more ();")
            let desired = try await folder.desired(environment)
            let plan = try await deployer.updatePlan(desired)
            #expect(
                plan.steps.map(\.title) == [
                    "upload 1 and remove 1 files of notes", "run 1 migration", "grant privileges to the app: app",
                    "deploy notes",
                ])
            let report = try await deployer.apply(desired, plan: plan)
            #expect(try await fixture.page("notes").contains(#""page": "two""#))
            let role = try #require(report.app?.servicePrincipalClientID)
            #expect(
                try await fixture.query(
                    environment, "SELECT has_table_privilege(\(role), 'app_data.more', 'SELECT')::text") == ["true"])
            #expect(try await deployer.plan(desired).isEmpty)

            // An edited migration is refused before anything is done.
            try folder.write("migrations/2_more.sql", "DROP TABLE notes;")
            let edited = try await #require(throws: MigrationError.self) {
                try await deployer.plan(try await folder.desired(environment))
            }
            #expect(edited.code == .edited)
        }
    }

    @Test("a new version that crashes leaves the data, and its last lines are told")
    func crash() async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let environment = folder.environment(.project())
            let deployer = try fixture.deployer()
            try await deployer.apply(try await folder.desired(environment))
            _ = try await fixture.query(
                environment, "INSERT INTO app_data.notes (text) VALUES ('old') RETURNING text")
            try folder.write("app/app.py", "import sys\nprint('the sky fell', file=sys.stderr)\nsys.exit(3)\n")
            let failure = try await #require(throws: DeployFailure.self) {
                try await deployer.apply(try await folder.desired(environment))
            }
            let error = try #require(failure.underlying as? DeployError)
            #expect(error.code == .crashed && error.details.contains { $0.contains("the sky fell") }, "\(failure)")
            #expect("\(failure)".contains("done:\n    upload 1 and remove 0 files of notes"), "\(failure)")
            #expect(error.message.contains("goes on running"), "\(failure)")
            #expect(try await fixture.page("notes").contains(#""page": "one""#))
            #expect(try await fixture.query(environment, "SELECT text FROM app_data.notes") == ["old"])
            // Corrected, it goes on.
            try folder.write("app/app.py", AppFolder.server)
            try await deployer.apply(try await folder.desired(environment))
            #expect(try await fixture.page("notes").contains(#""page": "one""#))
            #expect(try await deployer.plan(try await folder.desired(environment)).isEmpty)
        }
    }

    @Test("what was attached by hand survives, and other content under the key is a conflict that shows both")
    func byHand() async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let environment = folder.environment(.project())
            let deployer = try fixture.deployer()
            try await deployer.apply(try await folder.desired(environment))
            let apps = try fixture.workspace().apps
            let before = try await apps.get("notes")
            let secret = Apps.Resource(name: "key", secret: .init(scope: "s", key: "k", permission: .read))
            _ = try await apps.createUpdate(
                "notes", to: Apps.App(name: "notes", resources: [secret]), mask: ["resources"]
            ).wait()
            // The database was taken away by hand, and a secret put there.
            let plan = try await deployer.plan(try await folder.desired(environment))
            #expect(
                plan.steps.map(\.title) == ["attach the database as resource postgres of notes", "deploy notes"])
            #expect(plan.kept.contains("resource key = secret s/k"), "\(plan.kept)")
            try await deployer.apply(try await folder.desired(environment))
            let after = try await apps.get("notes")
            #expect(after.resources?.map(\.name) == ["postgres", "key"])
            #expect(after.resources?.first == before.resources?.first)
            #expect(after.servicePrincipalClientID == before.servicePrincipalClientID)

            let other = Apps.Resource(name: "postgres", sqlWarehouse: .init(id: "w1", permission: .canUse))
            _ = try await apps.createUpdate(
                "notes", to: Apps.App(name: "notes", resources: [other]), mask: ["resources"]
            ).wait()
            let conflict = try await #require(throws: DeployError.self) {
                try await deployer.plan(try await folder.desired(environment))
            }
            #expect(conflict.code == .conflict && conflict.details.count == 2, "\(conflict)")
            #expect(conflict.details[0].contains("SQL warehouse w1"))
            #expect(conflict.details[1].contains("projects/notes/branches/production"))
            #expect(try await apps.get("notes").resources?.map(\.name) == ["postgres"])
        }
    }

    @Test("a role that cannot serve is reported and left alone")
    func wrongRole() async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let deployer = try fixture.deployer()
            let environment = folder.environment(.project())
            try await deployer.apply(try await folder.desired(environment))
            _ = try await fixture.query(
                environment, "CREATE ROLE \"ann@example.com\" LOGIN PASSWORD 'native'")
            let wanted = folder.environment(
                .project(), permissions: [DeploymentPermission(.user("ann@example.com"), .preset(.readonly))])
            let error = try await #require(throws: DeployError.self) {
                try await deployer.apply(try await folder.desired(wanted))
            }
            #expect(error.code == .conflict && error.details.first?.contains("ann@example.com") == true, "\(error)")
            #expect(
                try await fixture.query(
                    environment, "SELECT rolcanlogin::text FROM pg_roles WHERE rolname = 'ann@example.com'") == ["true"]
            )
        }
    }

    @Test("the generation is never changed by itself")
    func generation() async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let deployer = try fixture.deployer()
            try await deployer.apply(try await folder.desired(folder.environment(.instance())))
            let error = try await #require(throws: DeployError.self) {
                try await deployer.apply(try await folder.desired(folder.environment(.project())))
            }
            #expect(error.code == .generation, "\(error)")
            let project = try await #require(throws: DatabricksError.self) {
                try await fixture.workspace().postgres.getProject("projects/notes")
            }
            #expect(project.code == .notFound)
        }
    }

    @Test("only not found means absent", arguments: [403, 500])
    func notAbsent(status: Int) async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let desired = try await folder.desired(folder.environment(.project()))
            let instance = try await folder.desired(folder.environment(.instance()))
            let transport = FaultyTransport()
            let deployer = try fixture.deployer(transport)
            for (part, wanted) in [
                ("GET \(fixture.ready.host)/api/2.0/postgres/projects/notes", desired),
                ("GET \(fixture.ready.host)/api/2.0/apps/notes", desired),
                ("/api/2.0/workspace/list", desired), ("/scim/v2/Me", desired),
                ("GET \(fixture.ready.host)/api/2.0/database/instances/notes-db", instance),
            ] {
                transport.fail((part, status))
                let error = try await #require(throws: DatabricksError.self, "\(part)") {
                    try await deployer.apply(wanted)
                }
                #expect(error.httpStatus == status, "\(error)")
            }
            transport.fail(nil)
            // Nothing was made meanwhile.
            #expect(try await deployer.plan(desired).steps.first?.title == "create project notes")
            #expect(try await deployer.plan(desired).steps.contains { $0.title == "create app notes" })
        }
    }
}
