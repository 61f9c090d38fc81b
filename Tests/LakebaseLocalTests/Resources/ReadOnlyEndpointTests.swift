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
    @Suite("Read-only endpoints", .serialized) struct ReadOnlyEndpointTests {
        private static let endpoints = LocalProject.branchName + "/endpoints"

        /// Makes one, and returns its host.
        private func replica(_ fixture: Fixture, _ id: String = "replica") async throws -> String {
            let done = try await fixture.operate(
                "POST", "\(Self.endpoints)?endpoint_id=\(id)",
                #"{"spec":{"endpoint_type":"ENDPOINT_TYPE_READ_ONLY"}}"#)
            #expect(done["error"] == nil, "\(done.body)")
            #expect(done.text("response.status.endpoint_type") == "ENDPOINT_TYPE_READ_ONLY")
            let endpoint = try await fixture.api("GET", "postgres/\(Self.endpoints)/\(id)")
            #expect(endpoint.text("status.hosts.read_only_host") == endpoint.text("status.hosts.host"))
            return try #require(endpoint.text("status.hosts.host"))
        }

        private func state(_ fixture: Fixture, _ id: String) async throws -> String? {
            try await fixture.api("GET", "postgres/\(Self.endpoints)/\(id)").text("status.current_state")
        }

        private func read(_ sql: String, _ fixture: Fixture, at host: String) async throws -> Fixture.Output {
            try await fixture.psql(sql, settings: ["PGHOST": host])
        }

        /// Asks until the answer is that, for at most two minutes.
        private func wait(for text: String, _ sql: String, _ fixture: Fixture, at host: String) async throws {
            let deadline = ContinuousClock.now + .seconds(120)
            var last = Fixture.Output(status: -1, text: "")
            repeat {
                last = try await self.read(sql, fixture, at: host)
                if last.text == text { return }
            } while ContinuousClock.now < deadline
            Issue.record("\(sql) is \(last.text), not \(text)")
        }

        @Test func `it follows the writer, takes no writes, and does not need it awake`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.sql("CREATE TABLE t AS SELECT 1 AS i")
                let host = try await self.replica(fixture)
                #expect(host != fixture.ready.endpoints[0].address)
                #expect(try await self.state(fixture, "replica") == "ACTIVE")
                #expect(try await self.read("SELECT sum(i) FROM t", fixture, at: host).text == "1")
                let refused = try await self.read("INSERT INTO t VALUES (2)", fixture, at: host)
                #expect(refused.status != 0 && refused.text.contains("25006"))
                _ = try await fixture.sql("INSERT INTO t VALUES (2)")
                try await self.wait(for: "3", "SELECT sum(i) FROM t", fixture, at: host)

                // The writer sleeps; reading goes on and wakes nobody.
                await fixture.lakebase.suspendCompute()
                await fixture.lakebase.wait(for: .idle)
                #expect(try await self.read("SELECT sum(i) FROM t", fixture, at: host).text == "3")
                #expect(await fixture.lakebase.computePhase == .idle)
                // It wakes, and is followed again.
                _ = try await fixture.sql("INSERT INTO t VALUES (3)")
                try await self.wait(for: "6", "SELECT sum(i) FROM t", fixture, at: host)
            }
        }

        @Test func `woken it has everything, whether or not the writer is awake; deleted nothing is left`() async throws
        {
            try await Fixture.with { fixture in
                _ = try await fixture.sql("CREATE TABLE t AS SELECT 1 AS i")
                let host = try await self.replica(fixture)
                let name = Self.endpoints + "/replica"
                await fixture.lakebase.suspendCompute()
                await fixture.lakebase.wait(for: .idle)
                #expect(try await self.read("SELECT sum(i) FROM t", fixture, at: host).text == "1")
                #expect(await fixture.lakebase.computePhase == .idle)
                #expect(try fixture.clusters().count == 2)

                // Disabled it sleeps and refuses; meanwhile the writer goes on.
                _ = try await fixture.operate(
                    "PATCH", name + "?update_mask=spec.disabled", #"{"spec":{"disabled":true}}"#)
                #expect(try await self.state(fixture, "replica") == "IDLE")
                #expect(try await self.read("SELECT 1", fixture, at: host).status == 2)
                #expect(try await fixture.sql("INSERT INTO t VALUES (2) RETURNING i") == "2")
                _ = try await fixture.operate(
                    "PATCH", name + "?update_mask=spec.disabled", #"{"spec":{"disabled":false}}"#)
                #expect(try await self.read("SELECT sum(i) FROM t", fixture, at: host).text == "3")

                // A branch has its source's data and none of its readers.
                let dev = try await fixture.branch("dev")
                let list = try await fixture.api("GET", "postgres/\(dev)/endpoints")
                guard case .array(let endpoints)? = list["endpoints"] else {
                    Issue.record("\(list.body)")
                    return
                }
                #expect(endpoints.count == 1)

                let deleted = try await fixture.operate("DELETE", name)
                #expect(deleted.text("response.@type") == "type.googleapis.com/google.protobuf.Empty")
                #expect(try await fixture.api("GET", "postgres/" + name).status == 404)
                #expect(try fixture.clusters().count == 2, "the two branches")
                #expect(try await self.read("SELECT 1", fixture, at: host).status == 2)
            }
        }

        @Test func `it is there after a restart, and goes with its branch`() async throws {
            let folder = try PrivateFile.makeTemporaryDirectory(NSTemporaryDirectory() + "/lakebase-test.XXXXXX")
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try PrivateFile.setMode(folder, 0o755)
            let configuration = LocalLakebaseConfiguration(dataDirectory: folder + "/data")
            let path = "projects/local/branches/dev/endpoints/reader"
            let host = try await Fixture.with(configuration) { fixture in
                let dev = try await fixture.branch("dev")
                _ = try await fixture.sql("CREATE TABLE t AS SELECT 7 AS i", on: dev)
                _ = try await fixture.operate(
                    "POST", "\(dev)/endpoints?endpoint_id=reader",
                    #"{"spec":{"endpoint_type":"ENDPOINT_TYPE_READ_ONLY"}}"#)
                let host = try #require(try await fixture.api("GET", "postgres/" + path).text("status.hosts.host"))
                #expect(try await self.read("SELECT i FROM t", fixture, at: host).text == "7")
                return host
            }
            try await Fixture.with(configuration) { fixture in
                #expect(try await fixture.api("GET", "postgres/" + path).text("status.hosts.host") == host)
                #expect(try await self.read("SELECT i FROM t", fixture, at: host).text == "7")
                #expect(try fixture.clusters().count == 3)
                _ = try await fixture.operate("DELETE", "projects/local/branches/dev?purge=true")
                #expect(try fixture.clusters() == ["production"])
                #expect(try await self.read("SELECT 1", fixture, at: host).status == 2)
            }
        }
    }
}
