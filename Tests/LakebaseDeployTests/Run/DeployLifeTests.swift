//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import LakebaseDeploy
import LakebaseLocal
import LakebaseSchema
import Synchronization
import TestSupport
import Testing

/// Runs that stop half-way, runs at the same time, copies, and the end.
@Suite("Stopping, going on and taking away", .sharesTheMachine)
struct DeployLifeTests {
    private struct Stop: Error {}

    /// What can be compared between two environments: everything but names and numbers that are new each time.
    private static func signature(_ fixture: DeployFixture, _ environment: DeploymentEnvironment) async throws -> String
    {
        let workspace = try fixture.workspace()
        let app = try await workspace.apps.get(environment.app.name)
        let deployer = try fixture.deployer()
        let role = app.servicePrincipalClientID ?? ""
        let tables = try await fixture.query(
            environment,
            """
            SELECT concat_ws(' ', relname, relkind, pg_get_userbyid(relowner),
                replace(relacl::text, \(role), 'APP')) FROM pg_class
            WHERE relnamespace = 'app_data'::regnamespace ORDER BY relname
            """)
        let defaults = try await fixture.query(
            environment, "SELECT replace(defaclacl::text, \(role), 'APP') FROM pg_default_acl ORDER BY 1")
        let history = try await fixture.query(
            environment, "SELECT name || ' ' || checksum FROM app_data_migrations.migrations ORDER BY version")
        let path = "/Workspace/Users/\(fixture.developer)/.lakebase/apps/\(environment.app.name)/source"
        let files = try await workspace.workspace.list(path).compactMap { $0.path?.split(separator: "/").last }
        let resources = (app.resources ?? []).map { resource in
            "\(resource.name) \((resource.postgres?.permission ?? resource.database?.permission)?.rawValue ?? "")"
        }
        let deployed = app.activeDeployment?.status?.state?.rawValue ?? "none"
        let rest = try await deployer.plan(try await DesiredState.of(environment, stager: NoStager()))
        return [
            tables.joined(separator: "\n"), defaults.joined(separator: "\n"), history.joined(separator: "\n"),
            files.joined(separator: " "), resources.joined(separator: " "), deployed,
            app.appStatus?.state?.rawValue ?? "", "left: \(rest.steps.map(\.title))",
        ].joined(separator: "\n---\n")
    }

