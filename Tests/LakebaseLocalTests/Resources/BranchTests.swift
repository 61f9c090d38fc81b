//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

extension WholeLakebaseTests {
    @Suite("Branches", .serialized) struct BranchTests {
        private static let production = LocalProject.branchName

        @Test func `a branch of a sleeping parent has its data and its own life`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.sql("CREATE TABLE t AS SELECT generate_series(1, 1000) AS i")
                await fixture.lakebase.suspendCompute()
                await fixture.lakebase.wait(for: .idle)
                let starts = fixture.lakebase.counts.computeStarts
                let dev = try await fixture.branch("dev")
                // Copying does not wake the parent; the new compute is ACTIVE first.
                #expect(fixture.lakebase.counts.computeStarts == starts + 1)
                #expect(await fixture.lakebase.computePhase == .idle)
                let endpoint = try await fixture.api("GET", "postgres/\(dev)/endpoints/primary")
                #expect(endpoint.text("status.current_state") == "ACTIVE")
                #expect(try await fixture.sql("SELECT count(*) FROM t", on: dev) == "1000")
                _ = try await fixture.sql("DELETE FROM t WHERE i > 10", on: dev)
                #expect(try await fixture.sql("SELECT count(*) FROM t", on: dev) == "10")
                #expect(try await fixture.sql("SELECT count(*) FROM t") == "1000")
                let reply = try await fixture.api("GET", "postgres/" + dev)
                #expect(reply.text("status.current_state") == "READY")
                #expect(reply.text("status.source_branch") == Self.production)
                #expect(reply.text("status.source_branch_lsn")?.contains("/") == true)
                #expect(reply["spec"] == nil)
                #expect(try await fixture.address(of: dev) != fixture.ready.endpoints[0].address)
            }
        }

        @Test func `a branch of a parent at work has every commit from before, and nobody is disturbed`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.sql("CREATE TABLE t (i int)")
                // A session that writes all the time, and goes on when the copy is done.
                async let writing = fixture.psql(
                    """
                    DO $$ BEGIN FOR i IN 1..60 LOOP
                        INSERT INTO t SELECT generate_series(1, 100); COMMIT; PERFORM pg_sleep(0.02);
                    END LOOP; END $$
                    """
                )
                while try await fixture.sql("SELECT count(*) FROM t") == "0" { await Task.yield() }
                let before = try #require(Int(try await fixture.sql("SELECT count(*) FROM t")))
                let dev = try await fixture.branch("dev")
                let copied = try #require(Int(try await fixture.sql("SELECT count(*) FROM t", on: dev)))
                #expect(copied >= before && copied % 100 == 0)
                #expect(try await writing.status == 0)
                #expect(try await fixture.sql("SELECT count(*) FROM t") == "6000")
                // A branch of the branch, whose server has recovered.
                let grandchild = try await fixture.branch("grandchild", from: dev)
                #expect(try await fixture.sql("SELECT count(*) FROM t", on: grandchild) == "\(copied)")
                #expect(fixture.lakebase.counts.loginsRefused.isEmpty)
            }
        }

        @Test func `deleted it is closed, undeleted it is back, purged it is gone from the disk`() async throws {
            try await Fixture.with { fixture in
                let dev = try await fixture.branch("dev")
                _ = try await fixture.sql("CREATE TABLE t AS SELECT 1", on: dev)
                let address = try await fixture.address(of: dev)
                #expect(try fixture.clusters().count == 2)

                _ = try await fixture.operate("DELETE", dev)
                let deleted = try await fixture.api("GET", "postgres/" + dev)
                #expect(deleted.status == 404)
                #expect(deleted.text("message")?.hasPrefix("branch id not found [TraceId: ") == true, "\(deleted.body)")
                let listed = try await fixture.api("GET", "postgres/projects/local/branches")
                #expect(!"\(listed.body)".contains(dev))
                let shown = try await fixture.api("GET", "postgres/projects/local/branches?show_deleted=true")
                #expect("\(shown.body)".contains(dev) && "\(shown.body)".contains("purge_time"))
                let closed = try await fixture.psql("SELECT 1", settings: ["PGHOST": address])
                #expect(closed.status == 2)

                _ = try await fixture.operate("POST", dev + "/undelete", "{}")
                #expect(try await fixture.sql("SELECT count(*) FROM t", on: dev) == "1")
                let purged = try await fixture.operate("DELETE", dev + "?purge=true")
                #expect(purged.text("response.@type") == "type.googleapis.com/google.protobuf.Empty")
                #expect(try await fixture.api("GET", "postgres/" + dev).status == 404)
                #expect(try fixture.clusters() == ["production"])
                // The id is free again, and the operation stays readable.
                _ = try await fixture.branch("dev")
                // Also after a deletion that could be undone until then: what was deleted leaves the disk.
                _ = try await fixture.sql("CREATE TABLE t AS SELECT 2", on: dev)
                _ = try await fixture.operate("DELETE", dev)
                _ = try await fixture.branch("dev")
                #expect(try await fixture.sql("SELECT to_regclass('t') IS NULL", on: dev) == "t")
                let deadline = ContinuousClock.now + .seconds(60)
                while try fixture.clusters().count > 2, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(try fixture.clusters().count == 2)
                let again = try await fixture.api(
                    "POST", "postgres/projects/local/branches?branch_id=dev", #"{"spec":{"no_expiry":true}}"#)
                #expect(again.status == 400 && again.text("error_code") == "BAD_REQUEST")
                #expect(
                    again.text("message")?.hasPrefix(#"branch already exists; branch_name:"dev" [TraceId: "#) == true)
                let name = try #require(purged.text("name"))
                #expect(try await fixture.api("GET", "postgres/" + name)["done"] == .boolean(true))
            }
        }

        @Test func `a branch ends by itself`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.operate(
                    "POST", "projects/local/branches?branch_id=brief", #"{"spec":{"ttl":"600s"}}"#
                )
                #expect(try fixture.clusters().count == 2)
                let changed = try await fixture.api(
                    "PATCH", "postgres/projects/local/branches/brief?update_mask=spec.expiration",
                    #"{"spec":{"ttl":"1s"}}"#)
                #expect(changed.status == 200, "\(changed.body)")
                let deadline = ContinuousClock.now + .seconds(120)
                while try fixture.clusters().count == 2, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(try fixture.clusters().count == 1)
                #expect(try await fixture.api("GET", "postgres/projects/local/branches/brief").status == 404)
            }
        }

        @Test func `a restart finds projects, branches, roles and addresses as they were`() async throws {
            let folder = try PrivateFile.makeTemporaryDirectory(NSTemporaryDirectory() + "/lakebase-test.XXXXXX")
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try PrivateFile.setMode(folder, 0o755)
            let configuration = LocalLakebaseConfiguration(dataDirectory: folder + "/data")
            let (before, endpoints) = try await Fixture.with(configuration) { fixture in
                _ = try await fixture.operate("POST", "projects?project_id=shop", "{}")
                let dev = try await fixture.branch("dev")
                _ = try await fixture.sql("CREATE TABLE t AS SELECT 5 AS i", on: dev)
                _ = try await fixture.branch("gone")
                _ = try await fixture.operate("DELETE", "projects/local/branches/gone")
                let list = try await fixture.api("GET", "postgres/projects/local/branches?show_deleted=true")
                return (
                    list["branches"].map(Self.withoutSizes),
                    try await fixture.api("GET", "postgres/\(dev)/endpoints").body
                )
            }
            try await Fixture.with(configuration) { fixture in
                let list = try await fixture.api("GET", "postgres/projects/local/branches?show_deleted=true")
                #expect(list["branches"].map(Self.withoutSizes) == before)
                let dev = "projects/local/branches/dev"
                #expect(try await fixture.sql("SELECT i FROM t", on: dev) == "5")
                #expect(try await fixture.address(of: dev) == endpoints.firstHost)
                #expect(try await fixture.sql("SELECT 1", on: "projects/shop/branches/production") == "1")
                #expect(fixture.ready.endpoints.first?.name == LocalProject.endpointName)
                #expect(fixture.ready.endpoints.count == 3)
            }
        }

        @Test func `a folder from before there was a store keeps its data, names and address`() async throws {
            let folder = try PrivateFile.makeTemporaryDirectory(NSTemporaryDirectory() + "/lakebase-test.XXXXXX")
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try PrivateFile.setMode(folder, 0o755)
            let configuration = LocalLakebaseConfiguration(dataDirectory: folder + "/data")
            let before = try await Fixture.with(configuration) { fixture in
                _ = try await fixture.sql("CREATE TABLE t AS SELECT 3 AS i")
                return fixture.ready
            }
            for name in try FileManager.default.contentsOfDirectory(atPath: folder + "/data") {
                if name.hasPrefix("resources.db") {
                    try FileManager.default.removeItem(atPath: "\(folder)/data/\(name)")
                }
            }
            let path = folder + "/data/lakebase.json"
            let data = try #require(FileManager.default.contents(atPath: path))
            var state = try LocalState.decode(data, path: path)
            let address = before.endpoints[0]
            state.version = 1
            // Another address than the one a new endpoint would get.
            state.endpoints = [LocalProject.endpointName: .init(address: "127.77.77.77", port: address.port)]
            try PrivateFile.write(try state.encoded(), to: path)
            let accountID = state.accountID
            try await Fixture.with(configuration) { fixture in
                #expect(fixture.ready.endpoints.map(\.name) == [LocalProject.endpointName])
                #expect(fixture.ready.endpoints[0].address == "127.77.77.77")
                #expect(try await fixture.sql("SELECT i FROM t") == "3")
                let project = try await fixture.api("GET", "postgres/projects/local")
                #expect(project.text("uid") == accountID)
            }
            let after = try #require(FileManager.default.contents(atPath: path))
            #expect(try LocalState.decode(after, path: path).version == 2)
        }

        private static func withoutSizes(_ list: JSONValue) -> JSONValue {
            guard case .array(let items) = list else { return list }
            return .array(
                items.map { item in
                    guard case .object(var members) = item, case .object(var status)? = members["status"] else {
                        return item
                    }
                    status["logical_size_bytes"] = nil
                    members["status"] = .object(status)
                    return .object(members)
                }
            )
        }
    }
}

extension JSONValue {
    /// The host of the first endpoint of a list.
    fileprivate var firstHost: String? {
        guard case .array(let endpoints)? = self["endpoints"] else { return nil }
        return endpoints.first?["status"]?["hosts"]?["host"]?.stringValue
    }
}
