//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import Databricks

/// A secret is for the host that its own source names, and is sent to no other.
@Suite("Secrets and the hosts that they are for")
struct SecretsAndHostsTests {
    private static let file = """
        [a]
        host = https://a.example.com
        token = for-a-of-the-file

        [b]
        host = https://b.example.com/
        token = for-b-of-the-file

        [hostless]
        token = for-any-of-the-file

        [bare]
        host = https://b.example.com

        [m2m]
        host = https://a.example.com
        client_id = id
        client_secret = secret
        discovery_url = https://accounts.example.com/oidc/d

        [asked]
        host = https://a.example.com/?o=777
        token = for-a-of-the-file
        """

    private func resolve(
        _ arguments: WorkspaceConfiguration.Arguments, _ environment: [String: String], cache: String? = nil
    ) throws(DatabricksError) -> WorkspaceConfiguration {
        try WorkspaceConfiguration.resolve(
            arguments, environment: environment.merging(["HOME": "/home/u"]) { given, _ in given },
            readFile: { path in path.hasSuffix(".databrickscfg") ? Self.file : cache }, isProgram: { _ in false })
    }

    @Test func `no secret reaches a host that its own source does not name, whatever is set where`() {
        let hosts = ["a": "https://a.example.com", "b": "https://b.example.com", "bare": "https://b.example.com"]
        let profiles = [nil, "a", "b", "hostless", "bare"]
        var (refused, found) = (0, 0)
        for argumentHost in [nil, "a.example.com", "https://B.example.com:443/"] {
            for argumentProfile in profiles {
                for environmentHost in [nil, "https://A.example.com/", "b.example.com"] {
                    for environmentProfile in profiles {
                        for hasToken in [false, true] {
                            var environment: [String: String] = [:]
                            environment["DATABRICKS_HOST"] = environmentHost
                            environment["DATABRICKS_CONFIG_PROFILE"] = environmentProfile
                            // What the environment's token is for: its own host, or that of the profile that it names.
                            let own =
                                environmentHost.map { $0.lowercased().contains("a.example") ? "a" : "b" }
                                ?? environmentProfile.flatMap { hosts[$0] == nil ? nil : ($0 == "bare" ? "b" : $0) }
                            if hasToken { environment["DATABRICKS_TOKEN"] = "for-\(own ?? "any")-of-the-environment" }
                            let arguments = WorkspaceConfiguration.Arguments(
                                host: argumentHost, profile: argumentProfile)
                            guard let configuration = try? self.resolve(arguments, environment) else {
                                refused += 1
                                continue
                            }
                            found += 1
                            let host = configuration.host.value
                            guard case .personalToken(let token) = configuration.authentication else {
                                Issue.record("\(arguments) \(environment): \(configuration)")
                                continue
                            }
                            let secret = token.value.withUnsafeValue { $0 }
                            let isRight =
                                secret.hasPrefix("for-any-")
                                || secret.hasPrefix("for-a-") == (host == "https://a.example.com")
                            #expect(isRight, "\(secret) at \(host): \(arguments.host ?? "") \(environment)")
                        }
                    }
                }
            }
        }
        #expect(refused > 50 && found > 50)
    }

    @Test(
        arguments: [
            ["DATABRICKS_HOST": "https://b.example.com", "DATABRICKS_CONFIG_PROFILE": "a"],
            ["DATABRICKS_HOST": "http://a.example.com", "DATABRICKS_CONFIG_PROFILE": "a"],
            ["DATABRICKS_HOST": "https://a.example.com:8443", "DATABRICKS_CONFIG_PROFILE": "a"],
            ["DATABRICKS_HOST": "https://b.example.com", "DATABRICKS_TOKEN": "t", "DATABRICKS_CONFIG_PROFILE": "a"],
            ["DATABRICKS_HOST": "https://b.example.com", "DATABRICKS_TOKEN": "t", "DATABRICKS_CONFIG_PROFILE": "m2m"],
            ["DATABRICKS_HOST": "https://a.example.com/?o=778", "DATABRICKS_CONFIG_PROFILE": "asked"],
        ])
    func `profile and host of the environment that disagree are refused, with the remedy`(
        environment: [String: String]
    ) {
        let error = #expect(throws: DatabricksError.self) { try self.resolve(.init(), environment) }
        let message = error?.message ?? ""
        #expect(error?.details.count == 1 && message.contains("' is not for "), "\(message)")
        #expect(message.contains("unset DATABRICKS_CONFIG_PROFILE or DATABRICKS_HOST"), "\(message)")
        #expect(!message.contains("-of-the-file"))
    }

