//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Secrets
import TestSupport
import Testing

@testable import Databricks

@Suite("A person's login", .timeLimit(.minutes(2)))
struct UserLoginTests {
    private let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private static let cache = ".databricks/token-cache.json"

    private func client(
        _ workspace: StubWorkspace, home: TemporaryFolder, program: FakeProgram? = nil, _ more: [String: String] = [:]
    ) throws -> WorkspaceClient {
        var environment = ["DATABRICKS_HOST": workspace.url, "HOME": home.path].merging(more) { $1 }
        environment["DATABRICKS_CLI_PATH"] = program?.path
        return WorkspaceClient(
            configuration: try .resolve(environment: environment),
            retryPolicy: RetryPolicy(totalLimit: .seconds(40), maximumAttempts: 2), logger: self.quiet)
    }

    private func entry(_ token: String, expiry: String, refresh: String? = "refresh-0") -> String {
        let refresh = refresh.map { #","refresh_token":"\#($0)""# } ?? ""
        return #"{"access_token":"\#(token)","token_type":"Bearer","expiry":"\#(expiry)"\#(refresh),"kept":[1,2.5]}"#
    }

    private func cache(_ entries: [String: String]) -> String {
        let list = entries.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        return #"{"version":1,"tokens":{\#(list)},"more":true}"#
    }

    private func failure(_ client: WorkspaceClient) async throws -> DatabricksError {
        let error = await #expect(throws: DatabricksError.self) { try await client.currentUser.me() }
        return try #require(error)
    }

    // MARK: The program

    @Test(
        arguments: [
            ("1.13.0", ["auth token --host HOST --force-refresh"]), ("0.207.1", ["auth token --host HOST"]),
            ("0.100.0", ["auth token --host HOST"]),
        ])
    func `program is asked by the host, once`(version: String, calls: [String]) async throws {
        try await StubWorkspace.with { workspace in
            workspace.accept("cli-token")
            let program = try FakeProgram(version: version, token: FakeProgram.printing("cli-token"))
            let client = try self.client(workspace, home: try TemporaryFolder(), program: program)
            for _ in 0..<3 { #expect(try await client.currentUser.me().userName == "me@example.com") }
            #expect(client.credentials.authType == .databricksCLI)
            let expected = ["version --output json"] + calls.map { $0.replacing("HOST", with: workspace.url) }
            #expect(program.calls == expected)
        }
    }

    @Test(arguments: [("1.13.0", true), ("0.207.1", true), ("0.207.0", false)])
    func `program is asked by the profile that names the host, when it knows profiles`(
        version: String, byProfile: Bool
    ) async throws {
        try await StubWorkspace.with { workspace in
            workspace.accept("cli-token")
            let home = try TemporaryFolder()
            try home.write("[work]\nhost = \(workspace.url)\nauth_type = databricks-cli\n", to: ".databrickscfg")
            let program = try FakeProgram(version: version, token: FakeProgram.printing("cli-token"))
            let asked = try self.client(
                workspace, home: home, program: program,
                ["DATABRICKS_HOST": "", "DATABRICKS_CONFIG_PROFILE": "work"])
            _ = try await asked.currentUser.me()
            #expect(program.calls.last?.contains(byProfile ? "--profile work" : "--host \(workspace.url)") == true)
            // A host from elsewhere that is the profile's is no other.
            let same = try self.client(
                workspace, home: home, program: program, ["DATABRICKS_CONFIG_PROFILE": "work"])
            _ = try await same.currentUser.me()
            #expect(program.calls.last?.contains(byProfile ? "--profile work" : "--host \(workspace.url)") == true)
            // The profile's login is not for another one.
            let calls = program.calls.count
            #expect(throws: DatabricksError.self) {
                try self.client(
                    workspace, home: home, program: program,
                    ["DATABRICKS_HOST": "https://other.example.com", "DATABRICKS_CONFIG_PROFILE": "work"])
            }
            #expect(program.calls.count == calls)
        }
    }

    @Test func `program is told of no workspace but the one that it is asked for`() async {
        // In a process of its own, since a process has one environment.
        await #expect(processExitsWith: .success) {
            for name in ["CONFIG_PROFILE", "HOST", "TOKEN", "CLIENT_ID", "ACCOUNT_ID"] {
                setenv("DATABRICKS_\(name)", "foreign", 1)
            }
            setenv("DATABRICKS_CONFIG_FILE", "/cfg", 1)
            let program = try FakeProgram(
                token: "case \"$(env)\" in *foreign*) exit 3;; *CONFIG_FILE=/cfg*) ;; *) exit 4;; esac; "
                    + FakeProgram.printing("cli-token"))
            let asked = DatabricksProgram(
                path: program.path, host: "https://h.example.com", profile: nil, configFile: nil)
            #expect(try await asked.token().token.withUnsafeValue { $0 } == "cli-token")
        }
    }

