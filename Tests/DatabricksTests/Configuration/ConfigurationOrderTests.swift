//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import Databricks

/// What wins over what, and which method is taken.
@Suite("Order of the configuration")
struct ConfigurationOrderTests {
    private static let home = "/home/u"
    private static let file = """
        [DEFAULT]
        host = https://file.example.com
        token = file-token

        [m2m]
        host = https://m2m.example.com
        client_id = file-id
        client_secret = file-secret

        [cli]
        host = https://cli.example.com
        auth_type = databricks-cli

        [pinned]
        host = https://pinned.example.com
        auth_type = pat
        token = pinned-token
        client_id = file-id
        client_secret = file-secret

        [full]
        host = https://full.example.com
        account_id = a-1
        workspace_id = 42
        group_id = g-1
        cloud = AZURE
        discovery_url = https://full.example.com/d
        scopes = sql, clusters sql
        authorization_details = []
        token_audience = aud
        token = full-token
        """
    private static let cache = #"{"version":1,"tokens":{"https://h.example.com":{"access_token":"t"}}}"#

    private func resolve(
        _ arguments: WorkspaceConfiguration.Arguments = .init(), _ environment: [String: String] = [:],
        file: String? = Self.file, programs: Set<String> = [], cache: String? = nil
    ) throws -> WorkspaceConfiguration {
        try WorkspaceConfiguration.resolve(
            arguments, environment: environment.merging(["HOME": Self.home]) { given, _ in given },
            readFile: { path in
                switch path {
                case "\(Self.home)/.databrickscfg": file
                case "\(Self.home)/.databricks/token-cache.json": cache
                default: nil
                }
            }, isProgram: { programs.contains($0) })
    }

    /// One setting, and who says what about it.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var argument: String?
        var environment: String?
        var file: String?
        var found: (value: String, source: String)?

