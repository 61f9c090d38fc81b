//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Secrets
import TestSupport
import Testing

@testable import Databricks

@Suite("APIs of a workspace", .timeLimit(.minutes(1)))
struct APITests {
    private func client(
        _ configuration: WorkspaceConfiguration = .pat(), _ handler: @escaping StubTransport.Handler
    ) -> (WorkspaceClient, StubTransport) {
        let transport = StubTransport(handler)
        let client = WorkspaceClient(
            configuration: configuration, sender: PauseTime().sender(transport), credentials: nil,
            now: { Date(timeIntervalSince1970: 1_800_000_000) },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        return (client, transport)
    }

    private func answering(_ json: String, status: Int = 200) -> (WorkspaceClient, StubTransport) {
        self.client { (_, _) async throws(DatabricksError) in .json(json, status: status) }
    }

    @Test func `headers are those of the other Databricks clients`() async throws {
        let (client, transport) = self.client { (_, _) async throws(DatabricksError) in
            .json(#"{"userName":"a@b.c"}"#, headers: [("X-Databricks-Org-Id", "77")])
        }
        #expect(try await client.currentUser.me().userName == "a@b.c")
        #expect(client.workspaceID == "77")
        _ = try await client.currentUser.me()
        let (first, second) = (transport.requests[0], transport.requests[1])
        #expect(first.line == "GET https://h.example.com/api/2.0/preview/scim/v2/Me")
        #expect(first.headers["Authorization"] == "Bearer dapi-1")
        #expect(first.headers["Accept"] == "application/json")
        #expect(first.headers["Content-Type"] == nil)
        #expect(first.headers["X-Databricks-Workspace-Id"] == nil)
        #expect(second.headers["X-Databricks-Workspace-Id"] == "77")
        #expect(first.headers["User-Agent"]?.contains("notes-app/1.2 databricks-sdk-swift/0.1.0 swift/6.3 os/") == true)
        #expect(first.headers["User-Agent"]?.hasSuffix(" auth/pat") == true)
    }

    @Test func `names go into the path as they are`() async throws {
        let (client, transport) = self.answering("{}")
        _ = try await client.postgres.getEndpoint("projects/p/branches/b/endpoints/e")
        _ = try await client.postgres.getProject("projects/p")
        _ = try await client.postgres.getBranch("projects/p/branches/b@x:y+z")
        _ = try? await client.postgres.getOperation("projects/p/operations/ab+c/=")
        _ = try? await client.database.getDatabaseInstance("my inst?#%é")
        _ = try? await client.database.findDatabaseInstance(uid: "a/b c")
        #expect(
            transport.lines.map { $0.replacing("https://h.example.com/api/2.0", with: "") } == [
                "GET /postgres/projects/p/branches/b/endpoints/e", "GET /postgres/projects/p",
                "GET /postgres/projects/p/branches/b@x:y+z", "GET /postgres/projects/p/operations/ab+c/=",
                "GET /database/instances/my%20inst%3F%23%25%C3%A9", "GET /database/instances:findByUid?uid=a%2Fb%20c",
            ]
        )
    }

    @Test(arguments: ["", "/", "projects/", "/projects/p", "projects//p", "projects/../x", "..", "projects/./p"])
    func `names that would call something else are refused`(name: String) async {
        let (client, transport) = self.answering("{}")
        let error = await #expect(throws: DatabricksError.self) { try await client.postgres.getProject(name) }
        #expect(error?.code == .invalidRequest)
        #expect(transport.lines.isEmpty)
    }

    @Test func `instance names hold no slash`() async {
        let (client, _) = self.answering("{}")
        let error = await #expect(throws: DatabricksError.self) {
            try await client.database.getDatabaseInstance("a/roles")
        }
        #expect(error?.code == .invalidRequest)
    }

