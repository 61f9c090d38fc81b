//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Secrets
import TestSupport
import Testing

@testable import Lakebase

@Suite("What is said is followed, refused, or remarked upon")
struct NothingIgnoredTests {
    private func problems(_ environment: [String: String], prefix: String? = nil) -> [LakebaseConfigurationError
        .Problem]
    {
        let all = EnvironmentTests.workspace.merging(environment) { $1 }
        do {
            _ = try LakebaseConfiguration.fromEnvironment(all, prefix: prefix)
            return []
        } catch {
            return error.problems
        }
    }

    private func configuration(_ environment: [String: String]) throws -> LakebaseConfiguration {
        try .fromEnvironment(EnvironmentTests.workspace.merging(environment) { $1 })
    }

    // MARK: Remarked upon

    @Test(arguments: [
        (
            ["PGPASSWORD": "x", "PGHOST": "h", "LAKEBASE_CREDENTIAL_TTL": "5m", "LAKEBASE_CREDENTIAL_GROUP": "g"],
            "LAKEBASE_CREDENTIAL_TTL, LAKEBASE_CREDENTIAL_GROUP are set and ignored, since no credential is minted"
        ),
        (
            ["DATABASE_URL": "postgresql://a@h/d", "LAKEBASE_CREDENTIAL_TTL": "5m"],
            "DATABASE_URL is set: it decides alone, and LAKEBASE_CREDENTIAL_TTL is ignored"
        ),
        (
            ["DATABASE_URL": "postgresql://a:b@h/d?sslmode=require", "PGSSLMODE": "disable", "PGPASSWORD": "x"],
            "DATABASE_URL is set: it decides alone, and PGPASSWORD, PGSSLMODE are ignored"
        ),
        (
            ["PGCONNECT_TIMEOUT": "7", "LAKEBASE_POOL_CONNECT_TIMEOUT": "8", "PGPASSWORD": "x"],
            "LAKEBASE_POOL_CONNECT_TIMEOUT is set: PGCONNECT_TIMEOUT is ignored"
        ),
        (
            ["LAKEBASE_TYPE": "provisioned", "LAKEBASE_INSTANCE": "i", "LAKEBASE_ENDPOINT": EnvironmentTests.endpoint],
            "LAKEBASE_TYPE is provisioned: the endpoint \(EnvironmentTests.endpoint) is ignored"
        ),
        (
            ["LAKEBASE_INSTANCE": "i", "PGHOST": "h", "LAKEBASE_PG_HOST": "j"],
            "taking the host from LAKEBASE_PG_HOST, not PGHOST"
        ),
        (
            ["LAKEBASE_TYPE": "autoscaling", "PGHOST": "h", "PGPASSWORD": "x"],
            "PGPASSWORD is set: it is used as it is, and no credential is minted"
        ),
    ])
    func `what loses is named`(environment: [String: String], note: String) throws {
        #expect(try self.configuration(environment).notes == [note])
    }

    // MARK: Followed

    @Test func `what a URL leaves open is asked of the other settings, as libpq does`() throws {
        let configuration = try self.configuration([
            "DATABASE_URL": "postgresql://ann@db/app", "PGPASSWORD": "pw", "PGSSLMODE": "verify-ca", "PGAPPNAME": "n",
            "PGSSLROOTCERT": #filePath, "PGOPTIONS": "-c geqo=off", "LAKEBASE_SESSION_SETTINGS": "work_mem=8MB",
            "LAKEBASE_STATEMENT_CACHE": "0", "LAKEBASE_POOL_MAXIMUM_CONNECTIONS": "4",
        ])
        guard case .postgres("db", let password) = configuration.target else {
            Issue.record("\(configuration.target)")
            return
        }
        #expect(password == Secret("pw") && configuration.tls == .verifyCA && configuration.applicationName == "n")
        #expect(configuration.rootCertificate == #filePath && configuration.startupOptions == "-c geqo=off")
        #expect(configuration.settings == ["work_mem": "8MB"] && configuration.pool.maximumConnections == 4)
        #expect(configuration.statementCacheCapacity == 0 && configuration.notes == [])
        let entries = configuration.describe().entries
        func source(_ name: String) -> LakebaseConfiguration.Source? { entries.first { $0.name == name }?.source }
        #expect(source("host") == .connectionString("DATABASE_URL"))
        #expect(source("username") == .connectionString("DATABASE_URL"))
        #expect(source("password") == .environment("PGPASSWORD") && source("tls") == .environment("PGSSLMODE"))
        #expect(source("port") == .standard)
    }

