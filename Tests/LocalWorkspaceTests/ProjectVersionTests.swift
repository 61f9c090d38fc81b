//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Testing

@testable import LocalWorkspace

@Suite("Versions of projects") struct ProjectVersionTests {
    @Test func `a project gets the version that it asks for, and the newest if that is not installed`() throws {
        var world = try WorkspaceStateTests.World()
        func major(_ id: String, _ version: Int64?) throws -> Int? {
            var project = Postgres.Project()
            project.spec = .init(pgVersion: version)
            world.complete(try world.handle(.createProject(id: id, project)))
            return world.inventory.projects[id]?.postgresMajor
        }
        #expect(try major("first", nil) == 18)
        #expect(try major("second", 16) == 16)
        #expect(try major("third", 17) == 18)
        #expect(try major("fourth", 15) == 15)
        for version: Int64 in [14, 19, 0, -1, .max, .min] {
            var project = Postgres.Project()
            project.spec = .init(pgVersion: version)
            let refusal = world.refusal(.createProject(id: "bad", project))
            #expect(refusal?.status == 400, "\(version)")
            #expect(refusal?.message.contains("18, 16, 15") == true)
        }
    }
}
