//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Logging
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

/// Files, apps and service principals through the client, over a socket.
extension WholeLakebaseTests {
    @Suite("Files, apps and service principals", .serialized) struct WorkspaceServicesTests {
        private func client(_ fixture: Fixture) -> WorkspaceClient {
            WorkspaceClient(
                configuration: WorkspaceConfiguration(
                    host: Setting(fixture.ready.host, from: .argument),
                    authentication: .personalToken(Setting(fixture.ready.developer.credential, from: .argument))),
                logger: Fixture.quiet)
        }

        private let quick = PollingPolicy(step: .milliseconds(20), jitter: .zero ... .zero)

        @Test func `client secret of a new principal signs in, and opens no database by itself`() async throws {
            try await Fixture.with { fixture in
                let client = self.client(fixture)
                let principal = try await client.servicePrincipals.create(.init(displayName: "deployer"))
                let id = try #require(principal.id)
                let applicationID = try #require(principal.applicationID)
                let made = try await client.servicePrincipalSecrets.create(forServicePrincipal: id)
                let secret = try #require(made.secret)
                let listed = try await client.servicePrincipalSecrets.list(ofServicePrincipal: id).all()
                #expect(listed.map(\.id) == [made.id] && listed.first?.secret == nil)
                let all = try await client.servicePrincipals.list(pageSize: 1).all()
                #expect(all.map(\.applicationID) == [fixture.ready.app.userName, applicationID])

                let form = "grant_type=client_credentials&scope=all-apis"
                let answer = try await fixture.http(
                    "POST", "/oidc/v1/token", basic: (applicationID, secret), body: form)
                let token = Secret(try #require(answer["access_token"]))
                let me = try await fixture.http("GET", "/api/2.0/preview/scim/v2/Me", token: token)
                #expect(me["userName"] == applicationID && me["id"] == id)
                let refused = try await fixture.http(
                    "POST", "/api/2.0/preview/scim/v2/ServicePrincipals", token: token, body: "{}")
                #expect(refused.status == 403)

                let credential = try await fixture.http(
                    "POST", "/api/2.0/postgres/credentials", token: token,
                    body: #"{"endpoint":"\#(LocalProject.endpointName)"}"#)
                let password = Secret(try #require(credential["token"]))
                let login = try await fixture.psql("SELECT 1", user: applicationID, password: password)
                #expect(login.status != 0 && login.text.contains("password authentication failed"))
                _ = try await fixture.sql(
                    "CREATE EXTENSION IF NOT EXISTS databricks_auth; "
                        + "SELECT databricks_create_role('\(applicationID)', 'SERVICE_PRINCIPAL')")
                let linked = try await fixture.psql("SELECT current_user", user: applicationID, password: password)
                #expect(linked.text == applicationID)

                try await client.servicePrincipalSecrets.delete(try #require(made.id), ofServicePrincipal: id)
                let late = try await fixture.http(
                    "POST", "/oidc/v1/token", basic: (applicationID, secret), body: form)
                #expect(late.status == 401)
                try await client.servicePrincipals.delete(id)
                let gone = try await fixture.http("GET", "/api/2.0/preview/scim/v2/Me", token: token)
                #expect(gone.status == 403)
                let stays = await #expect(throws: DatabricksError.self) {
                    try await client.servicePrincipals.delete("70000000000001")
                }
                #expect(stays?.code == .permissionDenied)
            }
        }

        @Test func `files come back as they went in`() async throws {
            try await Fixture.with { fixture in
                let workspace = self.client(fixture).workspace
                let home = "/Workspace/Users/\(fixture.ready.developer.userName)/n"
                try await workspace.mkdirs(home)
                let bytes = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
                try await workspace.import(bytes, to: home + "/data.bin")
                let export = try await workspace.export(home + "/data.bin")
                #expect(export.content == bytes && export.fileType == "bin")
                try await workspace.upload(bytes + bytes, to: home + "/large.bin")
                let downloaded = try await workspace.download(home + "/large.bin")
                #expect(downloaded == bytes + bytes)
                let again = await #expect(throws: DatabricksError.self) {
                    try await workspace.upload(bytes, to: home + "/large.bin")
                }
                #expect(again?.code == .conflict && again?.httpStatus == 409)
                try await workspace.import(
                    Data("# Databricks notebook source\n".utf8), to: home + "/book.py", overwrite: true)
                let names = try await workspace.list(home).map { $0.path?.split(separator: "/").last }
                #expect(names == ["book", "data.bin", "large.bin"])
                let status = try await workspace.getStatus(home + "/book")
                #expect(status.objectType == .notebook && status.language == .python)
                // The upload makes notebooks of the same files.
                for (name, text, stored, type) in [
                    ("query.sql", "-- Databricks notebook source\nSELECT 1", "query", Workspace.ObjectType.notebook),
                    ("Report.IPYNB", "{}", "Report", .notebook), ("plain.py", "print(1)\n", "plain.py", .file),
                ] {
                    try await workspace.upload(Data(text.utf8), to: "\(home)/\(name)")
                    let found = try await workspace.getStatus("\(home)/\(stored)")
                    #expect(found.objectType == type, "\(name)")
                    let twice = await #expect(throws: DatabricksError.self) {
                        try await workspace.upload(Data(text.utf8), to: "\(home)/\(name)")
                    }
                    #expect(twice?.httpStatus == 409, "\(name)")
                }
                let full = await #expect(throws: DatabricksError.self) { try await workspace.delete(home) }
                #expect(full?.errorCode == "DIRECTORY_NOT_EMPTY")
                try await workspace.delete(home, recursive: true)
                let missing = await #expect(throws: DatabricksError.self) { try await workspace.getStatus(home) }
                #expect(missing?.code == .notFound)
            }
        }

        @Test func `app goes through its life`() async throws {
            try await Fixture.with { fixture in
                let client = self.client(fixture)
                let apps = client.apps
                let app = try await apps.create(.init(name: "notes", description: "d")).wait(polling: self.quick)
                #expect(app.computeStatus?.state == .active && app.appStatus?.state == .unavailable)
                let principal = try #require(app.servicePrincipalID)
                let identity = try await client.servicePrincipals.get(String(principal))
                #expect(identity.applicationID == app.servicePrincipalClientID)
                let twice = await #expect(throws: DatabricksError.self) {
                    try await apps.create(.init(name: "notes"))
                }
                #expect(twice?.errorCode == "RESOURCE_ALREADY_EXISTS" && twice?.httpStatus == 409)

                try await client.workspace.mkdirs("/Shared/notes")
                try await client.workspace.import(
                    Data("command: [python3, -m, http.server, $DATABRICKS_APP_PORT]".utf8),
                    to: "/Shared/notes/app.yaml",
                    format: .auto)
                let good = Apps.Deployment(
                    sourceCodePath: "/Workspace/Shared/notes", envVars: [.init(name: "K", value: Secret("canary"))])
                let deployed = try await apps.deploy(good, to: "notes").wait(polling: self.quick)
                #expect(deployed.status?.state == .succeeded && deployed.envVars == [.init(name: "K")])
                let bad = try await apps.deploy(.init(sourceCodePath: "/Shared/no"), to: "notes")
                let failure = await #expect(throws: DatabricksError.self) { try await bad.wait(polling: self.quick) }
                #expect(failure?.message.contains("is not a folder") == true)
                let history = try await apps.listDeployments(of: "notes", pageSize: 1).all()
                #expect(history.map { $0.status?.state } == [.failed, .succeeded])
                let active = try await apps.get("notes").activeDeployment
                #expect(active?.deploymentID == deployed.deploymentID)

                let update = try await apps.createUpdate(
                    "notes", to: .init(name: "notes", description: "e"), mask: ["description"]
                ).wait(polling: self.quick)
                #expect(update.description == "e")
                _ = try await apps.stop("notes").wait(polling: self.quick)
                _ = try await apps.start("notes").wait(polling: self.quick)
                let replaced = try await apps.update("notes", to: .init(name: "notes"))
                #expect(replaced.description == nil)
                _ = try await apps.create(.init(name: "other"), noCompute: true).wait(polling: self.quick)
                let names = try await apps.list(pageSize: 1).all().map(\.name)
                #expect(names == ["notes", "other"])
                try await apps.delete("notes").wait(polling: self.quick)
                let left = try await apps.list().all().map(\.name)
                #expect(left == ["other"])
                let orphan = await #expect(throws: DatabricksError.self) {
                    try await client.servicePrincipals.get(String(principal))
                }
                #expect(orphan?.code == .notFound)
            }
        }

