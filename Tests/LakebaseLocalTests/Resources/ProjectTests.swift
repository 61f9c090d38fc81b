//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

extension WholeLakebaseTests {
    @Suite("Projects and instances", .serialized) struct ProjectTests {
        @Test func `a project is a PostgreSQL of its own`() async throws {
            try await Fixture.with { fixture in
                let first = try await fixture.api(
                    "POST", "postgres/projects?project_id=shop", #"{"spec":{"display_name":"Shop"}}"#)
                #expect(first["done"] == .boolean(false))
                #expect(first.text("metadata.@type")?.hasSuffix("ProjectOperationMetadata") == true)
                let branch = "projects/shop/branches/production"
                let early = try await fixture.api("DELETE", "postgres/projects/shop?purge=true")
                #expect(early.status == 409 && early.text("message")?.contains("reconciliation") == true)
                let name = try #require(first.text("name"))
                var done = first
                while done["done"] != .boolean(true) { done = try await fixture.api("GET", "postgres/" + name) }
                #expect(done.text("response.status.display_name") == "Shop")
                #expect(done.text("response.status.default_branch") == branch)
                #expect(done["response.status.enable_pg_native_login"] == .boolean(false))
                #expect(try await fixture.sql("SELECT current_user", on: branch) == "developer@example.com")
                // Tools look for an instance of a name first, and take one that is there for a Provisioned one.
                for path in ["/shop", ":findByUid?uid=\(done.text("response.uid") ?? "")"] {
                    #expect(try await fixture.api("GET", "database/instances" + path).status == 404)
                }
                let instances = "\(try await fixture.api("GET", "database/instances").body)"
                #expect(instances.contains("local") && !instances.contains("shop"), "\(instances)")
                let credential = try await fixture.api("POST", "database/credentials", #"{"instance_names":["shop"]}"#)
                #expect(credential.status == 404)
                #expect(try await fixture.api("POST", "database/instances", #"{"name":"shop"}"#).status == 409)
                // The app has no role there.
                let app = try await fixture.psql("SELECT 1", on: branch, as: .app)
                #expect(app.text.contains("password authentication failed"), "\(app.text)")

                _ = try await fixture.operate("DELETE", "projects/shop")
                #expect(try await fixture.api("GET", "postgres/projects/shop").text("delete_time") != nil)
                for path in [
                    "", "/production", "/production/endpoints", "/production/roles", "/production/databases/d",
                ] {
                    let below = try await fixture.api("GET", "postgres/projects/shop/branches" + path)
                    #expect(below.status == 404 && below.text("message")?.hasPrefix("project id not found [") == true)
                }
                _ = try await fixture.operate("POST", "projects/shop/undelete", "{}")
                #expect(try await fixture.sql("SELECT 1", on: branch) == "1")
                _ = try await fixture.operate("DELETE", "projects/shop?purge=true")
                #expect(try fixture.clusters() == ["production"])
            }
        }

        @Test func `a disabled endpoint ends its sessions and is not woken by a login`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.sql("SELECT 1")
                let path = LocalProject.endpointName + "?update_mask=spec.disabled"
                _ = try await fixture.operate("PATCH", path, #"{"spec":{"disabled":true}}"#)
                #expect(await fixture.lakebase.computePhase == .idle)
                let output = try await fixture.psql("SELECT 1")
                #expect(output.status == 2 && output.text.contains("is disabled"), "\(output.text)")
                let instance = try await fixture.api("GET", "database/instances/local")
                #expect(instance.text("state") == "STOPPED" && instance["effective_stopped"] == .boolean(true))
                _ = try await fixture.operate("PATCH", path, #"{"spec":{"disabled":false}}"#)
                #expect(try await fixture.sql("SELECT 1") == "1")
            }
        }

        @Test func `settings of an endpoint reach its PostgreSQL`() async throws {
            try await Fixture.with { fixture in
                let body = #"{"spec":{"autoscaling_limit_max_cu":2,"settings":{"pg_settings":{"work_mem":"7MB"}}}}"#
                let mask = "?update_mask=spec.autoscaling_limit_max_cu,spec.settings.pg_settings"
                let changed = try await fixture.operate("PATCH", LocalProject.endpointName + mask, body)
                #expect(changed["response.status.autoscaling_limit_max_cu"] == .integer(2))
                #expect(
                    try await fixture.sql("SELECT current_setting('work_mem'), current_setting('max_connections')")
                        == "7MB|419")
                for (name, status) in [("data_directory", 400), ("bad name", 400)] {
                    let refused = try await fixture.api(
                        "PATCH", "postgres/" + LocalProject.endpointName + "?update_mask=spec.settings.pg_settings",
                        #"{"spec":{"settings":{"pg_settings":{"\#(name)":"x"}}}}"#
                    )
                    #expect(refused.status == status)
                }
            }
        }

        @Test func `an instance is a project, seen by both APIs`() async throws {
            try await Fixture.with { fixture in
                let created = try await fixture.api(
                    "POST", "database/instances", #"{"name":"older","capacity":"CU_2"}"#)
                #expect(created.status == 200 && created.text("state") == "STARTING", "\(created.body)")
                func wait(_ name: String, _ state: String) async throws -> Fixture.Reply {
                    let deadline = ContinuousClock.now + .seconds(120)
                    var reply = try await fixture.api("GET", "database/instances/" + name)
                    while reply.text("state") != state, ContinuousClock.now < deadline {
                        try await Task.sleep(for: .milliseconds(10))
                        reply = try await fixture.api("GET", "database/instances/" + name)
                    }
                    #expect(reply.text("state") == state)
                    return reply
                }
                let ready = try await wait("older", "AVAILABLE")
                #expect(ready["stopped"] == nil && ready["effective_stopped"] == .boolean(false))
                #expect(ready.text("effective_capacity") == "CU_2")
                let uid = try #require(ready.text("uid"))
                #expect(try await fixture.api("GET", "database/instances:findByUid?uid=" + uid).text("name") == "older")
                #expect(try await fixture.api("GET", "postgres/projects/older").text("uid") == uid)
                #expect(try await fixture.sql("SELECT 1", on: "projects/older/branches/production") == "1")

                let role = try await fixture.api(
                    "POST", "database/instances/older/roles", #"{"name":"bob@example.com","identity_type":"USER"}"#)
                #expect(role.text("identity_type") == "USER", "\(role.body)")
                #expect(try await fixture.api("GET", "database/instances/older/roles/bob@example.com").status == 200)
                #expect(try await fixture.api("DELETE", "database/instances/older/roles/bob@example.com").status == 200)
                #expect(
                    try await fixture.api("DELETE", "database/instances/older/roles/bob@example.com?allow_missing=true")
                        .status == 200)
                #expect(try await fixture.api("GET", "database/instances/older/roles/bob@example.com").status == 404)

                _ = try await fixture.api(
                    "PATCH", "database/instances/older?update_mask=stopped", #"{"name":"older","stopped":true}"#)
                _ = try await wait("older", "STOPPED")
                _ = try await fixture.api(
                    "PATCH", "database/instances/older?update_mask=*", #"{"name":"older","stopped":false}"#)
                _ = try await wait("older", "AVAILABLE")

                let child = try await fixture.api(
                    "POST", "database/instances", #"{"name":"child","parent_instance_ref":{"name":"older"}}"#)
                #expect(child.status == 200, "\(child.body)")
                _ = try await wait("child", "AVAILABLE")
                #expect(try await fixture.sql("SELECT 1", on: "projects/child/branches/production") == "1")
                #expect(try await fixture.api("DELETE", "database/instances/older?purge=true").status == 400)
                #expect(try await fixture.api("DELETE", "database/instances/older?purge=false").status == 400)
                #expect(try await fixture.api("DELETE", "database/instances/older?force=true&purge=true").status == 200)
                #expect(try await fixture.api("GET", "postgres/projects/child").status == 404)
                // The name is free with the answer to the deletion.
                let again = try await fixture.api("POST", "database/instances", #"{"name":"older"}"#)
                #expect(again.status == 200, "\(again.body)")

                #expect(
                    try await fixture.api("GET", "database/instances/local/synced_tables")["synced_tables"]
                        == .array([]))
                #expect(try await fixture.api("POST", "database/synced_tables", "{}").status == 501)
                #expect(try await fixture.api("GET", "database/catalogs/x").status == 404)
            }
        }

        @Test func `lists come in pages`() async throws {
            try await Fixture.with { fixture in
                for number in 1...4 { _ = try await fixture.branch("b\(number)") }
                var names: [String] = []
                var token: String?
                repeat {
                    let page =
                        token.map { "&page_token=" + $0.replacing("=", with: "%3D").replacing("+", with: "%2B") } ?? ""
                    let reply = try await fixture.api("GET", "postgres/projects/local/branches?page_size=2" + page)
                    guard case .array(let branches)? = reply["branches"] else { break }
                    #expect(branches.count <= 2)
                    names += branches.compactMap { $0["branch_id"]?.stringValue }
                    token = reply.text("next_page_token")
                } while token != nil
                #expect(names == ["b1", "b2", "b3", "b4", "production"])
                for query in ["page_size=x", "page_size=-1", "page_token=%21"] {
                    #expect(try await fixture.api("GET", "postgres/projects/local/branches?" + query).status == 400)
                }
            }
        }
    }
}
