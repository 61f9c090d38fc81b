//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("What an app is started with") struct AppLaunchTests {
    private let facts = AppEnvironment.Facts(
        app: "notes", workspaceID: "123", host: "http://127.0.0.1:1",
        url: "http://127.0.0.1:2", port: 8123, clientID: "id")
    private let connection = AppEnvironment.Connection(
        host: "127.1.2.3", port: 5432, database: "db", endpoint: "projects/p/branches/b/endpoints/e")

    private func variables(_ database: AppEnvironment.Connection?, _ own: [(name: String, value: String)] = [])
        -> [String: String]
    {
        AppEnvironment(
            self.facts, home: "/h", path: "/p", temporaryFolder: "/t", database: database, certificateFile: "/ca",
            nodeCertificateFile: "/node-ca",
            own: own
        ).variables
    }

    @Test func `environment is what is documented`() {
        let always = [
            "PATH": "/p", "HOME": "/h", "LANG": "C.UTF-8", "TMPDIR": "/t", "DATABRICKS_APP_NAME": "notes",
            "DATABRICKS_WORKSPACE_ID": "123", "DATABRICKS_HOST": "http://127.0.0.1:1", "DATABRICKS_APP_PORT": "8123",
            "DATABRICKS_CLIENT_ID": "id", "DATABRICKS_APP_URL": "http://127.0.0.1:2", "PORT": "8123", "HOST": "0.0.0.0",
            "PYTHONUNBUFFERED": "1", "UVICORN_PORT": "8123", "UVICORN_HOST": "0.0.0.0", "FLASK_RUN_PORT": "8123",
            "FLASK_RUN_HOST": "0.0.0.0", "GRADIO_SERVER_PORT": "8123", "GRADIO_SERVER_NAME": "0.0.0.0",
            "GRADIO_ANALYTICS_ENABLED": "false", "STREAMLIT_SERVER_PORT": "8123",
            "STREAMLIT_SERVER_ADDRESS": "0.0.0.0", "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "false",
            "STREAMLIT_SERVER_ENABLE_CORS": "false", "STREAMLIT_SERVER_HEADLESS": "true",
            "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false", "NODE_EXTRA_CA_CERTS": "/node-ca",
        ]
        #expect(self.variables(nil) == always)
        let database = [
            "PGHOST": "127.1.2.3", "PGPORT": "5432", "PGDATABASE": "db", "PGUSER": "id", "PGSSLMODE": "require",
            "PGAPPNAME": "notes", "PGSSLROOTCERT": "/ca",
        ]
        #expect(self.variables(self.connection) == always.merging(database) { $1 })
        let own = self.variables(self.connection, [("A", "1"), ("PGAPPNAME", "mine"), ("A", "2")])
        #expect(own["A"] == "2" && own["PGAPPNAME"] == "mine", "the later one wins, and the app's own")
    }

    @Test func `valueFrom stands for what is documented`() {
        let postgres = Apps.Resource.postgres(branch: "b", database: "d")
        #expect(AppValueSource.value(of: postgres, connection: self.connection) == self.connection.endpoint)
        let database = Apps.Resource.database(instance: "i", database: "d")
        #expect(AppValueSource.value(of: database, connection: self.connection) == "127.1.2.3")
        let warehouse = Apps.Resource(name: "w", sqlWarehouse: .init(id: "77"))
        #expect(AppValueSource.value(of: warehouse, connection: nil) == "77")
        let model = Apps.Resource(name: "m", servingEndpoint: .init(name: "model"))
        #expect(AppValueSource.value(of: model, connection: nil) == "model")
        let secret = Apps.Resource(name: "s", secret: .init(scope: "a", key: "b"))
        #expect(AppValueSource.value(of: secret, connection: nil) == nil)
        #expect(AppValueSource.value(of: secret, connection: nil) { Secret("\($0)/\($1)") } == "a/b")
        #expect(AppValueSource.value(of: Apps.Resource(name: "n"), connection: nil) == nil)
    }

    @Test func `command has the port in it, and there is one for apps without`() throws {
        #expect(
            try AppCommand.resolve(
                ["s", "--p=$DATABRICKS_APP_PORT", "${DATABRICKS_APP_PORT}", "$HOME"], source: "/", port: 1)
                == ["s", "--p=1", "1", "$HOME"])
        #expect(AppCommand.standard(["b.py", "c.py", "z.txt"], scripts: []) == ["python", "b.py"])
        #expect(AppCommand.standard(["a.py", "package.json"], scripts: ["start"]) == ["npm", "run", "start"])
        #expect(AppCommand.standard(["a.py", "package.json"], scripts: ["build"]) == ["python", "a.py"])
        #expect(AppCommand.standard(["a.txt"], scripts: []) == nil)
        #expect(throws: AppExit.self) { try AppCommand.resolve(nil, source: "/nonexistent", port: 1) }
        #expect(throws: AppExit.self) { try AppCommand.resolve([], source: "/nonexistent", port: 1) }
    }

    @Test func `secret of a process signs in until it is withdrawn, and no list has it`() throws {
        let registry = PrincipalRegistry()
        let principal = try registry.change { try $0.create(.init(displayName: "p"), applicationID: "app") }
        let (first, second) = (registry.issueProcessSecret(for: "app"), registry.issueProcessSecret(for: "app"))
        #expect(first != second)
        #expect(registry.application(clientID: "app", secret: first, now: Date())?.userName == "app")
        #expect(registry.application(clientID: "other", secret: first, now: Date()) == nil)
        let id = try #require(principal.id)
        #expect(try registry.value.entry(id).secrets.isEmpty)
        registry.withdrawProcessSecret(first)
        #expect(registry.application(clientID: "app", secret: first, now: Date()) == nil)
        #expect(registry.application(clientID: "app", secret: second, now: Date()) != nil)
        try registry.change { try $0.delete(id) }
        #expect(registry.application(clientID: "app", secret: second, now: Date()) == nil, "its principal is gone")
    }
}