    @Test func `program is found on PATH`() async throws {
        try await StubWorkspace.with { workspace in
            workspace.accept("cli-token")
            let program = try FakeProgram(token: FakeProgram.printing("cli-token"))
            let client = try self.client(
                workspace, home: try TemporaryFolder(), ["PATH": "relative::/nonexistent:\(program.folder.path)"])
            #expect(try await client.currentUser.me().userName == "me@example.com")
        }
    }

    @Test(
        arguments: [
            (
                "echo 'databricks OAuth is not configured for canary' >&2; exit 1", "unauthenticated",
                "databricks auth login"
            ),
            ("echo 'Refresh token is invalid canary' >&2; exit 1", "unauthenticated", "has expired"),
            ("echo canary; echo canary >&2; exit 3", "unauthenticated", "status 3"),
            ("echo canary; kill -9 $$", "unauthenticated", "status 137"),
            ("echo canary", "invalidResponse", "did not print a token"),
            ("true", "invalidResponse", "did not print a token"),
            (FakeProgram.printing("can ary"), "invalidResponse", "not a bearer token"),
            (FakeProgram.printing("canary", expiry: "2999-01-01 00:00:00"), "invalidResponse", "RFC 3339"),
            (FakeProgram.printing("canary", expiry: "2020-01-01T00:00:00Z"), "invalidResponse", "clock"),
            ("yes canary", "invalidResponse", "too much"),
        ]
    )
    func `program that fails is an error with a remedy and without its words`(
        command: String, code: String, words: String
    ) async throws {
        try await StubWorkspace.with { workspace in
            let program = try FakeProgram(token: command)
            let error = try await self.failure(
                try self.client(workspace, home: try TemporaryFolder(), program: program))
            #expect(error.code.description == code, "\(error)")
            #expect(error.message.contains(words), "\(error)")
            #expect(!"\(error) \(String(reflecting: error))".contains("canary"))
            #expect(workspace.requests.isEmpty)
        }
    }

