//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import NIOCore
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

/// Apps as real processes.
extension WholeLakebaseTests {
    @Suite("Apps as processes", .serialized) struct AppRuntimeTests {
        @Test func `deployed app answers at its address, and knows its visitor`() async throws {
            try await AppFixture.with { apps in
                let app = try await apps.create(.init(name: "notes"))
                #expect(app.url?.hasPrefix("http://127.0.0.1:") == true)
                let early = try await apps.visit("/")
                #expect(early.status == 503 && early.text.contains("Nothing is deployed yet"))
                let echo = """
                    import http.server, json, os
                    class Handler(http.server.BaseHTTPRequestHandler):
                        def do_POST(self):
                            body = self.rfile.read(int(self.headers["Content-Length"]))
                            answer = json.dumps({"path": self.path, "length": len(body), **{k.lower(): v for k, v in self.headers.items()}}).encode()
                            self.send_response(201)
                            self.send_header("Content-Length", str(len(answer)))
                            self.send_header("Set-Cookie", "a=1")
                            self.send_header("Set-Cookie", "b=2")
                            self.end_headers()
                            self.wfile.write(answer)
                    http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["DATABRICKS_APP_PORT"])), Handler).serve_forever()
                    """
                let deployment = try await apps.deploy(["app.yml": "command: python3 echo.py", "echo.py": echo])
                #expect(deployment.status?.state == .succeeded)
                let running = try await apps.client.apps.get("notes")
                #expect(running.appStatus?.state == .running && running.url == app.url)
                #expect(running.activeDeployment?.deploymentID == deployment.deploymentID)
                let large = ByteBuffer(repeating: 65, count: 3_000_000)
                let answer = try await apps.visit(
                    "/a%20b?c=d", method: "POST",
                    headers: ["X-Forwarded-Email": "forged@example.com", "X-Forwarded-Access-Token": "forged"],
                    body: large)
                #expect(answer.status == 201 && answer.headers["set-cookie"] == "a=1, b=2")
                let heard = try JSONDecoder().decode([String: JSONValue].self, from: Data(answer.text.utf8))
                let user = apps.fixture.ready.developer.userName
                #expect(heard["path"] == .string("/a%20b?c=d") && heard["length"] == .integer(3_000_000))
                #expect(heard["x-forwarded-email"] == .string(user) && heard["x-forwarded-user"] == .string(user))
                #expect(heard["x-forwarded-preferred-username"] == .string("Developer"))
                #expect(heard["x-forwarded-access-token"] == nil, "it has no scopes of its users")
                #expect(heard["x-real-ip"] == .string("127.0.0.1"))
                for name in ["x-request-id", "x-forwarded-host", "host"] { #expect(heard[name] != nil, "\(name)") }
                let foreign = try await apps.visit("/", headers: ["Host": "evil.example.com"])
                #expect(foreign.status == 421)
                _ = try await apps.client.apps.update(
                    "notes", to: .init(name: "notes", userAPIScopes: ["postgres"]))
                let signed = try await apps.visit("/", method: "POST", body: ByteBuffer(string: "x"))
                let told = try JSONDecoder().decode([String: JSONValue].self, from: Data(signed.text.utf8))
                guard case .string(let token)? = told["x-forwarded-access-token"] else {
                    Issue.record("no token")
                    return
                }
                let me = try await apps.fixture.http("GET", "/api/2.0/preview/scim/v2/Me", token: Secret(token))
                #expect(me["userName"] == user)
                // It has the scopes that the app asked for, and makes nothing that lasts.
                let endpoint = #"{"endpoint":"\#(LocalProject.endpointName)"}"#
                for (method, path, body, status) in [
                    ("POST", "/api/2.0/postgres/credentials", endpoint, 200),
                    ("GET", "/api/2.0/postgres/\(LocalProject.endpointName)", nil, 200),
                    ("GET", "/api/2.0/permissions/apps/notes", nil, 200),
                    ("DELETE", "/api/2.0/postgres/\(LocalProject.projectName)", nil, 403),
                    ("POST", "/api/2.0/accounts/servicePrincipals/70000000000001/credentials/secrets", "{}", 403),
                    ("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", "{}", 403),
                    ("POST", "/api/2.0/apps", #"{"name":"mine"}"#, 403),
                    ("GET", "/api/2.0/workspace/list?path=/", nil, 403),
                    ("POST", "/api/2.0/apps/notes/stop", "{}", 403), ("GET", "/local/apps/notes/logs", nil, 403),
                    ("PATCH", "/api/2.0/permissions/apps/notes", "{}", 403),
                ] as [(String, String, String?, Int)] {
                    let answer = try await apps.fixture.http(method, path, token: Secret(token), body: body)
                    #expect(answer.status == status, "\(method) \(path)")
                    if status == 403 { #expect(answer["message"]?.contains("required scopes") == true) }
                }
            }
        }

        @Test func `environment is the documented one and nothing else, and the secret shows nowhere`() async throws {
            try await AppFixture.with { apps in
                let database = "\(LocalProject.branchName)/databases/\(LocalProject.databaseID)"
                let app = try await apps.create(
                    .init(
                        name: "notes",
                        resources: [
                            .init(name: "model", servingEndpoint: .init(name: "m", permission: .canQuery)),
                            .postgres(branch: LocalProject.branchName, database: database),
                            .database(instance: "local", database: "databricks_postgres"),
                        ]))
                let script = """
                    env > env.txt
                    echo "secret is $DATABRICKS_CLIENT_SECRET"
                    echo "again $DATABRICKS_CLIENT_SECRET" >&2
                    """
                let manifest =
                    AppFixture.shell(script) + """
                        env:
                          - {name: LAKEBASE_ENDPOINT, valueFrom: postgres}
                          - {name: INSTANCE_HOST, valueFrom: database}
                          - {name: MODEL, valueFrom: model}
                          - {name: LEVEL, value: debug}
                          - {name: OVERRIDDEN, value: manifest}
                        """
                try await apps.deploy(
                    ["app.yaml": manifest],
                    variables: [
                        .init(name: "OVERRIDDEN", value: Secret("deployment")),
                        .init(name: "SECOND", valueFrom: "database"),
                    ])
                let text = try await apps.visit("/env.txt").text
                let variables = Dictionary(
                    text.split(separator: "\n").map { line in
                        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                        return (String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
                    }, uniquingKeysWith: { $1 })
                let documented: Set = [
                    "DATABRICKS_APP_NAME", "DATABRICKS_WORKSPACE_ID", "DATABRICKS_HOST", "DATABRICKS_APP_PORT",
                    "DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET", "PGHOST", "PGPORT", "PGDATABASE", "PGUSER",
                    "PGSSLMODE", "PGAPPNAME", "DATABRICKS_APP_URL",
                ]
                let conventions = Set(AppEnvironment.conventions(port: "").keys)
                let ours: Set = ["PATH", "HOME", "LANG", "TMPDIR", "PGSSLROOTCERT", "NODE_EXTRA_CA_CERTS"]
                let own: Set = ["LAKEBASE_ENDPOINT", "INSTANCE_HOST", "MODEL", "LEVEL", "OVERRIDDEN", "SECOND"]
                // The shells on the way set PWD and the like for themselves.
                let shells: Set = ["PWD", "SHLVL", "_", "OLDPWD"]
                #expect(Set(variables.keys).subtracting(shells) == documented.union(ours).union(own).union(conventions))
                let endpoint = try #require(apps.fixture.ready.endpoints.first)
                #expect(variables["DATABRICKS_APP_NAME"] == "notes" && variables["DATABRICKS_APP_URL"] == app.url)
                #expect(variables["PORT"] == variables["DATABRICKS_APP_PORT"])
                #expect(variables["DATABRICKS_WORKSPACE_ID"] == apps.fixture.ready.workspaceID)
                #expect(variables["DATABRICKS_HOST"] == apps.fixture.ready.host)
                #expect(variables["DATABRICKS_CLIENT_ID"] == app.servicePrincipalClientID)
                #expect(variables["PGUSER"] == app.servicePrincipalClientID)
                #expect(variables["PGHOST"] == endpoint.address && variables["PGPORT"] == String(endpoint.port))
                #expect(variables["PGDATABASE"] == "databricks_postgres" && variables["PGSSLMODE"] == "require")
                #expect(variables["PGAPPNAME"] == "notes")
                #expect(variables["LAKEBASE_ENDPOINT"] == endpoint.name)
                #expect(variables["INSTANCE_HOST"] == endpoint.address && variables["SECOND"] == endpoint.address)
                #expect(variables["MODEL"] == "m" && variables["LEVEL"] == "debug")
                #expect(variables["OVERRIDDEN"] == "deployment")
                #expect(variables["HOME"] != ProcessInfo.processInfo.environment["HOME"])

                let secret = try #require(variables["DATABRICKS_CLIENT_SECRET"])
                let lines = try await apps.log()
                #expect(lines.contains { $0.stream == .standardOutput && $0.text == "secret is <redacted>" })
                #expect(lines.contains { $0.stream == .standardError && $0.text == "again <redacted>" })
                let clientID = try #require(app.servicePrincipalClientID)
                let form = "grant_type=client_credentials&scope=all-apis"
                let answer = try await apps.fixture.http(
                    "POST", "/oidc/v1/token", basic: (clientID, Secret(secret)), body: form)
                #expect(answer.status == 200)
                let principal = try #require(app.servicePrincipalID)
                let listed = try await apps.client.servicePrincipalSecrets.list(
                    ofServicePrincipal: String(principal)
                ).all()
                #expect(listed.isEmpty)
                for path in ["/api/2.0/apps/notes", "/api/2.0/apps/notes/deployments", "/local/apps/notes/logs"] {
                    let shown = try await apps.fixture.http("GET", path, token: apps.fixture.ready.developer.credential)
                    #expect(shown.body.range(of: Data(secret.utf8)) == nil, "\(path)")
                    #expect(shown.body.range(of: Data("\"deployment\",".utf8)) == nil, "\(path)")
                }
                let logz = try await apps.visit("/logz")
                #expect(logz.text.contains("stdout secret is <redacted>"))
                try await apps.stop()
                let late = try await apps.fixture.http(
                    "POST", "/oidc/v1/token", basic: (clientID, Secret(secret)), body: form)
                #expect(late.status == 401, "the secret ends with the process")
            }
        }

        @Test func `app logs in to its database as its own service principal`() async throws {
            try await AppFixture.with { apps in
                let database = "\(LocalProject.branchName)/databases/\(LocalProject.databaseID)"
                let app = try await apps.create(
                    .init(name: "notes", resources: [.postgres(branch: LocalProject.branchName, database: database)]))
                let login = """
                    import base64, json, os, subprocess, urllib.request
                    host = os.environ["DATABRICKS_HOST"]
                    pair = os.environ["DATABRICKS_CLIENT_ID"] + ":" + os.environ["DATABRICKS_CLIENT_SECRET"]
                    def ask(path, body, authorization):
                        headers = {"Authorization": authorization}
                        request = urllib.request.Request(host + path, body.encode(), headers)
                        return json.load(urllib.request.urlopen(request))
                    token = ask("/oidc/v1/token", "grant_type=client_credentials&scope=all-apis",
                                "Basic " + base64.b64encode(pair.encode()).decode())["access_token"]
                    body = json.dumps({"endpoint": os.environ["LAKEBASE_ENDPOINT"]})
                    password = ask("/api/2.0/postgres/credentials", body, "Bearer " + token)["token"]
                    sql = "CREATE SCHEMA IF NOT EXISTS app; CREATE TABLE IF NOT EXISTS app.seen (n int);" \\
                        "INSERT INTO app.seen VALUES (1); SELECT current_user, count(*)," \\
                        "(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) FROM app.seen"
                    subprocess.run(["psql", "-XAtq", "-c", sql], check=True, stdout=open("who.txt", "w"),
                                   env={**os.environ, "PGPASSWORD": password})
                    """
                let manifest =
                    AppFixture.shell("python3 login.py || exit 9")
                    + "env:\n  - name: LAKEBASE_ENDPOINT\n    valueFrom: postgres\n"
                try await apps.deploy(["app.yaml": manifest, "login.py": login])
                let who = try await apps.visit("/who.txt").text
                let user = try #require(app.servicePrincipalClientID)
                #expect(who.hasPrefix("\(user)|1|"), "\(who)")
                try await apps.deploy(["app.yaml": manifest, "login.py": login])
                let again = try await apps.visit("/who.txt").text
                #expect(again.hasPrefix("\(user)|2|"), "\(again)")
            }
        }

        @Test func `valueFrom that names nothing is warned of, and the app runs with what the platform sets`()
            async throws
        {
            try await AppFixture.with { apps in
                _ = try await apps.create(
                    .init(name: "notes", resources: [.init(name: "key", secret: .init(scope: "a", key: "b"))]))
                // As databricks-tellr 0.4.2 has it: the key of no resource, for a variable of the platform's own.
                let manifest =
                    AppFixture.shell("env > env.txt") + """
                        env:
                          - {name: DATABRICKS_HOST, valueFrom: "system.databricks_host"}
                          - {name: MISSING, valueFrom: postgres}
                          - {name: KEY, valueFrom: key}
                          - {name: EMPTY}
                          - {name: LEVEL, value: debug}
                        """
                try await apps.deploy(["app.yaml": manifest], variables: [.init(name: "OTHER", valueFrom: "no.such")])
                let lines = try await apps.visit("/env.txt").text.split(separator: "\n").map(String.init)
                #expect(lines.contains("DATABRICKS_HOST=\(apps.fixture.ready.host)") && lines.contains("LEVEL=debug"))
                for name in ["MISSING", "KEY", "EMPTY", "OTHER"] {
                    #expect(!lines.contains { $0.hasPrefix("\(name)=") }, "\(name)")
                }
                let warnings = try await apps.log().filter { $0.stream == .system && $0.text.hasPrefix("Warning:") }
                for words in [
                    "DATABRICKS_HOST has valueFrom 'system.databricks_host'", "MISSING has valueFrom 'postgres'",
                    "KEY has valueFrom 'key'", "OTHER has valueFrom 'no.such'",
                    "a variable needs 'value' or 'valueFrom'",
                ] {
                    #expect(warnings.contains { $0.text.contains(words) }, "\(words): \(warnings.map(\.text))")
                }
            }
        }

        @Test func `deployment that does not work says why, and leaves the older one alone`() async throws {
            var configuration = AppFixture.configuration()
            configuration.apps.startLimit = .seconds(15)
            try await AppFixture.with(configuration) { apps in
                _ = try await apps.create(.init(name: "notes"))
                let crashed = try await apps.fail([
                    "app.yaml": "command: [sh, crash.sh]",
                    "crash.sh":
                        "i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo line $i; done; echo bad luck >&2; exit 3",
                ])
                #expect(crashed.hasPrefix("The app ended with exit status 3. Its last lines:\n"), "\(crashed)")
                #expect(crashed.contains("bad luck") && crashed.contains("line 20") && !crashed.contains("line 5\n"))
                let first = try await apps.client.apps.get("notes")
                #expect(first.appStatus?.state == .crashed && first.activeDeployment == nil)
                #expect(first.appStatus?.message?.contains("exit status 3") == true)

                try await apps.deploy(["app.yaml": AppFixture.server, "page.txt": "one"])
                let before = try await apps.client.apps.get("notes").activeDeployment?.deploymentID
                let never = try await apps.fail(["app.yaml": "command: [sleep, '600']", "page.txt": "two"])
                #expect(never.contains("did not listen on port") && never.contains("within 15 s"), "\(never)")
                let missing = try await apps.fail(["app.yaml": "command: [nonexistent-program]"])
                #expect(missing.contains("could not be found (nonexistent-program)"), "\(missing)")
                let executable = try await apps.fail(["app.yaml": "command: [./run]", "run": "#!/bin/sh\n"])
                #expect(executable.contains("files of the workspace are not executable"), "\(executable)")
                let wrong = try await apps.fail(["app.yaml": "command: {a: b}\n"])
                #expect(wrong.contains("app.yaml:1:"), "\(wrong)")
                let after = try await apps.client.apps.get("notes")
                #expect(after.appStatus?.state == .running && after.activeDeployment?.deploymentID == before)
                let page = try await apps.visit("/page.txt")
                #expect(page.text == "one", "the older version serves its own files")

                try await apps.deploy(["app.yaml": AppFixture.server + "colour: red\n", "page.txt": "three"])
                let newer = try await apps.visit("/page.txt")
                #expect(newer.text == "three")
                let warnings = try await apps.log().filter { $0.text.contains("colour") }
                #expect(warnings.first?.stream == .system && warnings.first?.text.hasPrefix("Warning:") == true)
                let kept = try FileManager.default.contentsOfDirectory(
                    atPath: apps.fixture.ready.dataDirectory + "/apps/notes")
                #expect(kept.count == 3, "the log, the home and one version: \(kept)")
            }
        }

        @Test func `app that crashes is started again, until it is too often`() async throws {
            try await AppFixture.with { apps in
                _ = try await apps.create(.init(name: "notes"))
                let script = "echo started >> \"$HOME/starts\"\necho $$ > pid.txt"
                try await apps.deploy(["app.yaml": AppFixture.shell(script)])
                var process: pid_t = 0
                for round in 1...3 {
                    // The end of the one before may not be known yet.
                    let before = process
                    let deadline = ContinuousClock.now + .seconds(120)
                    while process == before {
                        try #require(ContinuousClock.now < deadline, "no process after \(before)")
                        let running = try await apps.wait { $0.appStatus?.state == .running }
                        #expect(running.computeStatus?.state == .active)
                        let text = try await apps.visit("/pid.txt").text.trimmingCharacters(in: .whitespacesAndNewlines)
                        process = pid_t(text) ?? before
                    }
                    kill(process, SIGKILL)
                    let state = try await apps.wait { $0.appStatus?.state != .running || round < 3 }
                    if round == 3 { #expect(state.appStatus?.state == .crashed) }
                    #expect(try await goesAway(process))
                }
                let crashed = try await apps.wait { $0.appStatus?.message?.contains("not started again") == true }
                #expect(crashed.appStatus?.message?.contains("ended with exit status 137") == true)
                let page = try await apps.visit("/pid.txt")
                #expect(page.status == 503)
                let starts = try String(
                    contentsOfFile: apps.fixture.ready.dataDirectory + "/apps/notes/home/starts", encoding: .utf8)
                #expect(starts.split(separator: "\n").count == 3)
                try await apps.deploy(["app.yaml": AppFixture.server])
                try await apps.wait { $0.appStatus?.state == .running }
            }
        }

        @Test func `stop ends the whole process group, in time, and start runs it again`() async throws {
            var configuration = AppFixture.configuration()
            configuration.apps.stopGrace = .seconds(1)
            try await AppFixture.with(configuration) { apps in
                _ = try await apps.create(.init(name: "notes"))
                // Two processes, both deaf to SIGTERM.
                let script = "trap '' TERM\nsleep 600 &\necho $! > child.txt\necho $$ > pid.txt"
                try await apps.deploy(["app.yaml": AppFixture.shell(script), "page.txt": "one"])
                func process(_ file: String) async throws -> pid_t {
                    let text = try await apps.visit(file).text.trimmingCharacters(in: .whitespacesAndNewlines)
                    return try #require(pid_t(text))
                }
                let (parent, child) = (try await process("/pid.txt"), try await process("/child.txt"))
                #expect(isAlive(parent) && isAlive(child))
                let began = ContinuousClock.now
                try await apps.stop()
                #expect(ContinuousClock.now - began >= .seconds(1), "not before its time is over")
                #expect(try await goesAway(parent))
                #expect(try await goesAway(child))
                let stopped = try await apps.client.apps.get("notes")
                #expect(stopped.computeStatus?.state == .stopped && stopped.activeDeployment == nil)
                #expect(stopped.appStatus?.state == .unavailable)
                let refused = await #expect(throws: DatabricksError.self) {
                    try await apps.client.apps.deploy(.init(sourceCodePath: "/Shared/app"), to: "notes")
                }
                #expect(refused?.message.contains("start it first") == true)

                try await apps.write(["page.txt": "changed since"])
                try await apps.start()
                try await apps.wait { $0.appStatus?.state == .running && $0.activeDeployment != nil }
                let page = try await apps.visit("/page.txt")
                #expect(page.text == "one", "what was deployed runs again, not what the folder has by now")
                let last = try await process("/pid.txt")
                try await apps.delete()
                #expect(try await goesAway(last))
                #expect(!FileManager.default.fileExists(atPath: apps.fixture.ready.dataDirectory + "/apps/notes"))
            }
        }

        @Test func `active deployment runs again after a restart of the workspace, at the same address`() async throws {
            let folder = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-apps.XXXXXX")
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let configuration = AppFixture.configuration(folder: folder)
            let (url, process, id) = try await AppFixture.with(configuration) { apps in
                let app = try await apps.create(.init(name: "notes"))
                let manifest = AppFixture.shell("env > env.txt; echo $$ > pid.txt")
                let deployment = try await apps.deploy(
                    ["app.yaml": manifest], variables: [.init(name: "K", value: Secret("kept-value"))])
                _ = try await apps.create(.init(name: "idle"))
                let text = try await apps.visit("/pid.txt").text.trimmingCharacters(in: .whitespacesAndNewlines)
                return (app.url, try #require(pid_t(text)), deployment.deploymentID)
            }
            #expect(!isAlive(process), "it ends with the workspace")
            for name in try FileManager.default.contentsOfDirectory(atPath: folder)
            where name.hasPrefix("resources.") {
                let bytes = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
                #expect(bytes.range(of: Data("kept-value".utf8)) == nil, "\(name)")
            }
            try await AppFixture.with(configuration) { apps in
                let app = try await apps.wait { $0.appStatus?.state == .running }
                #expect(app.url == url && app.activeDeployment?.deploymentID == id)
                let environment = try await apps.visit("/env.txt").text
                #expect(environment.contains("K=kept-value\n"))
                let history = try await apps.client.apps.listDeployments(of: "notes").all()
                #expect(history.count == 1, "a restart is no deployment")
                let idle = try await apps.client.apps.get("idle")
                #expect(idle.appStatus?.state == .unavailable)
            }
        }
    }
}
