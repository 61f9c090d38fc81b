//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@Suite("Requests of the Apps API", .timeLimit(.minutes(1)))
struct AppRequestTests {
    private let root = "/api/2.0/apps"

    @Test func `apps and deployments`() async throws {
        let root = self.root
        let resource =
            #"{"name":"postgres","postgres":{"branch":"b","database":"d","permission":"CAN_CONNECT_AND_CREATE"}}"#
        try await APIServer.check(
            [
                .init("POST \(root)", #"{"name":"notes","description":"d","resources":[\#(resource)]}"#) {
                    let app = Apps.App(
                        name: "notes", description: "d", resources: [.postgres(branch: "b", database: "d")])
                    _ = try await $0.apps.create(app)
                },
                .init("POST \(root)?no_compute=true", #"{"name":"notes"}"#) {
                    _ = try await $0.apps.create(.init(name: "notes"), noCompute: true)
                },
                .init("GET \(root)/notes") { _ = try await $0.apps.get("notes") },
                .init("GET \(root)?page_size=3&space=s") { _ = try await $0.apps.list(pageSize: 3, space: "s").all() },
                .init("PATCH \(root)/notes", #"{"name":"notes","resources":[]}"#) {
                    _ = try await $0.apps.update("notes", to: .init(name: "notes", resources: []))
                },
                .init(
                    "POST \(root)/notes/update",
                    #"{"app":{"name":"notes","description":"e"},"update_mask":"description,resources"}"#
                ) {
                    _ = try await $0.apps.createUpdate(
                        "notes", to: .init(name: "notes", description: "e"), mask: ["description", "resources"])
                },
                .init("GET \(root)/notes/update") { _ = try await $0.apps.getUpdate("notes") },
                .init("DELETE \(root)/notes") { _ = try await $0.apps.delete("notes") },
                .init("POST \(root)/notes/start", "{}") { _ = try await $0.apps.start("notes") },
                .init("POST \(root)/notes/stop", "{}") { _ = try await $0.apps.stop("notes") },
                .init("POST \(root)/notes/deployments", #"{"source_code_path":"/Workspace/n","mode":"SNAPSHOT"}"#) {
                    _ = try await $0.apps.deploy(
                        .init(sourceCodePath: "/Workspace/n", mode: .snapshot), to: "notes")
                },
                .init("GET /api/2.0/permissions/apps/notes") { _ = try await $0.apps.permissions(of: "notes") },
                .init(
                    "PUT /api/2.0/permissions/apps/notes",
                    #"{"access_control_list":[{"user_name":"a@b.c","permission_level":"CAN_USE"}]}"#
                ) {
                    try await $0.apps.setPermissions(
                        of: "notes", to: [.init(userName: "a@b.c", permissionLevel: .canUse)])
                },
                .init(
                    "PATCH /api/2.0/permissions/apps/notes",
                    #"{"access_control_list":[{"service_principal_name":"5a","permission_level":"CAN_MANAGE"}]}"#
                ) {
                    try await $0.apps.updatePermissions(
                        of: "notes", with: [.init(servicePrincipalName: "5a", permissionLevel: .canManage)])
                },
                .init("GET /api/2.0/permissions/apps/notes/permissionLevels") {
                    _ = try await $0.apps.permissionLevels(of: "notes")
                },
                .init("GET \(root)/notes/deployments/d") { _ = try await $0.apps.getDeployment("d", of: "notes") },
                .init("GET \(root)/notes/deployments?page_size=1") {
                    _ = try await $0.apps.listDeployments(of: "notes", pageSize: 1).all()
                },
            ], answering: .json(#"{"name":"notes","deployment_id":"d"}"#))
    }

    @Test(arguments: ["a/b", "", "..", "a/../b"])
    func `names that would call something else are refused`(name: String) async throws {
        try await APIServer.with({ _, _ in .json("{}") }) { client, server in
            let error = await #expect(throws: DatabricksError.self) { try await client.apps.start(name) }
            #expect(error?.code == .invalidRequest)
            #expect(server.calls.isEmpty)
        }
    }

    @Test func `deployment without an id cannot be waited for`() async throws {
        try await APIServer.with({ _, _ in .json("{}") }) { client, _ in
            let error = await #expect(throws: DatabricksError.self) { try await client.apps.deploy(.init(), to: "n") }
            #expect(error?.code == .invalidResponse)
            #expect(error?.message == "the answer has no 'deployment_id'")
        }
    }
}