    @Test func `program that hangs is killed with all that it started`() async throws {
        let program = try FakeProgram(token: "sleep 600 & echo $! > \"$0.pid\"; wait")
        let slow = DatabricksProgram(
            path: program.path, host: "http://h", profile: nil, configFile: nil, limit: .seconds(1))
        let error = await #expect(throws: DatabricksError.self) { try await slow.token() }
        #expect(error?.code == .deadlineExceeded)
        let child = try #require(
            Int32(try program.folder.read("databricks.pid").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(await becomesTrue { kill(child, 0) != 0 || Self.isZombie(child) })
    }

    private static func isZombie(_ process: Int32) -> Bool {
        let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return status?.contains(") Z ") == true
    }

    @Test func `caller that goes away does not wait for the program`() async throws {
        let program = try FakeProgram(token: ": > \"$0.started\"; sleep 600")
        let slow = DatabricksProgram(path: program.path, host: "http://h", profile: nil, configFile: nil)
        let task = Task { try await slow.token() }
        #expect(await becomesTrue { (try? program.folder.read("databricks.started")) != nil })
        task.cancel()
        let error = await #expect(throws: DatabricksError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    // MARK: The token cache

    @Test(arguments: ["host", "profile"])
    func `token of the cache is sent while it lives, without any program`(key: String) async throws {
        try await StubWorkspace.with { workspace in
            workspace.accept("cached")
            let home = try TemporaryFolder()
            try home.write("[work]\nhost = \(workspace.url)\n", to: ".databrickscfg")
            let text = self.cache([
                key == "host" ? workspace.url : "work": self.entry("cached", expiry: "2999-01-01T00:00:00Z")
            ])
            try home.write(text, to: Self.cache)
            let client = try self.client(
                workspace, home: home, ["DATABRICKS_HOST": "", "DATABRICKS_CONFIG_PROFILE": "work"])
            #expect(try await client.currentUser.me().userName == "me@example.com")
            #expect(workspace.tokenRequests.isEmpty)
            #expect(try home.read(Self.cache) == text)
        }
    }

    @Test func `token that has ended is renewed and kept, for its owner only, beside what else is there`() async throws
    {
        try await StubWorkspace.with { workspace in
            let home = try TemporaryFolder()
            let other = self.entry("other", expiry: "2020-01-01T00:00:00Z", refresh: "refresh-x")
            try home.write(
                self.cache([
                    workspace.url: self.entry("old", expiry: "2020-01-01T00:00:00Z"),
                    "https://other.example.com": other,
                ]), to: Self.cache, mode: 0o644)
            let client = try self.client(workspace, home: home)
            #expect(try await client.currentUser.me().userName == "me@example.com")
            #expect(
                workspace.tokenRequests.map(\.form) == [
                    ["grant_type": "refresh_token", "refresh_token": "refresh-0", "client_id": "databricks-cli"]
                ])
            #expect(workspace.tokenRequests.first?.authorization == nil)
            #expect(try home.mode(Self.cache) == 0o600)
            let kept = try JSONDecoder().decode(JSONValue.self, from: Data(try home.read(Self.cache).utf8))
            #expect(kept["more"] == .boolean(true) && kept["version"] == .integer(1))
            let mine = kept["tokens"]?[workspace.url]
            #expect(mine?["access_token"] == .string("tok-1") && mine?["refresh_token"] == .string("refresh-1"))
            #expect(mine?["kept"] == .array([.integer(1), .number(2.5)]))
            #expect(kept["tokens"]?["https://other.example.com"]?["access_token"] == .string("other"))
            // The next process has it from the cache.
            let next = try self.client(workspace, home: home)
            _ = try await next.currentUser.me()
            #expect(workspace.tokenRequests.count == 1)
        }
    }

    @Test func `many processes renew a login once`() async throws {
        try await StubWorkspace.with { workspace in
            let home = try TemporaryFolder()
            try home.write(
                self.cache([workspace.url: self.entry("old", expiry: "2020-01-01T00:00:00Z")]), to: Self.cache)
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    let client = try self.client(workspace, home: home)
                    group.addTask { _ = try await client.currentUser.me() }
                }
                try await group.waitForAll()
            }
            #expect(workspace.tokenRequests.count == 1)
        }
    }

    @Test func `token that the workspace refuses is renewed although it should live`() async throws {
        try await StubWorkspace.with { workspace in
            let home = try TemporaryFolder()
            try home.write(
                self.cache([workspace.url: self.entry("revoked", expiry: "2999-01-01T00:00:00Z")]), to: Self.cache)
            let client = try self.client(workspace, home: home)
            #expect(try await self.failure(client).code == .unauthenticated)
            #expect(try await client.currentUser.me().userName == "me@example.com")
            #expect(workspace.tokenRequests.count == 1)
        }
    }

    @Test func `login that cannot be renewed says what to run, or is had from the program`() async throws {
        try await StubWorkspace.with { workspace in
            let home = try TemporaryFolder()
            try home.write(
                self.cache([
                    workspace.url: self.entry("old", expiry: "2020-01-01T00:00:00Z", refresh: "canary-refresh")
                ]), to: Self.cache)
            let error = try await self.failure(try self.client(workspace, home: home))
            #expect(error.code == .unauthenticated)
            #expect(error.message.contains("lakebase auth login --host \(workspace.url)"))
            #expect(!"\(error)".contains("canary"))
            workspace.accept("cli-token")
            let program = try FakeProgram(token: FakeProgram.printing("cli-token"))
            let client = try self.client(workspace, home: home, program: program)
            #expect(try await client.currentUser.me().userName == "me@example.com")
        }
    }

    @Test(arguments: [#"{"version":2,"tokens":{}}"#, "[]", "", "{", #"{"tokens":{}}"#])
    func `cache of another kind is named when it is asked for, and never overwritten`(text: String) async throws {
        let home = try TemporaryFolder()
        let path = try home.write(text, to: Self.cache)
        let store = LoginStore(path: path)
        let read = #expect(throws: DatabricksError.self) { try store.login(for: ["https://h"]) }
        #expect(read?.message.contains(path) == true)
        let login = LoginStore.Login(accessToken: Secret("t"), refreshToken: nil, expiresAt: Date())
        await #expect(throws: DatabricksError.self) { try await store.save(login, for: ["https://h"]) }
        #expect(try home.read(Self.cache) == text)
    }

    @Test func `cache of another kind is left to the program`() async throws {
        try await StubWorkspace.with { workspace in
            workspace.accept("cli-token")
            let home = try TemporaryFolder()
            try home.write(#"{"version":2}"#, to: Self.cache)
            let program = try FakeProgram(token: FakeProgram.printing("cli-token"))
            let client = try self.client(workspace, home: home, program: program)
            let me = try await client.currentUser.me()
            #expect(me.userName == "me@example.com")
            #expect(try home.read(Self.cache) == #"{"version":2}"#)
        }
    }

    @Test func `only a file that may be executed is a program`() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "folder/file")
        #expect(!WorkspaceConfiguration.isProgram(atPath: folder.path + "/folder"))
        #expect(!WorkspaceConfiguration.isProgram(atPath: folder.path + "/folder/file"))
        #expect(!WorkspaceConfiguration.isProgram(atPath: folder.path + "/none"))
        try ProgramFile.write("", to: folder.path + "/program")
        #expect(WorkspaceConfiguration.isProgram(atPath: folder.path + "/program"))
    }

    @Test func `lock that another process holds is waited for, and not for ever`() async throws {
        let home = try TemporaryFolder()
        var store = LoginStore(path: home.path + "/new/token-cache.json")
        store.lockLimit = .milliseconds(50)
        let login = LoginStore.Login(
            accessToken: Secret("t"), refreshToken: Secret("r"), expiresAt: Date(timeIntervalSince1970: 4e9))
        let (other, quick) = (LoginStore(path: store.path), store)
        try await other.withLock { () async throws(DatabricksError) in
            let error = await #expect(throws: DatabricksError.self) { try await quick.save(login, for: ["k"]) }
            #expect(error?.message.contains("another process holds it") == true)
        }
        try await quick.save(login, for: ["k", "l"])
        #expect(try quick.login(for: ["x", "l"]) == login)
        #expect(try home.mode("new") == 0o700)
    }

    @Test func `asked for by name, the cache is taken and no program`() throws {
        let home = try TemporaryFolder()
        let program = try FakeProgram(token: "true")
        let environment = [
            "DATABRICKS_HOST": "https://h.example.com", "DATABRICKS_AUTH_TYPE": "external-browser", "HOME": home.path,
            "DATABRICKS_CLI_PATH": program.path,
        ]
        let error = #expect(throws: DatabricksError.self) {
            try WorkspaceConfiguration.resolve(environment: environment)
        }
        #expect(error?.message.contains("lakebase auth login --host https://h.example.com") == true)
    }
}