    @Test(
        arguments: [
            "https://A.example.com", "a.example.com", "https://a.example.com:443/", "https://a.example.com/?o=7",
        ])
    func `profile and host of the environment that agree are one configuration`(host: String) throws {
        let found = try self.resolve(.init(), ["DATABRICKS_HOST": host, "DATABRICKS_CONFIG_PROFILE": "a"])
        #expect(found.host.value == "https://a.example.com" && found.profile == "a")
        #expect(found.host.source == .environment("DATABRICKS_HOST"))
        #expect(found.authentication.type == .personalToken)
    }

    @Test func `host that the program names takes the place of an environment of another one, and says so`() throws {
        for environment in [
            ["DATABRICKS_HOST": "https://b.example.com", "DATABRICKS_TOKEN": "t"],
            ["DATABRICKS_HOST": "https://b.example.com", "DATABRICKS_OIDC_TOKEN": "t"],
            ["DATABRICKS_HOST": "nonsense nonsense", "DATABRICKS_TOKEN": "t"],
            ["DATABRICKS_CONFIG_PROFILE": "b"], ["DATABRICKS_CONFIG_PROFILE": "b", "DATABRICKS_TOKEN": "t"],
        ] {
            let error = #expect(throws: DatabricksError.self) {
                try self.resolve(.init(host: "a.example.com"), environment)
            }
            let message = error?.message ?? ""
            #expect(message.contains("no credentials") && message.contains("for another workspace"), "\(message)")
            // What the program says itself is enough, and nothing is mixed in.
            let found = try self.resolve(
                .init(host: "a.example.com", clientID: "i", clientSecret: Secret("s")),
                environment.merging([
                    "DATABRICKS_WORKSPACE_ID": "7", "DATABRICKS_DISCOVERY_URL": "https://b.example.com",
                ]) {
                    $1
                })
            #expect(found.authentication.type == .clientCredentials && found.profile == nil)
            #expect(found.workspaceID == nil && found.discoveryURL == nil)
        }
        // A login for the host is found, as if the environment were not there.
        let cache = #"{"version":1,"tokens":{"https://a.example.com":{"access_token":"t"}}}"#
        let found = try self.resolve(
            .init(host: "a.example.com"), ["DATABRICKS_CONFIG_PROFILE": "b", "DATABRICKS_TOKEN": "t"], cache: cache)
        #expect(found.authentication.type == .databricksCLI)
    }

    @Test
    func `token of an environment without a host is for the host that the program or the environment's profile names`()
        throws
    {
        let environment = ["DATABRICKS_TOKEN": "t"]
        #expect(try self.resolve(.init(host: "a.example.com"), environment).host.value == "https://a.example.com")
        let profile = try self.resolve(.init(), environment.merging(["DATABRICKS_CONFIG_PROFILE": "bare"]) { $1 })
        #expect(profile.host.value == "https://b.example.com" && profile.authentication.type == .personalToken)
    }

    @Test func `token service that only a variable names does not get a profile's secret`() throws {
        let error = #expect(throws: DatabricksError.self) {
            try self.resolve(
                .init(),
                ["DATABRICKS_CONFIG_PROFILE": "m2m", "DATABRICKS_DISCOVERY_URL": "https://c.example.com/oidc/d"])
        }
        #expect(
            error?.message.contains("DATABRICKS_DISCOVERY_URL names a token service at https://c.example.com") == true)
        #expect(throws: DatabricksError.self) {
            try self.resolve(
                .init(),
                [
                    "DATABRICKS_CONFIG_PROFILE": "m2m",
                    "DATABRICKS_DISCOVERY_URL": "https://a.example.com@c.example.com/oidc/d",
                ])
        }
        for url in ["https://a.example.com/oidc/d", "https://ACCOUNTS.example.com/oidc/e"] {
            let found = try self.resolve(
                .init(), ["DATABRICKS_CONFIG_PROFILE": "m2m", "DATABRICKS_DISCOVERY_URL": url])
            #expect(found.discoveryURL?.value == url)
        }
        // Without a profile the variable is as good as the secret beside it.
        let plain = try self.resolve(
            .init(),
            [
                "DATABRICKS_HOST": "a.example.com", "DATABRICKS_CLIENT_ID": "i", "DATABRICKS_CLIENT_SECRET": "s",
                "DATABRICKS_DISCOVERY_URL": "https://c.example.com/oidc/d",
            ])
        #expect(plain.discoveryURL?.value == "https://c.example.com/oidc/d")
    }
}