@Suite("The headers between a visitor and an app") struct AppProxyHeadTests {
    private let head = AppProxyHead(isLoopback: true)

    @Test func `app hears who the visitor is from the proxy alone`() {
        let headers = self.head.forwarded(
            [
                ("X-Forwarded-Email", "forged@example.com"), ("x-forwarded-access-token", "t"),
                ("X-Real-IP", "1.2.3.4"),
                ("x-request-id", "r"), ("Accept", "a"), ("Connection", "close, X-Hop"), ("X-Hop", "h"), ("TE", "x"),
                ("Host", "h"), ("Cookie", "c"),
            ], authority: "127.0.0.1:80", userName: "d@example.com", displayName: "D", requestID: "id")
        #expect(
            headers.map { "\($0.0): \($0.1)" } == [
                "Accept: a", "Cookie: c", "Host: 127.0.0.1:80", "X-Forwarded-Host: 127.0.0.1:80",
                "X-Forwarded-Preferred-Username: D", "X-Forwarded-User: d@example.com",
                "X-Forwarded-Email: d@example.com", "X-Real-Ip: 127.0.0.1", "X-Request-Id: id",
            ])
        let answer = self.head.answered([
            ("Set-Cookie", "a"), ("Set-Cookie", "b"), ("Transfer-Encoding", "chunked"), ("Keep-Alive", "x"),
        ])
        #expect(answer.map { $0.1 } == ["a", "b"])
    }

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:8000", "localhost", "LOCALHOST:1", "notes.localhost:80", "[::1]:80", "[::1]",
    ])
    func `names of this machine are answered`(authority: String) {
        #expect(self.head.isAllowed(authority: authority))
    }

    @Test(arguments: [
        nil, "", "example.com", "127.0.0.1.example.com", "localhost.example.com:80", "xlocalhost", "127.0.0.1@e.com",
    ])
    func `others are not`(authority: String?) {
        #expect(!self.head.isAllowed(authority: authority))
        #expect(
            AppProxyHead(isLoopback: false).isAllowed(authority: authority), "somebody asked to be seen from outside")
    }
}