        var testDescription: String { self.name }
    }

    @Test(
        arguments: [
            Case(
                name: "argument before all", argument: "a", environment: "e", file: "f", found: ("a", "an argument")),
            Case(
                name: "environment before the file", environment: "e", file: "f",
                found: ("e", "the environment variable DATABRICKS_ACCOUNT_ID")),
            Case(name: "file", file: "f", found: ("f", "profile p in /home/u/.databrickscfg")),
            Case(
                name: "empty argument is none", argument: "", environment: "e", file: "f",
                found: ("e", "the environment variable DATABRICKS_ACCOUNT_ID")),
            Case(
                name: "empty variable is none", environment: "", file: "f",
                found: ("f", "profile p in /home/u/.databrickscfg")),
            Case(name: "empty key is none", file: ""),
            Case(name: "nobody"),
        ]
    )
    func `what is set first stays`(item: Case) throws {
        var environment = ["DATABRICKS_CONFIG_PROFILE": "p"]
        environment["DATABRICKS_ACCOUNT_ID"] = item.environment
        let key = item.file.map { "account_id = \($0)\n" } ?? ""
        let found = try self.resolve(
            .init(accountID: item.argument), environment,
            file: "[p]\nhost = p.example.com\ntoken = t\n" + key)
        #expect(found.accountID?.value == item.found?.value)
        #expect(found.accountID.map { "\($0.source)" } == item.found?.source)
    }

    @Test(
        arguments: [
            // A token of the environment beats the profile's, whose host still counts.
            (
                ["DATABRICKS_TOKEN": "e-token", "DATABRICKS_CONFIG_PROFILE": "DEFAULT"],
                "https://file.example.com with pat, token from the environment variable DATABRICKS_TOKEN"
            ),
            // Without a profile asked for, a variable with credentials or a host leaves the file alone.
            (["DATABRICKS_TOKEN": "e-token"], nil), (["DATABRICKS_HOST": "h.example.com"], nil),
            (["DATABRICKS_AZURE_RESOURCE_ID": "r"], nil), (["DATABRICKS_OIDC_TOKEN_FILEPATH": "/t"], nil),
            // Other variables do not.
            (
                ["DATABRICKS_WORKSPACE_ID": "7", "DATABRICKS_CLOUD": "AWS"],
                "https://file.example.com with pat, token from profile DEFAULT in /home/u/.databrickscfg"
            ),
            // A profile's auth_type settles what would be two methods.
            (
                ["DATABRICKS_CONFIG_PROFILE": "pinned"],
                "https://pinned.example.com with pat, token from profile pinned in /home/u/.databrickscfg"
            ),
            (
                ["DATABRICKS_CONFIG_PROFILE": "pinned", "DATABRICKS_AUTH_TYPE": "oauth-m2m"],
                "https://pinned.example.com with oauth-m2m, client id file-id from profile pinned in /home/u/.databrickscfg, client secret from profile pinned in /home/u/.databrickscfg"
            ),
            // Two methods from two places are an error all the same.
            (["DATABRICKS_CONFIG_PROFILE": "m2m", "DATABRICKS_TOKEN": "e-token"], nil),
        ] as [([String: String], String?)]
    )
    func `environment and file`(environment: [String: String], found: String?) {
        let configuration = try? self.resolve(.init(), environment)
        #expect(configuration?.description == found)
    }

    @Test(
        arguments: [
            ([:], ["DATABRICKS_TOKEN": "t"], "pat"),
            ([:], ["DATABRICKS_CLIENT_ID": "i", "DATABRICKS_CLIENT_SECRET": "s"], "oauth-m2m"),
            // The chain's order where nothing contradicts.
            ([:], ["DATABRICKS_TOKEN": "t", "DATABRICKS_OIDC_TOKEN": "id"], "pat"),
            (
                [:],
                ["DATABRICKS_CLIENT_ID": "i", "DATABRICKS_CLIENT_SECRET": "s", "DATABRICKS_OIDC_TOKEN": "id"],
                "oauth-m2m"
            ),
            ([:], ["DATABRICKS_CLIENT_ID": "i", "DATABRICKS_OIDC_TOKEN": "id"], "env-oidc"),
            ([:], ["DATABRICKS_OIDC_TOKEN_FILE": "/t"], "file-oidc"),
            (
                [:],
                [
                    "DATABRICKS_CLIENT_ID": "i", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://g",
                    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "r",
                ], "github-oidc"
            ),
            (["programs": "/bin/databricks"], ["PATH": "/usr/bin:/bin"], "databricks-cli"),
            (["programs": "/opt/dbx"], ["DATABRICKS_CLI_PATH": "/opt/dbx"], "databricks-cli"),
            (["programs": "/bin/dbx"], ["DATABRICKS_CLI_PATH": "dbx", "PATH": "/bin"], "databricks-cli"),
            (["cache": "yes"], [:], "databricks-cli"),
            (["cache": "yes"], ["DATABRICKS_AUTH_TYPE": "external-browser"], "external-browser"),
            (["cache": "yes"], ["DATABRICKS_TOKEN": "t"], "pat"),
            // auth_type forces one.
            (
                [:], ["DATABRICKS_TOKEN": "t", "DATABRICKS_OIDC_TOKEN": "id", "DATABRICKS_AUTH_TYPE": "env-oidc"],
                "env-oidc"
            ),
            (
                [:],
                [
                    "DATABRICKS_CLIENT_ID": "i", "DATABRICKS_OIDC_TOKEN_ENV": "X", "X": "id",
                    "DATABRICKS_AUTH_TYPE": "env-oidc",
                ],
                "env-oidc"
            ),
        ] as [([String: String], [String: String], String)]
    )
    func `method that is taken`(machine: [String: String], environment: [String: String], type: String) throws {
        var environment = environment
        environment["DATABRICKS_HOST"] = "h.example.com"
        let found = try self.resolve(
            .init(), environment, programs: Set([machine["programs"]].compactMap { $0 }),
            cache: machine["cache"].map { _ in Self.cache })
        #expect(found.authentication.type.rawValue == type)
    }

    @Test(
        arguments: [
            (["DATABRICKS_TOKEN": "t", "DATABRICKS_CLIENT_ID": "i"], ["oauth (client_id", "pat (token"]),
            (
                ["DATABRICKS_OIDC_TOKEN_ENV": "X", "DATABRICKS_OIDC_TOKEN_FILEPATH": "/t"],
                ["env-oidc (oidc_token_env", "file-oidc (oidc_token_filepath"]
            ),
            (["DATABRICKS_TOKEN": "t", "ARM_USE_MSI": "true"], ["azure (azure_use_msi from", "ARM_USE_MSI", "pat"]),
            (
                ["DATABRICKS_USERNAME": "u", "GOOGLE_CREDENTIALS": "g", "DATABRICKS_METADATA_SERVICE_URL": "m"],
                ["basic (", "google (", "metadata-service ("]
            ),
        ]
    )
    func `two families of methods are an error that names them and their origins`(
        environment: [String: String], parts: [String]
    ) throws {
        let error = #expect(throws: DatabricksError.self) {
            try self.resolve(.init(host: "h.example.com"), environment)
        }
        let message = try #require(error?.message)
        for part in parts + ["more than one", "DATABRICKS_AUTH_TYPE"] { #expect(message.contains(part), "\(message)") }
    }

    @Test func `when none fits, one explanation says what each method lacked`() throws {
        let error = #expect(throws: DatabricksError.self) { try self.resolve(.init(host: "h.example.com")) }
        #expect(error?.details.count == 1)
        let message = try #require(error?.message)
        for part in [
            "pat (there is no token: set DATABRICKS_TOKEN)", "oauth-m2m (there is no client id and secret",
            "env-oidc (there is no ID token: set DATABRICKS_OIDC_TOKEN)", "file-oidc (",
            "DATABRICKS_OIDC_TOKEN_FILEPATH",
            "github-oidc (", "id-token: write",
            "databricks-cli (there is no login for it in /home/u/.databricks/token-cache.json",
            "run 'lakebase auth login --host https://h.example.com'",
        ] {
            #expect(message.contains(part), "\(message)")
        }
    }

    @Test func `a person's login is not taken for half a service principal`() {
        let error = #expect(throws: DatabricksError.self) {
            try self.resolve(
                .init(), ["DATABRICKS_HOST": "h.example.com", "DATABRICKS_CLIENT_ID": "i"], cache: Self.cache)
        }
        #expect(error?.message.contains("without a client secret: set DATABRICKS_CLIENT_SECRET") == true)
    }

    @Test(arguments: ["azure-cli", "nonsense", "runtime"])
    func `method that is not known is refused with the list of those that are`(type: String) {
        let error = #expect(throws: DatabricksError.self) {
            try self.resolve(.init(host: "h.example.com", authType: type))
        }
        for name in [type, "pat", "oauth-m2m", "env-oidc", "file-oidc", "github-oidc", "databricks-cli"] {
            #expect(error?.message.contains(name) == true)
        }
    }

    // MARK: A profile that the program names

    /// Every variable that says something about the workspace, all of them of another one.
    private static let foreign: [String: String] = Dictionary(
        uniqueKeysWithValues: WorkspaceConfiguration.variables.map { variable in
            switch variable.name {
            case "DATABRICKS_CONFIG_FILE": (variable.name, "\(Self.home)/.databrickscfg")
            case "DATABRICKS_HOST", "DATABRICKS_DISCOVERY_URL": (variable.name, "https://foreign.example.com")
            case "DATABRICKS_AUTH_TYPE": (variable.name, "oauth-m2m")
            default: (variable.name, "foreign")
            }
        }
    ).merging(["DATABRICKS_OIDC_TOKEN": "foreign", "foreign": "foreign"]) { $1 }

    @Test func `profile that the program names comes before the environment, with nothing of it mixed in`() throws {
        for (profile, description) in [
            ("DEFAULT", "https://file.example.com with pat, token from profile DEFAULT in /home/u/.databrickscfg"),
            (
                "m2m",
                "https://m2m.example.com with oauth-m2m, client id file-id from profile m2m in /home/u/.databrickscfg, client secret from profile m2m in /home/u/.databrickscfg"
            ),
            ("pinned", "https://pinned.example.com with pat, token from profile pinned in /home/u/.databrickscfg"),
        ] {
            let found = try self.resolve(.init(profile: profile), Self.foreign)
            #expect(found.description == description)
            #expect(!found.describe().description.contains("foreign"), "\(found.describe())")
            // The same where there is only an environment to say it in.
            let environment = WorkspaceConfiguration.environment(Self.foreign, choosing: profile)
            #expect(try self.resolve(.init(), environment).description == description)
        }
        let full = try self.resolve(.init(profile: "full"))
        #expect(try self.resolve(.init(profile: "full"), Self.foreign) == full)
    }

    @Test func `profile without credentials is given none of the environment, which the error says`() {
        let error = #expect(throws: DatabricksError.self) {
            try self.resolve(.init(profile: "p"), Self.foreign, file: "[p]\nhost = p.example.com\n")
        }
        let message = error?.message ?? ""
        #expect(message.contains("no credentials") && message.contains("not used, because a profile is asked for"))
        #expect(message.contains("DATABRICKS_HOST") && message.contains("DATABRICKS_TOKEN"), "\(message)")
    }

    @Test func `what the profile itself asks for is found in the environment`() throws {
        let file = "[p]\nhost = p.example.com\noidc_token_env = X\n[q]\nhost = q.example.com\nauth_type = env-oidc\n"
        for profile in ["p", "q"] {
            let found = try self.resolve(
                .init(profile: profile), ["X": "id", "DATABRICKS_OIDC_TOKEN": "id"], file: file)
            #expect(found.authentication.type == .environmentOIDC)
        }
        let found = try self.resolve(
            .init(profile: "cli"), ["DATABRICKS_CLI_PATH": "/opt/dbx", "DATABRICKS_TOKEN": "t"], programs: ["/opt/dbx"])
        #expect(found.authentication.type == .databricksCLI)
    }

    @Test func `profile's credentials are not sent to another host that the program names`() throws {
        let error = #expect(throws: DatabricksError.self) {
            try self.resolve(.init(host: "other.example.com", profile: "DEFAULT"))
        }
        #expect(error?.message.contains("is not for https://other.example.com") == true)
        #expect(try self.resolve(.init(host: "FILE.example.com/", profile: "DEFAULT")).profile == "DEFAULT")
    }

    @Test func `file that the program names has to exist, also when it is not needed`() throws {
        let environment = ["DATABRICKS_HOST": "h.example.com", "DATABRICKS_TOKEN": "t"]
        let error = #expect(throws: DatabricksError.self) {
            try self.resolve(.init(configFile: "/nowhere"), environment)
        }
        #expect(error?.message == "/nowhere does not exist, but an argument names it: create it or name another")
        let found = try self.resolve(.init(configFile: "/home/u/.databrickscfg"), environment)
        #expect(found.host.value == "https://h.example.com" && found.configFile == nil)
    }

    // MARK: The workspace's id in the address

    @Test(
        arguments: [
            (["DATABRICKS_HOST": "https://h.example.com/?o=777"], "777"),
            (["DATABRICKS_HOST": "h.example.com?x=1&o=777#y"], "777"),
            (["DATABRICKS_HOST": "https://h.example.com/?workspace_id=777"], "777"),
            (["DATABRICKS_HOST": "https://h.example.com/?o=777&o=777"], "777"),
            (["DATABRICKS_HOST": "https://h.example.com/?o=777", "DATABRICKS_WORKSPACE_ID": "777"], "777"),
            (["DATABRICKS_HOST": "https://h.example.com/?o=777", "DATABRICKS_WORKSPACE_ID": "778"], "refused"),
            (["DATABRICKS_HOST": "https://h.example.com/?o=777&o=778"], "refused"),
            (["DATABRICKS_HOST": "https://h.example.com/?o=abc"], "refused"),
            (["DATABRICKS_HOST": "https://h.example.com/?o="], "refused"),
            (["DATABRICKS_HOST": "https://h.example.com/?other=777"], nil),
        ] as [([String: String], String?)]
    )
    func `workspace's id is taken from the host's address, and a mismatch is refused`(
        environment: [String: String], id: String?
    ) {
        let found = try? self.resolve(.init(), environment.merging(["DATABRICKS_TOKEN": "t"]) { $1 })
        #expect((found == nil) == (id == "refused"))
        guard let found else { return }
        #expect(found.host.value == "https://h.example.com" && found.workspaceID?.value == id)
    }

    // MARK: What the host says

    @Test func `what the host says about itself fills what is missing, and nothing else`() throws {
        let metadata = OAuth.HostMetadata(
            oidcEndpoint: "https://h.example.com/oidc/accounts/{account_id}/", accountID: "host-account",
            workspaceID: "900800700600", cloud: "aws", defaultOIDCAudiences: ["first", "second"])
        var bare = try self.resolve(.init(host: "h.example.com", token: Secret("t")))
        bare.fill(from: metadata)
        #expect(bare.accountID == Setting("host-account", from: .host))
        #expect(bare.workspaceID == Setting("900800700600", from: .host))
        #expect(bare.cloud == Setting("AWS", from: .host))
        #expect(bare.tokenAudience == Setting("first", from: .host))
        #expect(
            bare.discoveryURL
                == Setting(
                    "https://h.example.com/oidc/accounts/host-account/.well-known/oauth-authorization-server",
                    from: .host))
        let full = try self.resolve(.init(profile: "full"))
        var filled = full
        filled.fill(from: metadata)
        #expect(filled == full)
    }

    @Test(
        arguments: [
            OAuth.HostMetadata(), .init(oidcEndpoint: ""), .init(oidcEndpoint: "http://evil.example.com/oidc"),
            .init(oidcEndpoint: "https://h.example.com/{account_id}"), .init(workspaceID: "abc"),
            .init(workspaceID: "-1"), .init(cloud: "MOON"), .init(defaultOIDCAudiences: []),
        ])
    func `what cannot be right is left out`(metadata: OAuth.HostMetadata) throws {
        let bare = try self.resolve(.init(host: "h.example.com", token: Secret("t")))
        var filled = bare
        filled.fill(from: metadata)
        #expect(filled == bare)
    }

    // MARK: The description

    @Test func `description names each value's origin and masks secrets`() throws {
        let description = try self.resolve(
            .init(),
            ["DATABRICKS_CONFIG_PROFILE": "full", "DATABRICKS_WORKSPACE_ID": "7", "DATABRICKS_TOKEN": "canary"]
        ).describe()
        let file = "profile full in /home/u/.databrickscfg"
        #expect(
            description.description == """
                host: https://full.example.com (from \(file))
                workspace_id: 7 (from the environment variable DATABRICKS_WORKSPACE_ID)
                account_id: a-1 (from \(file))
                group_id: g-1 (from \(file))
                cloud: AZURE (from \(file))
                discovery_url: https://full.example.com/d (from \(file))
                token: ******** (from the environment variable DATABRICKS_TOKEN)
                scopes: clusters sql (from \(file))
                authorization_details: [] (from \(file))
                token_audience: aud (from \(file))
                """)
        #expect(description.authType == .personalToken && description.profile == "full")
        #expect(description.configFile == "/home/u/.databrickscfg")
    }

    @Test func `description of every method shows its parts and no secret`() throws {
        let environments: [([String: String], [String])] = [
            (["DATABRICKS_CLIENT_ID": "i", "DATABRICKS_CLIENT_SECRET": "canary"], ["client_id", "client_secret"]),
            (["DATABRICKS_OIDC_TOKEN": "canary"], ["oidc_token_env"]),
            (
                ["DATABRICKS_OIDC_TOKEN_FILE": "/t", "DATABRICKS_CLIENT_ID": "i", "DATABRICKS_AUTH_TYPE": "file-oidc"],
                ["client_id", "oidc_token_filepath"]
            ),
            (
                [
                    "DATABRICKS_CLIENT_ID": "i", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://g",
                    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "canary",
                ], ["client_id", "id_token_request_url", "id_token_request_token"]
            ),
            (["DATABRICKS_AUTH_TYPE": "databricks-cli"], ["token_cache"]),
        ]
        for (environment, names) in environments {
            let found = try self.resolve(
                .init(), environment.merging(["DATABRICKS_HOST": "h.example.com"]) { $1 }, cache: Self.cache)
            #expect(found.describe().entries.map(\.name) == ["host"] + names)
            #expect(!"\(found.describe()) \(found) \(String(reflecting: found))".contains("canary"))
        }
    }

    @Test(
        arguments: [
            ([:], []), (["GITHUB_ACTIONS": "true"], ["cicd/github"]), (["GITHUB_ACTIONS": "false"], []),
            (["JENKINS_URL": "http://j"], ["cicd/jenkins"]),
            (
                ["DATABRICKS_SDK_UPSTREAM": "my tool", "DATABRICKS_SDK_UPSTREAM_VERSION": "1.2", "CIRCLECI": "true"],
                ["upstream/my-tool", "upstream-version/1.2", "cicd/circle"]
            ),
            (["DATABRICKS_RUNTIME_VERSION": "15.4\r\nX: y"], ["runtime/15.4--X--y"]),
        ] as [([String: String], [String])]
    )
    func `user agent tells the surroundings`(environment: [String: String], extras: [String]) throws {
        let found = try self.resolve(.init(host: "h.example.com", token: Secret("t")), environment)
        #expect(found.userAgentExtras == extras)
        let agent = UserAgent.text(product: found.product, authType: .personalToken, extras: extras)
        #expect(agent.hasPrefix("unknown/0.0.0 databricks-sdk-swift/") && agent.contains(" auth/pat"))
        #expect(extras.allSatisfy { agent.contains(" \($0)") })
    }
}
