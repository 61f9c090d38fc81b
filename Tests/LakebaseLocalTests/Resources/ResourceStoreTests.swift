//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal

@Suite("Resource store") struct ResourceStoreTests {
    private func withStore(_ body: (String, ResourceStore) throws -> Void) throws {
        let folder = try PrivateFile.makeTemporaryDirectory(NSTemporaryDirectory() + "/lakebase-test.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/resources.db"
        let store = try ResourceStore(path: path, durable: false)
        try body(path, store)
        store.close()
    }

    @Test func `everything comes back as it was`() throws {
        try self.withStore { path, store in
            var world = try InventoryTests.World()
            var tagged = Postgres.Project(spec: .init(customTags: [.init(key: "team", value: "a")]))
            tagged.spec?.defaultEndpointSettings = .init(
                suspendTimeoutDuration: .seconds(90), pgSettings: ["work_mem": "8MB"]
            )
            world.complete(try world.handle(.createProject(id: "other", tagged)))
            try world.branch("dev", .init(ttl: .seconds(60)))
            // One that is under way.
            try world.handle(.createBranch(.init(project: "other", id: "x", body: .init(spec: .init(noExpiry: true)))))
            try store.save(from: Inventory(), to: world.inventory)
            #expect(try store.load() == world.inventory)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
        }
    }

    @Test func `what goes takes what is below with it, and operations stay`() throws {
        try self.withStore { _, store in
            var world = try InventoryTests.World()
            try store.save(from: Inventory(), to: world.inventory)
            let role = "projects/shop/branches/production/roles/ann"
            try store.keep(Secret("hunter2"), ofRole: role)
            #expect(try store.password(ofRole: role) == Secret("hunter2"))
            let before = world.inventory
            let operation = try world.handle(.deleteProject(id: "shop", purge: true))
            try store.save(from: before, to: world.inventory)
            #expect(try store.load() == world.inventory)
            #expect(try store.password(ofRole: role) == nil)

            let under = world.inventory
            let completed = world.inventory.complete(operation.name, failure: nil, at: world.now)
            var done = try #require(completed)
            done.response = OperationRecord.empty
            try store.save(from: under, to: world.inventory, finished: done)
            #expect(try store.load() == Inventory())
            let kept = try #require(try store.operation(named: operation.name))
            #expect(kept == done)
            let text = String(decoding: try JSONEncoder().encode(kept.wire), as: UTF8.self)
            #expect(text.contains("google.protobuf.Empty") && text.contains("ProjectOperationMetadata"))
        }
    }

    @Test func `a file that is no store is an error that says so`() throws {
        let folder = try PrivateFile.makeTemporaryDirectory(NSTemporaryDirectory() + "/lakebase-test.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(repeating: 7, count: 5000).write(to: URL(filePath: folder + "/resources.db"))
        let error = #expect(throws: LocalLakebaseError.self) {
            try ResourceStore(path: folder + "/resources.db", durable: false)
        }
        #expect(error?.code == .dataDirectory && error?.remedy != nil)
    }
}
