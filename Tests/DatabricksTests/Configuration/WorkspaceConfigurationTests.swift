//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@Suite("Workspace configuration")
struct WorkspaceConfigurationTests {
    static let file = """
        # a comment
        [DEFAULT]
        host = https://default.example.com/
        token = default-token

        [staging]
        HOST: staging.example.com
        client_id = staging-id
        client_secret=staging=secret
        workspace_id = 42

        [bare]
        host = https://bare.example.com

        [cli]
        host = https://cli.example.com
        auth_type = databricks-cli

        [empty]
        """

    private func resolve(
        _ arguments: WorkspaceConfiguration.Arguments = .init(),
        _ environment: [String: String] = [:],
        file: String? = Self.file
    ) throws(DatabricksError) -> WorkspaceConfiguration {
        var environment = environment
        environment["HOME"] = environment["HOME"] ?? "/home/u"
        return try WorkspaceConfiguration.resolve(arguments, environment: environment) { path in
            path == "/home/u/.databrickscfg" || path == "/etc/cfg" ? file : nil
        }
    }

    private func problems(
        _ arguments: WorkspaceConfiguration.Arguments = .init(),
        _ environment: [String: String] = [:],
        file: String? = Self.file
    ) -> [String] {
        do {
            _ = try self.resolve(arguments, environment, file: file)
            return []
        } catch {
            #expect(error.code == .invalidConfiguration)
            return error.details.compactMap(\.stringValue)
        }
    }

    private func text(_ secret: Setting<Secret>) -> String { secret.value.withUnsafeValue { $0 } }

    @Test func `arguments win over the environment`() throws {
        let found = try self.resolve(
            .init(host: "a.example.com", token: Secret("a-token")),
            ["DATABRICKS_HOST": "https://e.example.com", "DATABRICKS_TOKEN": "e-token", "DATABRICKS_WORKSPACE_ID": "7"]
        )
        #expect(found.host == Setting("https://a.example.com", from: .argument))
        #expect(found.authentication == .personalToken(Setting(Secret("a-token"), from: .argument)))
        // The id belongs to the workspace at the environment's host, which is another one.
        #expect(found.workspaceID == nil && found.profile == nil)
        let same = try self.resolve(
            .init(host: "e.example.com", token: Secret("a-token")),
            ["DATABRICKS_HOST": "https://e.example.com", "DATABRICKS_TOKEN": "e-token", "DATABRICKS_WORKSPACE_ID": "7"]
        )
        #expect(same.workspaceID == Setting("7", from: .environment("DATABRICKS_WORKSPACE_ID")))
        #expect(same.authentication == .personalToken(Setting(Secret("a-token"), from: .argument)))
    }

    @Test func `file gives everything when nothing else does`() throws {
        let found = try self.resolve()
        #expect(found.host.value == "https://default.example.com")
        #expect(found.host.source == .file(path: "/home/u/.databrickscfg", profile: "DEFAULT"))
        #expect(found.profile == "DEFAULT")
    }

