//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import LocalGround
import Secrets
import Testing

@testable import LocalWorkspace

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
            var world = try WorkspaceStateTests.World()
            var tagged = Postgres.Project(spec: .init(pgVersion: 17, customTags: [.init(key: "team", value: "a")]))
            tagged.spec?.defaultEndpointSettings = .init(
                suspendTimeoutDuration: .seconds(90), pgSettings: ["work_mem": "8MB"]
            )
            world.complete(try world.handle(.createProject(id: "other", tagged)))
            try world.branch("dev", .init(ttl: .seconds(60)))
            // One that is under way.
            try world.handle(.createBranch(.init(project: "other", id: "x", body: .init(spec: .init(noExpiry: true)))))
            try store.save(from: WorkspaceState(), to: world.inventory)
            #expect(try store.load() == world.inventory)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
        }
    }

    @Test func `what goes takes what is below with it, and operations stay`() throws {
        try self.withStore { _, store in
            var world = try WorkspaceStateTests.World()
            try store.save(from: WorkspaceState(), to: world.inventory)
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
            #expect(try store.load() == WorkspaceState())
            let kept = try #require(try store.operation(named: operation.name))
            #expect(kept == done)
            let text = String(decoding: try JSONEncoder().encode(kept.wire), as: UTF8.self)
            #expect(text.contains("google.protobuf.Empty") && text.contains("ProjectOperationMetadata"))
        }
    }

    @Test func `a branch of a name that was used before has none of what was below the one before`() throws {
        try self.withStore { _, store in
            var world = try WorkspaceStateTests.World()
            let name = "projects/shop/branches/dev"
            try world.branch("dev")
            world.complete(
                try world.handle(
                    .createRole(branch: name, id: "bob", .init(spec: .init(postgresRole: "bob")), replace: false)))
            world.complete(
                try world.handle(
                    .createRole(
                        branch: WorkspaceStateTests.production, id: "bob", .init(spec: .init(postgresRole: "bob")),
                        replace: false)))
            try store.save(from: WorkspaceState(), to: world.inventory)
            try store.keep(Secret("old"), ofRole: name + "/roles/bob")
            try store.keep(Secret("new"), ofRole: WorkspaceStateTests.production + "/roles/bob")
            let before = world.inventory
            world.complete(try world.handle(.deleteBranch(name, purge: false)))
            try world.branch("dev")
            try store.save(from: before, to: world.inventory)
            #expect(try store.load() == world.inventory)
            #expect(try store.password(ofRole: name + "/roles/bob") == nil)
            try store.copyPasswords(from: WorkspaceStateTests.production, to: name)
            #expect(try store.password(ofRole: name + "/roles/bob") == Secret("new"))
        }
    }

    @Test func `documents of earlier versions are taken over once, and the files go`() throws {
        try self.withStore { path, store in
            let folder = path + ".folder"
            try PrivateFile.createDirectory(folder, mode: 0o700)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            func write(_ text: String, _ name: String) throws {
                try PrivateFile.write(Data(text.utf8), to: "\(folder)/\(name)")
            }
            try store.adoptDocuments(in: folder)
            try store.adoptDocuments(in: folder + "/missing")
            try write(#"{"a":1}"#, "apps.json")
            try write("{", "principals.json")
            // All or none.
            let error = #expect(throws: LocalLakebaseError.self) { try store.adoptDocuments(in: folder) }
            #expect(error?.message.contains("principals.json") == true)
            #expect(try store.load([String: Int].self, named: "apps") == nil)
            try write(#"{"b":2}"#, "principals.json")
            try store.adoptDocuments(in: folder)
            #expect(try store.load([String: Int].self, named: "apps") == ["a": 1])
            #expect(try store.load([String: Int].self, named: "principals") == ["b": 2])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
            // As after a kill between the two steps: what is newer stays.
            try store.save(["a": 5], named: "apps")
            try write(#"{"a":1}"#, "apps.json")
            try store.adoptDocuments(in: folder)
            #expect(try store.load([String: Int].self, named: "apps") == ["a": 5])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
            #expect(throws: LocalLakebaseError.self) { try store.load([String].self, named: "apps") }
        }
    }

    @Test func `operations that are done go when they are old or many, those under way stay`() throws {
        try self.withStore { _, store in
            let now = Date(timeIntervalSince1970: 1_800_000_000)
            func operation(_ project: String, _ number: Int, age: TimeInterval, isDone: Bool) -> OperationRecord {
                let branch = "projects/\(project)/branches/b"
                return OperationRecord(
                    name: "\(branch)/operations/\(number)", target: branch, kind: "Branch",
                    createTime: now.addingTimeInterval(-age), work: .nothing, claims: [], isDone: isDone)
            }
            let all =
                (0..<5).map { operation("shop", $0, age: TimeInterval($0), isDone: true) }
                + (0..<2).map { operation("shopping", $0, age: TimeInterval($0), isDone: true) }
                + [operation("shop", 10, age: 200, isDone: true), operation("shop", 11, age: 200, isDone: false)]
            for one in all { try store.save(from: WorkspaceState(), to: WorkspaceState(), finished: one) }
            func left() throws -> Set<String> {
                Set(try all.map(\.name).filter { try store.operation(named: $0) != nil })
            }
            #expect(try store.pruneOperations(now: now) == 0)
            #expect(try store.pruneOperations(now: now, life: 100) == 1)
            #expect(try left() == Set(all.map(\.name)).subtracting([all[7].name]))
            #expect(try store.pruneOperations(now: now, limit: 3) == 2)
            #expect(try left() == Set([0, 1, 2, 5, 6, 8].map { all[$0].name }))
            #expect(try store.load().operations.keys.sorted() == [all[8].name])
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