    @Test(
        "stopped after each step in turn and run again, the end is that of a run that was not stopped",
        arguments: [true, false])
    func everyStep(isAutoscaling: Bool) async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            func environment(_ number: Int) -> DeploymentEnvironment {
                let name = "notes-\(number)"
                return folder.environment(isAutoscaling ? .project(name) : .instance(name), app: name)
            }
            let straight = environment(0)
            let deployer = try fixture.deployer()
            let plan = try await deployer.plan(try await folder.desired(straight))
            try await deployer.apply(try await folder.desired(straight), plan: plan)
            let wanted = try await Self.signature(fixture, straight)
            #expect(wanted.contains("RUNNING") && wanted.hasSuffix("left: []"), "\(wanted)")
            for number in 1...plan.steps.count {
                let environment = environment(number)
                let done = Mutex(0)
                var stopped = deployer
                stopped.afterStep = { _ in
                    if done.withLock({ count in
                        count += 1; return count
                    }) == number {
                        throw Stop()
                    }
                }
                let failure = try await #require(throws: DeployFailure.self) {
                    try await stopped.apply(try await folder.desired(environment))
                }
                #expect(failure.done.count == number - 1 && failure.left.count == plan.steps.count - number)
                let rest = try await deployer.plan(try await folder.desired(environment))
                #expect(rest.steps.count == plan.steps.count - number, "\(number): \(rest.steps.map(\.title))")
                try await deployer.apply(try await folder.desired(environment))
                let found = try await Self.signature(fixture, environment)
                #expect(found == wanted, "stopped after \(plan.steps[number - 1].title)")
            }
        }
    }

    @Test("two at once end in one right state")
    func twoAtOnce() async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let environment = folder.environment(.project())
            let desired = try await folder.desired(environment)
            let deployer = try fixture.deployer()
            async let one = deployer.apply(desired)
            async let two = deployer.apply(desired)
            _ = try await (one, two)
            let left = try await deployer.plan(desired)
            #expect(left.isEmpty, "\(left.steps.map(\.title)) \(left.steps.flatMap(\.details))")
            let ran = try await fixture.query(
                environment, "SELECT count(*)::text FROM app_data_migrations.migrations")
            #expect(ran == ["1"])
            #expect(try await fixture.page("notes").contains(#""page": "one""#))
        }
    }

    @Test("delete leaves what it says, and data goes only by its name")
    func delete() async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let environment = folder.environment(.project())
            let deployer = try fixture.deployer()
            try await deployer.apply(try await folder.desired(environment))
            _ = try await fixture.query(environment, "INSERT INTO app_data.notes (text) VALUES ('old') RETURNING text")
            let principal = try #require(try await fixture.workspace().apps.get("notes").servicePrincipalID)
            let wrong = try await #require(throws: DeployError.self) {
                try await deployer.delete(environment, data: "development")
            }
            #expect(wrong.code == .unconfirmed && wrong.remedy?.contains("notes") == true)
            #expect(try await fixture.workspace().apps.get("notes").appStatus?.state == .running)

            let plan = try await deployer.delete(environment)
            #expect(plan.steps.map(\.kind) == ["app", "files"])
            #expect(plan.kept.contains("branch projects/notes/branches/production with all its data"))
            let workspace = try fixture.workspace()
            for call: @Sendable () async throws -> Void in [
                { _ = try await workspace.apps.get("notes") },
                { _ = try await workspace.servicePrincipals.get(String(principal)) },
                {
                    _ = try await workspace.workspace.list("/Workspace/Users/\(fixture.developer)/.lakebase/apps/notes")
                },
            ] {
                let gone = try await #require(throws: DatabricksError.self) { try await call() }
                #expect(gone.code == .notFound)
            }
            #expect(try await fixture.query(environment, "SELECT text FROM app_data.notes") == ["old"])
            #expect(try await deployer.delete(environment).isEmpty)

            // Made anew on the data that was left: a new identity with the same rights.
            try await deployer.apply(try await folder.desired(environment))
            #expect(try await fixture.query(environment, "SELECT text FROM app_data.notes") == ["old"])
            #expect(try await deployer.plan(try await folder.desired(environment)).isEmpty)

            try await deployer.delete(environment, data: "notes")
            let project = try await #require(throws: DatabricksError.self) {
                try await workspace.postgres.getProject("projects/notes")
            }
            #expect(project.code == .notFound)
            #expect(try await deployer.delete(environment, data: "notes").isEmpty)
        }
    }

    @Test("a compute of another size, and one that was stopped, are put right")
    func computes() async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let deployer = try fixture.deployer()
            let workspace = try fixture.workspace()
            var environment = folder.environment(.project())
            environment.lakebase.target = .autoscaling(.init(project: "notes", capacity: try ComputeRange(0.5, 2)))
            try await deployer.apply(try await folder.desired(environment))
            let endpoint = "projects/notes/branches/production/endpoints/primary"
            #expect(try await workspace.postgres.getEndpoint(endpoint).status?.autoscalingLimitMaxCU == 2)
            environment.lakebase.target = .autoscaling(.init(project: "notes", capacity: try ComputeRange(1, 4)))
            let larger = try await folder.desired(environment)
            #expect(try await deployer.plan(larger).steps.map(\.kind) == ["endpoint"])
            try await deployer.apply(larger)
            let status = try await workspace.postgres.getEndpoint(endpoint).status
            #expect(status?.autoscalingLimitMinCU == 1 && status?.autoscalingLimitMaxCU == 4)

            _ = try await workspace.apps.stop("notes").wait()
            #expect(try await deployer.plan(larger).steps.map(\.title) == ["start app notes", "deploy notes"])
            try await deployer.apply(larger)
            #expect(try await fixture.page("notes").contains(#""page": "one""#))

            let instance = folder.environment(.instance(), app: "other")
            try await deployer.apply(try await folder.desired(instance))
            _ = try await workspace.database.stopDatabaseInstance("notes-db").wait()
            let stopped = try await deployer.plan(try await folder.desired(instance))
            #expect(
                stopped.steps.first?.title == "start instance notes-db" && stopped.warnings.count == 1, "\(stopped)")
            var resized = instance
            resized.lakebase.target = .provisioned(.init(instance: "notes-db", capacity: .cu2))
            try await deployer.apply(try await folder.desired(resized))
            #expect(try await workspace.database.getDatabaseInstance("notes-db").effectiveCapacity == "CU_2")
            #expect(try await deployer.plan(try await folder.desired(resized)).isEmpty)
        }
    }

    @Test("names that only quoting gets through, and an owner of its own")
    func awkwardNames() async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            // A role is made for a service principal that there is.
            _ = try await fixture.workspace().servicePrincipals.create(
                .init(applicationID: "6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10"))
            var environment = folder.environment(
                .project(),
                permissions: [
                    DeploymentPermission(.group("data \"analysts\""), .preset(.readonly)),
                    DeploymentPermission(.user("o'neil@example.com"), .preset(.developer)),
                    DeploymentPermission(
                        .servicePrincipal("6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10"),
                        .privileges([.schema: [.usage], .table: [.select]])),
                ])
            environment.lakebase.schema = "My \"Schema\"; DROP TABLE x; --"
            environment.lakebase.database = "My DB-1"
            environment.migrations?.owner = "Notes 'Owner'"
            let deployer = try fixture.deployer()
            let desired = try await folder.desired(environment)
            try await deployer.apply(desired)
            #expect(try await deployer.plan(desired).isEmpty)
            let owners = try await fixture.query(
                environment,
                """
                SELECT DISTINCT pg_get_userbyid(relowner)::text FROM pg_class
                WHERE relname IN ('notes', 'migrations') AND relkind = 'r'
                """)
            #expect(owners == ["Notes 'Owner'"])
            #expect(try await fixture.query(environment, "SELECT current_database()::text") == ["My DB-1"])
            try folder.write("migrations/2_more.sql", "CREATE TABLE more ();")
            try await deployer.apply(try await folder.desired(environment))
            #expect(try await deployer.plan(try await folder.desired(environment)).isEmpty)
            let rights = try await fixture.query(
                environment,
                """
                SELECT string_agg(has_table_privilege(rolname, (SELECT oid FROM pg_class WHERE relname = 'more'), 'SELECT')::text,
                    ' ') FROM pg_roles WHERE rolname IN ('data "analysts"', 'o''neil@example.com',
                    '6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10')
                """)
            #expect(rights == ["true true true"])
        }
    }

    @Test("a project and a branch that another run has just made are gone on with")
    func madeMeanwhile() async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let base = folder.environment(.project())
            let transport = FaultyTransport()
            let deployer = try fixture.deployer(transport, limit: .seconds(60))
            // The service says 409 for a project that exists, and 400 for a branch.
            transport.double("POST \(fixture.ready.host)/api/2.0/postgres/projects?")
            try await deployer.apply(try await folder.desired(base))
            let copy = try base.personal("alice")
            transport.double("POST \(fixture.ready.host)/api/2.0/postgres/projects/notes/branches?")
            try await deployer.apply(try await folder.desired(copy))
            #expect(try await deployer.plan(try await folder.desired(copy)).isEmpty)
        }
    }

    @Test("a personal copy has the data of its source, and goes without it")
    func personal() async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let base = folder.environment(.project())
            let deployer = try fixture.deployer()
            try await deployer.apply(try await folder.desired(base))
            _ = try await fixture.query(base, "INSERT INTO app_data.notes (text) VALUES ('old') RETURNING text")
            let copy = try base.personal("alice")
            try await deployer.apply(try await folder.desired(copy))
            #expect(try await fixture.query(copy, "SELECT text FROM app_data.notes") == ["old"])
            _ = try await fixture.query(copy, "INSERT INTO app_data.notes (text) VALUES ('hers') RETURNING text")
            #expect(try await fixture.query(base, "SELECT text FROM app_data.notes") == ["old"])
            #expect(try await deployer.plan(try await folder.desired(copy)).isEmpty)
            #expect(copy.dataName == "notes/production-alice")
            try await deployer.delete(copy, data: copy.dataName)
            #expect(try await fixture.query(base, "SELECT text FROM app_data.notes") == ["old"])
            #expect(try await deployer.plan(try await folder.desired(base)).isEmpty)
        }
    }

    @Test("a database of its own on an instance is made and goes alone")
    func ownDatabase() async throws {
        try await DeployFixture.with { fixture in
            let folder = try AppFolder()
            let base = folder.environment(.instance())
            let deployer = try fixture.deployer()
            try await deployer.apply(try await folder.desired(base))
            let copy = try base.personal("alice")
            try await deployer.apply(try await folder.desired(copy))
            #expect(try await fixture.query(copy, "SELECT current_database()::text") == ["databricks_postgres_alice"])
            #expect(try await deployer.plan(try await folder.desired(copy)).isEmpty)
            let refused = try await #require(throws: DeployError.self) {
                try await deployer.delete(base, data: base.dataName)
            }
            #expect(refused.details == ["database databricks_postgres_alice"])
            try await deployer.delete(copy, data: copy.dataName)
            #expect(
                try await fixture.query(base, "SELECT datname::text FROM pg_database WHERE datname LIKE '%alice'")
                    .isEmpty)
            try await deployer.delete(base, data: base.dataName)
        }
    }
}