    @Test func `named profile gives what the environment does not`() throws {
        let found = try self.resolve(.init(), ["DATABRICKS_CONFIG_PROFILE": "bare", "DATABRICKS_TOKEN": "e-token"])
        #expect(found.host.value == "https://bare.example.com")
        #expect(
            found.authentication == .personalToken(Setting(Secret("e-token"), from: .environment("DATABRICKS_TOKEN"))))
    }

    @Test func `profile of client credentials, from an argument, in a file of another name`() throws {
        let found = try self.resolve(.init(profile: "staging"), ["DATABRICKS_CONFIG_FILE": "/etc/cfg"])
        let source = SettingSource.file(path: "/etc/cfg", profile: "staging")
        #expect(found.host == Setting("https://staging.example.com", from: source))
        #expect(
            found.authentication
                == .clientCredentials(
                    id: Setting("staging-id", from: source), secret: Setting(Secret("staging=secret"), from: source))
        )
        #expect(found.workspaceID?.value == "42")
    }

    @Test func `file is skipped when a host or credentials are set and no profile is asked for`() {
        #expect(self.problems(.init(), ["DATABRICKS_TOKEN": "t"]).map { $0.prefix(12) } == ["no workspace"])
        #expect(
            self.problems(.init(), ["DATABRICKS_HOST": "h.example.com"]).map { $0.prefix(14) } == ["no credentials"])
        #expect(self.problems(.init(), ["DATABRICKS_CLIENT_ID": "i", "DATABRICKS_HOST": "h.example.com"]).count == 1)
    }

    @Test func `settings section names the profile, and is none itself`() throws {
        let file =
            "[__settings__]\ndefault_profile = p\n[DEFAULT]\nhost = d.example.com\n[p]\nhost = p.example.com\ntoken = t\n"
        #expect(try self.resolve(file: file).profile == "p")
        #expect(self.problems(.init(profile: "__settings__"), file: file).first?.contains("no profile") == true)
        #expect(
            self.problems(file: "[__settings__]\ndefault_profile = q\n").first?.contains(
                "default_profile in [__settings__]") == true)
    }

    @Test func `profile inherits nothing from DEFAULT`() {
        let problems = self.problems(.init(profile: "bare"))
        #expect(problems.count == 1 && problems[0].hasPrefix("no credentials"))
        #expect(self.problems(.init(profile: "empty")).count == 2)
    }

    @Test func `unknown profile names the file, who asked, and the profiles there are`() {
        let problems = self.problems(.init(), ["DATABRICKS_CONFIG_PROFILE": "prod"])
        #expect(problems[0].contains("/home/u/.databrickscfg has no profile 'prod'"))
        #expect(problems[0].contains("DATABRICKS_CONFIG_PROFILE"))
        #expect(problems[0].contains("DEFAULT, bare, cli, empty, staging"))
    }

    @Test func `missing file is an error only when it or a profile is asked for`() throws {
        #expect(self.problems(.init(profile: "p"), file: nil).contains { $0.contains("does not exist") })
        #expect(self.problems(.init(configFile: "/nowhere")).contains { $0.contains("/nowhere does not exist") })
        #expect(!self.problems(file: nil).contains { $0.contains("does not exist") })
    }

    @Test func `file that cannot be read is an error without its contents`() {
        struct Denied: Error {}
        let error = #expect(throws: DatabricksError.self) {
            try WorkspaceConfiguration.resolve(environment: ["HOME": "/h"]) { _ in throw Denied() }
        }
        #expect(error?.message.contains("/h/.databrickscfg") == true)
    }

    @Test func `empty values count as unset`() throws {
        let found = try self.resolve(
            .init(host: "", token: Secret(""), profile: ""),
            [
                "DATABRICKS_HOST": "", "DATABRICKS_TOKEN": " ", "DATABRICKS_CONFIG_PROFILE": "",
                "DATABRICKS_CLIENT_ID": "",
            ]
        )
        #expect(found.profile == "DEFAULT")
    }

    @Test func `two methods are one error that names both and where each came from`() throws {
        let environment = [
            "DATABRICKS_HOST": "h.example.com", "DATABRICKS_TOKEN": "t", "DATABRICKS_CLIENT_ID": "i",
            "DATABRICKS_CLIENT_SECRET": "s",
        ]
        let problems = self.problems(.init(), environment)
        #expect(problems.count == 1)
        for part in [
            "pat (token from the environment variable DATABRICKS_TOKEN)",
            "oauth (client_id from the environment variable DATABRICKS_CLIENT_ID", "DATABRICKS_AUTH_TYPE",
        ] {
            #expect(problems[0].contains(part))
        }
        let pat = try self.resolve(.init(authType: "pat"), environment)
        #expect(pat.authentication.type == .personalToken)
        let oauth = try self.resolve(.init(), environment.merging(["DATABRICKS_AUTH_TYPE": "oauth-m2m"]) { $1 })
        #expect(oauth.authentication.type == .clientCredentials)
    }

    @Test(
        arguments: [
            (["DATABRICKS_CLIENT_ID": "i"], "DATABRICKS_CLIENT_SECRET"),
            (["DATABRICKS_CLIENT_SECRET": "s"], "DATABRICKS_CLIENT_ID"),
            (["DATABRICKS_AUTH_TYPE": "pat"], "DATABRICKS_TOKEN"),
            (["DATABRICKS_AUTH_TYPE": "azure-cli"], "'azure-cli'"),
            (["DATABRICKS_USERNAME": "u", "DATABRICKS_PASSWORD": "p"], "basic"),
            (["ARM_CLIENT_ID": "u"], "azure"),
            (["DATABRICKS_TOKEN": "two words"], "token"),
            (["DATABRICKS_TOKEN": "line\r\nX-Evil: 1"], "token"),
            (["DATABRICKS_CLIENT_ID": "a:b", "DATABRICKS_CLIENT_SECRET": "s"], "colon"),
            (["DATABRICKS_TOKEN": "t", "DATABRICKS_WORKSPACE_ID": "x1"], "x1"),
            (["DATABRICKS_TOKEN": "t", "DATABRICKS_DISCOVERY_URL": "ftp://x"], "discovery"),
        ]
    )
    func `wrong settings`(environment: [String: String], word: String) {
        let problems = self.problems(.init(host: "h.example.com"), environment)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(word) == true)
        #expect(!problems.joined().contains("X-Evil") && !problems.joined().contains("two words"))
    }

    @Test func `all problems are reported at once`() {
        let problems = self.problems(
            .init(), ["DATABRICKS_HOST": "ftp://x", "DATABRICKS_CLIENT_ID": "i", "DATABRICKS_WORKSPACE_ID": "abc"]
        )
        #expect(problems.count == 3)
    }

    @Test func `broken lines of a file are named by number only`() {
        let problems = self.problems(file: "[DEFAULT]\nhost = h.example.com\ntoken = t\ndapi-canary\n[open\n")
        #expect(
            problems == [
                "/home/u/.databrickscfg, line 4: neither a section nor 'key = value'",
                "/home/u/.databrickscfg, line 5: '[' without ']'",
            ])
    }

    @Test(
        arguments: [
            ("dbc.cloud.databricks.com", "https://dbc.cloud.databricks.com"),
            ("https://dbc.cloud.databricks.com/", "https://dbc.cloud.databricks.com"),
            ("HTTPS://DBC.Cloud.databricks.com:443//", "https://dbc.cloud.databricks.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("127.0.0.1:8080", "https://127.0.0.1:8080"),
            ("http://localhost:80/x?o=1", "http://localhost"), ("https://h:8443/?o=1#f", "https://h:8443"),
            ("http://[::1]:8080/", "http://[::1]:8080"), ("http://h:443", "http://h:443"),
        ]
    )
    func `hosts are normalised`(given: String, host: String) throws {
        #expect(try self.resolve(.init(host: given, token: Secret("t"))).host.value == host)
    }

    @Test(
        arguments: [
            "ftp://h", "https://", "://h", "https://u:p@h", "https://u@h", "h h", "https://h:0", "https://h:65536",
            "https://h:x",
            "https://h\\evil", "https://h:99999999999999999999", "\u{0}", "http://[::1",
        ]
    )
    func `impossible hosts are refused`(given: String) {
        #expect(self.problems(.init(host: given, token: Secret("t"))).count == 1)
    }

    @Test func `provider of the program's own needs no credentials`() throws {
        let found = try self.resolve(.init(host: "h.example.com", customAuthType: AuthType(rawValue: "mine")))
        #expect(found.authentication == .custom(AuthType(rawValue: "mine")))
    }

    @Test func `odd files never trap`() {
        for text in [
            "", "\u{FEFF}", "[", "]", "[]", "=", "[=]\n=\n:", "\r\n\r\n", String(repeating: "[a]\n", count: 1_000),
            "\u{0}\u{0}", "[a]]\nx",
        ] {
            _ = self.problems(file: text)
        }
    }
}