    @Test func `a URL of one of Lakebase's hosts goes only to a verified server, unless it says otherwise`() throws {
        let host = "ep-1.database.eastus2.azuredatabricks.net"
        #expect(try self.configuration(["DATABASE_URL": "postgresql://a:b@\(host)/d"]).tls == .verifyFull)
        #expect(try self.configuration(["DATABASE_URL": "postgresql://a:b@\(host)/d?sslmode=require"]).tls == .require)
    }

    @Test func `a connection carries every setting of the session`() throws {
        let configuration = try self.configuration([
            "LAKEBASE_ENDPOINT": EnvironmentTests.endpoint, "LAKEBASE_SCHEMA": "my shop", "PGOPTIONS": "-c geqo=off",
            "LAKEBASE_SESSION_SETTINGS": "work_mem=8MB", "LAKEBASE_KEEPALIVE_IDLE": "9",
            "LAKEBASE_STATEMENT_CACHE": "3",
            "LAKEBASE_POOL_CONNECT_TIMEOUT": "2s", "PGAPPNAME": "n", "PGPORT": "1",
        ])
        let connection = configuration.connection(host: "h", username: "u")
        #expect(connection.sessionOptions == "-c geqo=off -c search_path=\"my\\ shop\",public -c work_mem=8MB")
        #expect(connection.keepaliveIdle == .seconds(9) && connection.statementCacheCapacity == 3)
        #expect(connection.connectTimeout == .seconds(2) && connection.applicationName == "n" && connection.port == 1)
        #expect(connection.tls == .verifyFull && connection.database == "databricks_postgres")
    }

    // MARK: Refused

    @Test(arguments: [
        (["LAKEBASE_POOL_MAX_CONNECTIONS": "3"], ["LAKEBASE_POOL_MAX_CONNECTIONS"]),
        (["LAKEBASE_CREDENTIAL_SCOPE": "x"], ["LAKEBASE_CREDENTIAL_SCOPE"]),
        (["LAKEBASE_POOL_MAXIMUM_CONNECTIONS": "many"], ["LAKEBASE_POOL_MAXIMUM_CONNECTIONS"]),
        (["LAKEBASE_POOL_MAXIMUM_CONNECTIONS": "0"], ["LAKEBASE_POOL_MAXIMUM_CONNECTIONS"]),
        (["LAKEBASE_POOL_MINIMUM_CONNECTIONS": "11"], ["LAKEBASE_POOL_MINIMUM_CONNECTIONS"]),
        (["LAKEBASE_POOL_IDLE_TIMEOUT": "soon"], ["LAKEBASE_POOL_IDLE_TIMEOUT"]),
        (["LAKEBASE_POOL_IDLE_TIMEOUT": "0"], ["LAKEBASE_POOL_IDLE_TIMEOUT"]),
        (["LAKEBASE_KEEPALIVE_IDLE": "500ms"], ["LAKEBASE_KEEPALIVE_IDLE"]),
        (["LAKEBASE_STATEMENT_CACHE": "-1"], ["LAKEBASE_STATEMENT_CACHE"]),
        (["LAKEBASE_SESSION_SETTINGS": "work_mem"], ["LAKEBASE_SESSION_SETTINGS"]),
        (["LAKEBASE_SESSION_SETTINGS": "a=1;a=2"], ["LAKEBASE_SESSION_SETTINGS"]),
        (["LAKEBASE_SESSION_SETTINGS": "a b=1"], ["LAKEBASE_SESSION_SETTINGS"]),
        (["LAKEBASE_SESSION_SETTINGS": "search_path=a", "LAKEBASE_SCHEMA": "b"], ["LAKEBASE_SCHEMA"]),
        (["LAKEBASE_CREDENTIAL_TTL": "4m"], ["LAKEBASE_CREDENTIAL_TTL"]),
        (["LAKEBASE_CREDENTIAL_TTL": "61m"], ["LAKEBASE_CREDENTIAL_TTL"]),
        (["LAKEBASE_CREDENTIAL_CLAIMS": "READ_ONLY"], ["LAKEBASE_CREDENTIAL_CLAIMS"]),
    ])
    func `a value that cannot be followed is a problem under its own name`(
        environment: [String: String], settings: [String]
    ) {
        let problems = self.problems(environment.merging(["LAKEBASE_ENDPOINT": EnvironmentTests.endpoint]) { $1 })
        #expect(problems.map(\.setting) == settings)
        #expect(problems.allSatisfy { !$0.remedy.isEmpty && !$0.message.isEmpty })
    }

