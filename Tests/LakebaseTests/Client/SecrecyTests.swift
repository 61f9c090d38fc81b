//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Secrets
import TestSupport
import Testing

@testable import Lakebase

@Suite("Secrets stay hidden from a program's output")
struct SecrecyTests {
    private static let canary = "canary5c7e"

    private static let environments: [[String: String]] = [
        ["DATABASE_URL": "postgresql://ann:\(canary)@h:1/db"],
        ["PGHOST": "h", "PGPASSWORD": canary, "HOME": "/nonexistent"],
        [
            "LAKEBASE_ENDPOINT": "projects/p/branches/b/endpoints/e", "DATABRICKS_HOST": "https://h",
            "DATABRICKS_TOKEN": canary,
        ],
        [
            "LAKEBASE_INSTANCE": "i", "DATABRICKS_HOST": "https://h", "DATABRICKS_CLIENT_ID": "id",
            "DATABRICKS_CLIENT_SECRET": canary,
        ],
    ]

    @Test(arguments: environments)
    func `a configuration and what is made of it show nothing`(environment: [String: String]) throws {
        let configuration = try LakebaseConfiguration.fromEnvironment(environment)
        let log = LogStore()
        let client = try LakebaseClient(configuration: configuration, logger: log.logger)
        let values: [Any] = [
            configuration, configuration.target, configuration.describe(), client, client.statistics, client.pool,
        ]
        for value in values {
            #expect(!everythingPrintable(of: value).contains(Self.canary), "\(type(of: value))")
        }
        #expect(!log.text.contains(Self.canary))
    }

    @Test(arguments: environments)
    func `a configuration that is refused shows nothing`(environment: [String: String]) {
        // What is wrong is next to the secret, and for the URL in it.
        var environment = environment
        environment["PGPORT"] = "x"
        environment["DATABRICKS_AUTH_TYPE"] = "nonsense"
        if let url = environment["DATABASE_URL"] { environment["DATABASE_URL"] = url + "?nonsense=1" }
        do {
            _ = try LakebaseConfiguration.fromEnvironment(environment)
            Issue.record("accepted")
        } catch {
            #expect(!everythingPrintable(of: error).contains(Self.canary))
        }
    }

    @Test func `a credential and its snapshot show nothing`() {
        let credential = MintedCredential(token: Secret(Self.canary), mintedAt: Date(), expiresAt: Date())
        #expect(!everythingPrintable(of: credential).contains(Self.canary))
    }

    @Test(.timeLimit(.minutes(1)))
    func `a login that fails shows no password, in the error or the log`() async throws {
        let log = LogStore()
        let client = try LakebaseClient(
            configuration: LakebaseConfiguration(
                target: .postgres(host: "/nonexistent", password: Secret(Self.canary)), username: "ann", tls: .disable,
                pool: PQPoolConfiguration(wakeTimeout: .milliseconds(1))),
            logger: log.logger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            do {
                try await client.query("SELECT 1")
                Issue.record("connected")
            } catch {
                #expect(error is LakebaseError)
                #expect(!everythingPrintable(of: error).contains(Self.canary))
            }
            group.cancelAll()
        }
        #expect(!log.lines.isEmpty && !log.text.contains(Self.canary))
    }

    @Test func `an error of a refused login names the user, never the token`() {
        let facts = LoginDiagnosis(
            username: "ann", host: "h", target: "t", serverMessage: "no", sqlState: nil,
            claims: TokenClaims.read(Secret("a.\(Self.canary).c")), mintedAt: Date(), now: Date(), usesTLS: true,
            allowsOtherHosts: false, role: .missing, hosts: .known(["h"]))
        #expect(!everythingPrintable(of: facts).contains(Self.canary))
        #expect(!everythingPrintable(of: facts.verdict).contains(Self.canary))
    }
}