    @Test func `pages are followed until there is no further one`() async throws {
        let (client, transport) = self.client { (request, number) async throws(DatabricksError) in
            switch number {
            case 1: .json(#"{"endpoints":[{"name":"1"},{"name":"2"}],"next_page_token":"a/b=="}"#)
            case 2: .json(#"{"next_page_token":"c"}"#)
            default: .json(#"{"endpoints":[{"name":"3"}],"next_page_token":""}"#)
            }
        }
        let parent = "projects/p/branches/production"
        let all = try await client.postgres.listEndpoints(parent: parent, pageSize: 2).all()
        #expect(all.map(\.name) == ["1", "2", "3"])
        let root = "GET https://h.example.com/api/2.0/postgres/projects/p/branches/production/endpoints?page_size=2"
        #expect(transport.lines == [root, root + "&page_token=a%2Fb%3D%3D", root + "&page_token=c"])
    }

    @Test func `pages are fetched when they are needed`() async throws {
        let (client, transport) = self.answering(#"{"projects":[{"name":"1"}],"next_page_token":"same"}"#)
        for try await project in client.postgres.listProjects() {
            #expect(project.name == "1")
            break
        }
        #expect(transport.lines.count == 1)
        let error = await #expect(throws: DatabricksError.self) { try await client.postgres.listProjects().all() }
        #expect(error?.message.contains("same page") == true)
    }

    @Test func `empty lists`() async throws {
        let (client, _) = self.answering(#"{"branches":null}"#)
        #expect(try await client.postgres.listBranches(parent: "projects/p").all().isEmpty)
        #expect(try await client.database.listDatabaseInstances().all().isEmpty)
    }

    @Test func `credential of an endpoint`() async throws {
        let (client, transport) = self.answering(#"{"token":"jwt","expire_time":"2027-01-15T09:00:00Z"}"#)
        let credential = try await client.postgres.generateDatabaseCredential(
            endpoint: "projects/p/branches/b/endpoints/e", ttl: .seconds(600),
            claims: [.init(permissionSet: .readOnly, resources: [.init(tableName: "c.s.t")])]
        )
        #expect(credential.token == Secret("jwt"))
        #expect(credential.expireTime == Date(timeIntervalSince1970: 1_800_003_600))
        let request = try #require(transport.requests.first)
        #expect(request.line == "POST https://h.example.com/api/2.0/postgres/credentials")
        #expect(request.headers["Content-Type"] == "application/json")
        let body = try JSONDecoder().decode(JSONValue.self, from: Data(request.body.utf8))
        #expect(
            body["endpoint"]?.stringValue == "projects/p/branches/b/endpoints/e" && body["ttl"]?.stringValue == "600s")
        #expect(body["claims"] != nil && body["expire_time"] == nil)
    }

    @Test func `credential of instances has a request id that repeats keep`() async throws {
        let (client, transport) = self.client { (_, number) async throws(DatabricksError) in
            number == 1
                ? .json("{}", status: 503) : .json(#"{"token":"jwt","expiration_time":"2027-01-15T09:00:00Z"}"#)
        }
        let credential = try await client.database.generateDatabaseCredential(instanceNames: ["i"])
        #expect(credential.expirationTime == Date(timeIntervalSince1970: 1_800_003_600))
        #expect(transport.requests.count == 2)
        let bodies = try transport.requests.map { try JSONDecoder().decode(JSONValue.self, from: Data($0.body.utf8)) }
        #expect(bodies[0] == bodies[1])
        #expect(bodies[0]["instance_names"] == .array([.string("i")]))
        #expect(bodies[0]["request_id"]?.stringValue.flatMap { UUID(uuidString: $0) } != nil)
    }

    @Test(
        arguments: [
            ("{}", "there is no 'token'"), ("", "there is no 'token'"),
            (#"{"token":"canary"}"#, "there is no 'expire_time'"),
            (#"{"token":"canary","expiration_time":"2027-01-15T09:00:00Z"}"#, "there is no 'expire_time'"),
            (#"{"token":"","expire_time":"2027-01-15T09:00:00Z"}"#, "there is no 'token'"),
            (#"{"token":5,"expire_time":"2027-01-15T09:00:00Z"}"#, "there is no 'token'"),
            (#"{"token":"can ary","expire_time":"2027-01-15T09:00:00Z"}"#, "characters"),
            (#"{"token":"canary","expire_time":1800003600}"#, "there is no 'expire_time'"),
            (#"{"token":"canary","expire_time":"2027-01-15 09:00:00"}"#, "not an RFC 3339 time"),
            (#"{"token":"canary","expire_time":"2027-01-15T07:59:59Z"}"#, "it expired at 2027-01-15T07:59:59Z"),
            (#"{"token":"canary","expire_time":"2027-01-15T08:00:00Z"}"#, "check this machine's clock"),
            ("<html><title>Sign in</title></html>", "not JSON"), ("[]", "there is no 'token'"),
        ]
    )
    func `unusable credentials are errors`(json: String, words: String) async {
        let (client, _) = self.answering(json)
        let error = await #expect(throws: DatabricksError.self) {
            try await client.postgres.generateDatabaseCredential(endpoint: "e")
        }
        #expect(error?.code == .invalidResponse)
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
        #expect(error?.operation == "POST /api/2.0/postgres/credentials")
        #expect(error?.description.contains("canary") == false)
    }

    @Test(arguments: [401, 403])
    func `refusals say how one was authenticated, and never the token`(status: Int) async {
        let (client, _) = self.answering(#"{"error_code":"X","message":"bad dapi-1"}"#, status: status)
        let error = await #expect(throws: DatabricksError.self) { try await client.currentUser.me() }
        #expect(
            error?.message
                == "bad <redacted>; authenticated by pat, token from the environment variable DATABRICKS_TOKEN")
    }

    @Test func `answers that cannot be read name the field`() async {
        let (client, _) = self.answering(#"{"status":{"hosts":{"host":5}}}"#)
        let error = await #expect(throws: DatabricksError.self) { try await client.postgres.getEndpoint("projects/p") }
        #expect(error?.message == "'status.hosts.host' of the answer has the wrong type")
    }

    @Test func `provider of the program's own`() async throws {
        struct Mine: CredentialsProvider {
            let authType = AuthType(rawValue: "mine")
            let explanation = "mine"
            func headers() async throws(DatabricksError) -> [String: Secret] { ["X-Mine": Secret("m")] }
        }
        let transport = StubTransport { (_, _) async throws(DatabricksError) in .json("{}") }
        var configuration = WorkspaceConfiguration.pat()
        configuration.authentication = .custom(AuthType(rawValue: "mine"))
        let logger = LogStore().logger
        let client = WorkspaceClient(
            configuration: configuration, transport: transport, credentials: Mine(), logger: logger)
        _ = try await client.currentUser.me()
        #expect(transport.requests[0].headers["X-Mine"] == "m" && transport.requests[0].headers["Authorization"] == nil)
        let none = WorkspaceClient(configuration: configuration, transport: transport, logger: logger)
        let error = await #expect(throws: DatabricksError.self) { try await none.currentUser.me() }
        #expect(error?.code == .invalidConfiguration)
    }
}
