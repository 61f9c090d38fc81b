//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseDeploy
import Testing

@Suite("Personal copies")
struct PersonalCopyTests {
    private let autoscaling = DeploymentEnvironment(
        name: "development",
        app: DeploymentApp(name: "notes-dev", source: .folder(path: "/notes", command: nil)),
        lakebase: DeploymentLakebase(
            target: .autoscaling(
                .init(project: "notes", branch: "development", origin: .init(branch: "production"))),
            schema: "notes"))

    @Test func `on autoscaling it has a branch of the environment's branch`() throws {
        let copy = try self.autoscaling.personal("alice-b")
        #expect(copy.name == "development" && copy.person == "alice-b" && copy.title == "development as alice-b")
        #expect(copy.app.name == "notes-dev-alice-b")
        #expect(
            copy.lakebase.target
                == .autoscaling(
                    .init(
                        project: "notes", branch: "development-alice-b",
                        origin: .init(branch: "development", ttl: .seconds(7 * 86400)))))
        #expect(copy.lakebase.schema == "notes" && copy.lakebase.database == "databricks_postgres")
    }

    @Test func `on provisioned it has a database of its own`() throws {
        var environment = self.autoscaling
        environment.lakebase.target = .provisioned(.init(instance: "notes"))
        let copy = try environment.personal("alice-b")
        #expect(copy.lakebase.target == environment.lakebase.target)
        #expect(copy.lakebase.database == "databricks_postgres_alice_b")
        #expect(copy.lakebase.schema == "notes")
    }

    @Test(arguments: ["", "Alice", "al ice", "-a", "a-", "1a", "alice'; --", "abcdefghijklmnopqrstuvwxyz"])
    func `a name against the rule is refused`(person: String) {
        #expect(throws: DeploymentError.self) { try self.autoscaling.personal(person) }
    }

    @Test func `a name that makes another too long is refused`() throws {
        var environment = self.autoscaling
        environment.app.name = String(repeating: "a", count: 25)
        _ = try environment.personal("bobb")
        let error = #expect(throws: DeploymentError.self) { try environment.personal("alice") }
        #expect(error?.description.contains("it has 31 characters, and 1 to 30 are allowed") == true)
        #expect(throws: DeploymentError.self) { try self.autoscaling.personal("a", ttl: .seconds(31 * 86400)) }
    }
}
