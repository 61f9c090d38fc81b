//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Secrets
import TestSupport
import Testing

/// Uses everything there is, and looks for every secret that came of it in everything that was written.
@Suite("secrets of everything", .serialized, .timeLimit(.minutes(5)))
struct CanaryTests {
    private let canaries = Canaries()

    @Test("no secret in any log, output, error, process list or file that is not meant to hold it")
    func everything() async throws {
        let (data, home, issuer) = (try Scratch(), try Scratch(), TestIssuer())
        let folder = data.path + "/data"
        let policies = try data.path(of: "policies.json", text: try Self.policy(issuer))
        let arguments = ["--log-level", "trace", "--data", folder, "--federation", policies]
        try await DevRun.with(arguments) { run in
            let developer = try #require(run.announcement.identities["developer"])
            let app = try #require(run.announcement.identities["app"])
            self.canaries.add("developer's token", try #require(developer["DATABRICKS_TOKEN"]))
            self.canaries.add(
                "client secret", try #require(app["DATABRICKS_CLIENT_SECRET"]), user: app["DATABRICKS_CLIENT_ID"])
            try await self.login(home: home, run)
            try await self.commands(developer, app, run, issuer, folder: folder)
            try await self.principal(developer)
            try await self.resources(developer)
            try await self.logins(developer, app)
            try await self.wrongGrants(try #require(app["DATABRICKS_HOST"]))
            try await self.notes(app)
            try self.processes(under: run.processID)
            try await self.search(folder: folder, runtime: run.runtimeFolder)
            self.canaries.note("dev's errors", try run.scratch.text("err"))
            let output = try run.scratch.text("out")
            // The line with the environment is what --json is asked for; there is nothing after it.
            #expect(output.firstIndex(of: "\n") == output.index(before: output.endIndex))
        }
        try await self.search(folder: folder, runtime: nil)
        let said = self.canaries.findings
        #expect(said.isEmpty, "\(said)")
        // Enough has been looked for, and in enough places.
        #expect(self.canaries.count >= 25 && self.canaries.size > 50_000)
    }

    private static func policy(_ issuer: TestIssuer) throws -> String {
        let policy = OAuth.FederationPolicy(
            oidcPolicy: .init(issuer: issuer.issuer, audiences: ["lakebase"], keySet: issuer.keySet))
        return String(decoding: try JSONEncoder().encode([policy]), as: UTF8.self)
    }

    /// Runs a command and keeps what it says; its output is a secret when it is asked for one.
    @discardableResult
    private func run(
        _ arguments: [String], _ environment: [String: String], secret: String? = nil
    ) async throws -> CommandRun {
        let run = try await CommandRun.run("lakebase", arguments, environment: environment)
        let place = "lakebase " + arguments.joined(separator: " ")
        if let secret {
            #expect(run.status == 0, "\(place): \(run.errors)")
            self.canaries.add(secret, run.output.trimmingCharacters(in: .whitespacesAndNewlines))
            self.canaries.note(place, run.errors)
        } else {
            self.canaries.note(place, run)
        }
        return run
    }

    // MARK: A person's login, its use and its renewal

    private func login(home: Scratch, _ run: DevRun) async throws {
        let (scratch, host) = (try Scratch(), try #require(run.environment["DATABRICKS_HOST"]))
        let environment = ["HOME": home.path, "DATABRICKS_CONFIG_FILE": home.path + "/cfg", "PATH": "/nonexistent"]
        let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
        let process = try CommandRun.start(
            "lakebase", ["auth", "login", "--host", host, "--profile", "local", "--no-browser"],
            environment: environment, output: output, errors: errors)
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        let asked = try await scratch.text("err", containing: "code_challenge_method", within: .seconds(120))
        let address = try #require(asked.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("http") })
        let visit = try await HeadlessBrowser.logIn(String(address), as: try #require(run.environment["PGUSER"]))
        self.canaries.add("code", visit.code)
        self.canaries.note("login's page", visit.page)
        try await process.ended(within: .seconds(120))
        #expect(process.terminationStatus == 0)
        self.canaries.note("login", try scratch.text("out") + scratch.text("err"))
        self.canaries.note("the profile", try home.text("cfg"))

        let store = LoginStore(path: home.path + "/.databricks/token-cache.json")
        var login = try #require(try store.login(for: [host]))
        try self.canaries.add("login's token", login.accessToken)
        try self.canaries.add("login's refresh token", login.refreshToken)
        login.expiresAt = Date()
        try await store.save(login, for: ["local", host])
        try await self.run(["auth", "token", "--profile", "local"], environment, secret: "login's next token")
        let next = try #require(try store.login(for: ["local"]))
        #expect(next.refreshToken != login.refreshToken)
        try self.canaries.add("login's next refresh token", next.refreshToken)
        try await self.run(["auth", "describe", "--profile", "local"], environment)
        // The first refresh token again, which ends the login.
        try await store.save(login, for: ["local", host])
        #expect(try await self.run(["auth", "token", "--profile", "local"], environment).status == 1)
    }

    // MARK: Commands

    private func commands(
        _ developer: [String: String], _ app: [String: String], _ run: DevRun, _ issuer: TestIssuer, folder: String
    ) async throws {
        for (name, environment) in [("developer", developer), ("app", app)] {
            for arguments in [["auth", "describe"], ["auth", "describe", "--json"], ["dev", "status"]] {
                let run = try await self.run(arguments, environment)
                #expect(run.status == 0, "\(arguments): \(run.errors)")
            }
            try await self.run(["auth", "token"], environment, secret: "\(name)'s workspace token")
        }
        for arguments in [["dev", "status", "--data", folder], ["dev", "status", "--data", folder, "--json"]] {
            #expect(try await self.run(arguments, [:]).status == 0)
        }
        let host = try #require(app["DATABRICKS_HOST"])
        let identity = try issuer.token(subject: try #require(app["DATABRICKS_CLIENT_ID"]), audience: "lakebase")
        self.canaries.add("identity token", identity)
        let federated = ["DATABRICKS_HOST": host, "DATABRICKS_OIDC_TOKEN": identity]
        try await self.run(["auth", "token"], federated, secret: "exchanged token")
        try await self.run(["auth", "describe", "--json"], federated)
        let stranger = try TestIssuer().token(subject: "x", audience: "lakebase")
        self.canaries.add("stranger's identity token", stranger)
        let wrong = ["DATABRICKS_TOKEN": "dapi-canary-wrong-token"]
        self.canaries.add("wrong token", "dapi-canary-wrong-token")
        for environment in [["DATABRICKS_OIDC_TOKEN": stranger], wrong] {
            for command in ["describe", "token"] where command == "describe" || environment != wrong {
                let run = try await self.run(
                    ["auth", command], environment.merging(["DATABRICKS_HOST": host]) { $1 })
                #expect(run.status == 1, "\(run.output)")
            }
        }
        self.canaries.add("wrong client secret", "dose-canary-wrong-secret")
        var refused = app
        refused["DATABRICKS_CLIENT_SECRET"] = "dose-canary-wrong-secret"
        #expect(try await self.run(["auth", "token"], refused).status == 1)
        #expect(try await self.run(["dev", "status"], refused).status == 1)
    }

    // MARK: The APIs

    private func client(_ environment: [String: String]) throws -> WorkspaceClient {
        let plain = environment.merging(["DATABRICKS_CONFIG_FILE": "/nonexistent"]) { $1 }
        return WorkspaceClient(
            configuration: try .resolve(environment: plain), logger: self.canaries.logger("the client's log"))
    }

    private func principal(_ developer: [String: String]) async throws {
        let workspace = try self.client(developer)
        let principal = try await workspace.servicePrincipals.create(.init(displayName: "canary"))
        let (id, name) = (try #require(principal.id), try #require(principal.applicationID))
        let made = try await workspace.servicePrincipalSecrets.create(forServicePrincipal: id)
        try self.canaries.add("principal's secret", made.secret)
        let secret = try #require(made.secret).withUnsafeValue { $0 }
        try await self.run(
            ["auth", "token"],
            [
                "DATABRICKS_HOST": try #require(developer["DATABRICKS_HOST"]), "DATABRICKS_CLIENT_ID": name,
                "DATABRICKS_CLIENT_SECRET": secret,
            ], secret: "principal's workspace token")
        for try await listed in workspace.servicePrincipalSecrets.list(ofServicePrincipal: id) {
            self.canaries.note("the list of secrets", "\(listed) \(listed.secretHash ?? "")")
        }
        self.canaries.note("the description of a secret", "\(made) \(String(reflecting: made))")
    }

    private func resources(_ developer: [String: String]) async throws {
        let workspace = try self.client(developer)
        let app = try await workspace.apps.create(.init(name: "canary-app"), noCompute: true)
        self.canaries.note("an app", "\(try await app.wait(within: .seconds(120)))")
        try await workspace.workspace.mkdirs("/Shared/canary")
        try await workspace.workspace.upload(Data("text".utf8), to: "/Shared/canary/file.txt")
        let branch = "projects/local/branches/production"
        _ = try await workspace.postgres.updateProject(
            "projects/local", to: .init(spec: .init(enablePgNativeLogin: true)), mask: ["spec.enable_pg_native_login"]
        ).wait(within: .seconds(120))
        let role = Postgres.Role(spec: .init(postgresRole: "with_password", authMethod: .password))
        _ = try await workspace.postgres.createRole(role, id: "with-password", parent: branch)
            .wait(within: .seconds(120))
        let password = try await workspace.postgres.revealRolePassword("\(branch)/roles/with-password")
        try self.canaries.add("role's password", password)
        let copy = Postgres.Branch(
            spec: .init(sourceBranch: branch, noExpiry: true))
        _ = try await workspace.postgres.createBranch(copy, id: "canary", parent: "projects/local")
            .wait(within: .seconds(120))
        let database = try await workspace.database.generateDatabaseCredential(instanceNames: ["local"])
        try self.canaries.add("instance's credential", database.token)
        self.canaries.note("the description of a credential", "\(database) \(String(reflecting: database))")
    }

    // MARK: Logins

    private func logins(_ developer: [String: String], _ app: [String: String]) async throws {
        let workspace = try self.client(app)
        let endpoint = try #require(app["LAKEBASE_ENDPOINT"])
        let credential = try await workspace.postgres.generateDatabaseCredential(endpoint: endpoint)
        try self.canaries.add("credential", credential.token)
        let good = try await self.connect(app, password: credential.token)
        _ = try await good.query("SELECT 1")
        await good.close()
        let branch = "projects/local/branches/production"
        let password = try await self.client(developer).postgres.revealRolePassword("\(branch)/roles/with-password")
        let native = try await self.connect(app, user: "with_password", password: password)
        _ = try await native.query("SELECT 1")
        await native.close()

        self.canaries.add("wrong password", "canary-wrong-password")
        let token = try #require(developer["DATABRICKS_TOKEN"])
        let secret = try #require(app["DATABRICKS_CLIENT_SECRET"])
        for (user, wrong) in [
            (nil, "canary-wrong-password"), ("with_password", "canary-wrong-password"), (nil, token), (nil, secret),
            ("nobody", "canary-wrong-password"), (developer["PGUSER"], credential.token.withUnsafeValue { $0 }),
        ] {
            let error = await #expect(throws: PQError.self) {
                let connection = try await self.connect(app, user: user, password: Secret(wrong))
                await connection.close()
            }
            self.canaries.note("errors of logins", error.map { "\($0) \(String(reflecting: $0))" } ?? "")
        }
    }

    private func connect(
        _ environment: [String: String], user: String? = nil, password: Secret
    ) async throws -> PQConnection {
        var login = PQConnection.Configuration(
            host: try #require(environment["PGHOST"]), port: try #require(environment["PGPORT"].flatMap { Int($0) }),
            username: try #require(user ?? environment["PGUSER"]), database: try #require(environment["PGDATABASE"]),
            password: password, tls: .verifyFull)
        login.rootCertificate = environment["PGSSLROOTCERT"]
        // The first login starts the compute, which ten seconds may not be enough for on a busy machine.
        login.connectTimeout = .seconds(120)
        return try await PQConnection.connect(login, logger: self.canaries.logger("the connection's log"))
    }

    /// Grants that are refused, each with something that could have been a secret.
    private func wrongGrants(_ host: String) async throws {
        for (name, grant) in [
            ("code", "authorization_code&redirect_uri=http://localhost:8020&code_verifier=canary-verifier&code="),
            ("refresh token", "refresh_token&refresh_token="),
            ("secret", "client_credentials&client_id=x&client_secret="),
            (
                "subject token",
                "urn:ietf:params:oauth:grant-type:token-exchange&subject_token_type=urn:ietf:params:oauth:token-type:jwt&subject_token="
            ),
        ] {
            let wrong = "canary-wrong-" + name.replacing(" ", with: "-")
            self.canaries.add("wrong " + name, wrong)
            let client = grant.contains("client_id") ? "" : "client_id=databricks-cli&"
            let answer = try await HeadlessBrowser.post(
                host + "/oidc/v1/token", form: "\(client)grant_type=\(grant)\(wrong)")
            #expect([400, 401].contains(answer.status))
            self.canaries.note("refusal of a grant", answer.text)
        }
    }

    // MARK: An app

    private func notes(_ app: [String: String]) async throws {
        try await NotesRun.with(environment: app) { notes in
            let form = Data("content=something".utf8)
            for (method, path) in [("GET", "/"), ("POST", "/notes"), ("GET", "/status"), ("GET", "/nothing")] {
                let answer = try await notes.browser(method, path, form: method == "POST" ? form : nil)
                self.canaries.note("the pages of Notes", answer.text + "\(answer.headers)")
            }
            self.canaries.note("Notes", try notes.scratch.text("out") + notes.scratch.text("err"))
        }
    }

    // MARK: Processes and files

    /// Every command line there is, and the environment of every process that `lakebase dev` has started.
    private func processes(under parent: pid_t) throws {
        func read(_ id: pid_t, _ name: String) -> String {
            String(decoding: FileManager.default.contents(atPath: "/proc/\(id)/\(name)") ?? Data(), as: UTF8.self)
        }
        let ids = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
        var parents: [pid_t: pid_t] = [:]
        for id in ids {
            self.canaries.note("the process list", read(id, "cmdline"))
            let status = read(id, "status").split(separator: "\n").first { $0.hasPrefix("PPid:") }
            parents[id] = status?.split(whereSeparator: \.isWhitespace).last.flatMap { pid_t($0) }
        }
        let children = ids.filter { id in
            var (above, steps) = (parents[id], 0)
            while let next = above, next > 1, next != parent, steps < 64 { (above, steps) = (parents[next], steps + 1) }
            return above == parent
        }
        // PostgreSQL, awake since the logins, has several.
        #expect(children.count >= 3)
        for id in children { self.canaries.note("the environment of a child", read(id, "environ")) }
    }

    private func search(folder: String, runtime: String?) async throws {
        let home = [
            "/secrets/client-secret": ["client secret"],
            // Which is what lakebase auth token gives with it.
            "/secrets/developer-token": ["developer's token", "developer's workspace token"],
            // Passwords of roles can be revealed, so they are kept.
            "/resources.db": ["role's password"], "/resources.db-wal": ["role's password"],
        ]
        var found = try await self.canaries.findings(in: folder, at: home)
        if let runtime { found += try await self.canaries.findings(in: runtime, at: [:]) }
        #expect(found.isEmpty, "\(found)")
    }
}