    @Test func `a provisioned instance has no life or group to choose`() {
        let problems = self.problems([
            "LAKEBASE_INSTANCE": "i", "LAKEBASE_CREDENTIAL_TTL": "10m", "LAKEBASE_CREDENTIAL_GROUP": "g",
            "LAKEBASE_CREDENTIAL_CLAIMS": EverySettingTests.claims,
        ])
        #expect(problems.map(\.setting) == ["LAKEBASE_CREDENTIAL_TTL", "LAKEBASE_CREDENTIAL_GROUP"])
    }

    @Test func `a misspelt variable with a prefix is refused with the names there are`() {
        let problems = self.problems(
            ["ORDERS_LAKEBASE_POOL_MAX": "3", "LAKEBASE_POOL_MAX": "3", "ORDERS_LAKEBASE_INSTANCE": "i"],
            prefix: "ORDERS")
        #expect(problems.map(\.setting) == ["ORDERS_LAKEBASE_POOL_MAX"])
        #expect(problems.first?.remedy.contains("ORDERS_LAKEBASE_POOL_MAXIMUM_CONNECTIONS") == true)
    }

    @Test(arguments: ["", "A-B", "A B"]) func `a prefix is part of a name`(prefix: String) {
        #expect(self.problems(["LAKEBASE_INSTANCE": "i"], prefix: prefix).map(\.setting).contains("prefix"))
    }

    @Test func `a configuration made by hand is checked as a whole, when something is made of it`() throws {
        var configuration = LakebaseConfiguration(
            target: .postgres(host: "", password: nil), port: 0, database: "", username: "", schema: "s",
            pool: PQPoolConfiguration(maximumConnections: 0))
        configuration.settings = ["search_path": "x"]
        configuration.statementCacheCapacity = -1
        configuration.keepaliveIdle = .zero
        configuration.credential = LakebaseConfiguration.CredentialOptions(ttl: .seconds(1), group: "")
        let expected: Set = [
            "maximumConnections", "port", "database", "username", "statementCacheCapacity", "keepaliveIdle", "schema",
            "host", "credential.ttl", "credential.group",
        ]
        let logger = LogStore().logger
        let made: [() throws -> Void] = [
            { _ = try LakebaseClient(configuration: configuration, logger: logger) },
            { _ = try LakebaseCredentials(configuration: configuration, logger: logger) },
        ]
        for make in made {
            let error = #expect(throws: LakebaseConfigurationError.self) { try make() }
            #expect(Set(error?.problems.map(\.setting) ?? []) == expected)
        }
    }

    @Test func `a direct connection checks the same`() async throws {
        let configuration = LakebaseConfiguration(target: .autoscaling(endpoint: "e", host: nil))
        let error = await #expect(throws: LakebaseConfigurationError.self) {
            _ = try await LakebaseConnection.connect(configuration)
        }
        #expect(error?.problems.map(\.setting) == ["workspace", "endpoint"])
    }

    @Test func `what the program changes is the program's`() throws {
        var configuration = try self.configuration([
            "LAKEBASE_ENDPOINT": EnvironmentTests.endpoint, "PGPORT": "1", "PGUSER": "ann",
        ])
        configuration.port = 2
        configuration.pool.idleTimeout = .seconds(9)
        configuration.schema = "s"
        let entries = configuration.describe().entries
        func source(_ name: String) -> LakebaseConfiguration.Source? { entries.first { $0.name == name }?.source }
        #expect(source("port") == .program && source("pool.idleTimeout") == .program && source("schema") == .program)
        #expect(source("username") == .environment("PGUSER") && source("pool.maximumAge") == .standard)
        #expect(source("target") == .environment("LAKEBASE_ENDPOINT"))
    }
}