        @Test func `an app says which scopes count, and refuses masks and databases as the service does`() async throws
        {
            try await Fixture.with { fixture in
                let apps = self.client(fixture).apps
                let made = try await apps.create(
                    .init(name: "notes", userAPIScopes: ["postgres", "iam.current-user:read"]), noCompute: true
                ).initial
                let basic = ["iam.access-control:read", "iam.current-user:read"]
                #expect(made.effectiveUserAPIScopes == basic + ["postgres"])
                let bare = try await apps.update("notes", to: .init(name: "notes"))
                #expect(bare.effectiveUserAPIScopes == basic && bare.userAPIScopes == nil)

                let refused = try await fixture.api(
                    "POST", "apps/notes/update",
                    #"{"app":{"source_code_path":"/x"},"update_mask":"description,source_code_path"}"#)
                #expect(refused.status == 400 && refused.text("error_code") == "INVALID_PARAMETER_VALUE")
                #expect(
                    refused.text("message")
                        == "Invalid update mask. Only description, budget_policy_id, usage_policy_id, resources, user_api_scopes, "
                        + "compute_size, compute_min_instances, compute_max_instances, git_repository, git_source, "
                        + "telemetry_export_destinations, compatibility_flags are allowed. "
                        + "Supplied update mask: description, source_code_path")
                let taken = try await fixture.api(
                    "POST", "apps/notes/update",
                    #"{"app":{"git_source":{"branch":"main"}},"update_mask":"git_source, compatibility_flags"}"#)
                #expect(taken.status == 200, "\(taken.body)")
                #expect(try await apps.get("notes").gitSource?.branch == "main")

                for (branch, database) in [
                    (LocalProject.branchName, "databricks_postgres"), ("production", "databricks_postgres"),
                    (LocalProject.branchName, LocalProject.branchName),
                ] {
                    let wrong = await #expect(throws: DatabricksError.self) {
                        try await apps.create(
                            .init(name: "other", resources: [.postgres(branch: branch, database: database)]))
                    }
                    #expect(wrong?.httpStatus == 400 && wrong?.errorCode == "INVALID_PARAMETER_VALUE")
                }
            }
        }

        @Test func `permissions on an app are kept as they are given`() async throws {
            try await Fixture.with { fixture in
                let apps = self.client(fixture).apps
                let user = fixture.ready.developer.userName
                let principal = fixture.ready.app.userName
                _ = try await apps.create(.init(name: "notes"), noCompute: true)
                func names(_ permissions: Apps.Permissions) -> [String?] {
                    (permissions.accessControlList ?? []).map { entry in
                        [entry.userName, entry.groupName, entry.servicePrincipalName].compactMap { $0 }.joined()
                            + " " + (entry.allPermissions ?? []).compactMap { $0.permissionLevel?.rawValue }.joined()
                    }
                }
                let first = try await apps.permissions(of: "notes")
                #expect(names(first) == ["\(user) CAN_MANAGE"] && first.objectID == "/apps/notes")
                let levels = try await apps.permissionLevels(of: "notes")
                #expect(levels.map { $0.permissionLevel } == [.canUse, .canManage])
                let more = try await apps.updatePermissions(
                    of: "notes",
                    with: [
                        .init(servicePrincipalName: principal, permissionLevel: .canUse),
                        .init(groupName: "users", permissionLevel: .canUse),
                    ])
                #expect(names(more) == ["\(user) CAN_MANAGE", "\(principal) CAN_USE", "users CAN_USE"])
                let replaced = try await apps.setPermissions(
                    of: "notes", to: [.init(userName: user, permissionLevel: .canUse)])
                #expect(names(replaced) == ["\(user) CAN_USE"])
                let kept = try await apps.permissions(of: "notes")
                #expect(kept == replaced)
                for wrong in [
                    Apps.AccessControlRequest(permissionLevel: .canUse),
                    .init(userName: user, groupName: "users", permissionLevel: .canUse), .init(userName: user),
                    .init(userName: user, permissionLevel: .init(rawValue: "CAN_FLY")),
                ] {
                    let error = await #expect(throws: DatabricksError.self) {
                        try await apps.setPermissions(of: "notes", to: [wrong])
                    }
                    #expect(error?.errorCode == "INVALID_PARAMETER_VALUE")
                }
                for unknown in [
                    Apps.AccessControlRequest(userName: "no@b.c", permissionLevel: .canUse),
                    .init(groupName: "nobody", permissionLevel: .canUse),
                    .init(servicePrincipalName: "no", permissionLevel: .canUse),
                ] {
                    let error = await #expect(throws: DatabricksError.self) {
                        try await apps.updatePermissions(of: "notes", with: [unknown])
                    }
                    #expect(error?.code == .notFound)
                }
                let unchanged = try await apps.permissions(of: "notes")
                #expect(unchanged == replaced)
                let missing = await #expect(throws: DatabricksError.self) { try await apps.permissions(of: "no") }
                #expect(missing?.code == .notFound)
            }
        }

        @Test func `attached database has a role for the app before the creation ends`() async throws {
            try await Fixture.with { fixture in
                let apps = self.client(fixture).apps
                let database = "\(LocalProject.branchName)/databases/\(LocalProject.databaseID)"
                let attached = Apps.App(
                    name: "notes", resources: [.postgres(branch: LocalProject.branchName, database: database)])
                let app = try await apps.create(attached).initial
                let role = try #require(app.servicePrincipalClientID)
                let rights = """
                    SELECT has_database_privilege('\(role)', current_database(), 'CONNECT'),
                      has_database_privilege('\(role)', current_database(), 'CREATE'), rolcanlogin
                    FROM pg_roles WHERE rolname = '\(role)'
                    """
                let granted = try await fixture.sql(rights)
                #expect(granted == "t|t|t")
                let again = try await apps.update(
                    "notes",
                    to: .init(name: "notes", resources: [.database(instance: "local", database: "databricks_postgres")])
                )
                #expect(again.resources?.count == 1)
                for resource in [
                    Apps.Resource.database(instance: "missing", database: "databricks_postgres"),
                    .database(instance: "local", database: "missing"),
                    .postgres(branch: "projects/local/branches/no", database: database),
                    .postgres(branch: LocalProject.branchName, database: "\(LocalProject.branchName)/databases/no"),
                ] {
                    let error = await #expect(throws: DatabricksError.self) {
                        try await apps.create(.init(name: "other", resources: [resource]))
                    }
                    #expect(error?.code == .notFound)
                }
                let principals = try await self.client(fixture).servicePrincipals.list().all()
                #expect(principals.count == 2, "a refused creation leaves no principal")
            }
        }

        @Test func `everything is there after a restart, and no secret is`() async throws {
            let folder = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-services.XXXXXX")
            defer { try? FileManager.default.removeItem(atPath: folder) }
            var configuration = LocalLakebaseConfiguration()
            configuration.dataDirectory = folder
            let secret = try await Fixture.with(configuration) { fixture in
                let client = self.client(fixture)
                let principal = try await client.servicePrincipals.create(.init(displayName: "deployer"))
                let made = try await client.servicePrincipalSecrets.create(
                    forServicePrincipal: try #require(principal.id))
                _ = try await client.apps.create(.init(name: "notes"), noCompute: true)
                try await client.workspace.import(Data("x".utf8), to: "/Shared/x")
                return (id: try #require(principal.applicationID), text: try #require(made.secret))
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasPrefix("resources.") }
            #expect(names.contains("resources.db"))
            for name in names {
                let bytes = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
                secret.text.withUnsafeValue { #expect(bytes.range(of: Data($0.utf8)) == nil, "\(name)") }
            }
            try await Fixture.with(configuration) { fixture in
                let client = self.client(fixture)
                let app = try await client.apps.get("notes")
                #expect(app.computeStatus?.state == .stopped)
                let file = try await client.workspace.download("/Shared/x")
                #expect(file == Data("x".utf8))
                let answer = try await fixture.http(
                    "POST", "/oidc/v1/token", basic: (secret.id, secret.text), body: "grant_type=client_credentials")
                #expect(answer.status == 200)
            }
        }
    }
}
