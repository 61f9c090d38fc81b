//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Configuration
import Databricks
import Secrets
import Testing

@testable import Lakebase

@Suite("Every setting, from the environment and from a reader")
struct EverySettingTests {
    static let claims = #"[{"permission_set":"READ_ONLY","resources":[{"table_name":"a.b.c"}]}]"#

    /// A value for each setting that an endpoint's configuration has, as text, and as ``LakebaseConfiguration/describe()``
    /// shows it.
    static let values: [(setting: LakebaseSetting, text: String, field: String, shown: String)] = [
        (.endpoint, EnvironmentTests.endpoint, "endpoint", EnvironmentTests.endpoint),
        (.hostOverride, "tunnel.example.com", "host", "tunnel.example.com"),
        (.hostAddress, "10.0.0.1", "hostAddress", "10.0.0.1"),
        (.port, "6432", "port", "6432"),
        (.targetSession, "read-write", "targetSession", "read-write"),
        (.loadBalancing, "random", "loadBalancing", "random"),
        (.database, "app", "database", "app"),
        (.user, "ann", "username", "ann"),
        (.rootCertificate, #filePath, "rootCertificate", #filePath),
        (.applicationName, "notes", "applicationName", "notes"),
        (.schema, "shop", "schema", "shop"),
        (.sessionSettings, "work_mem=8MB; statement_timeout = 5s ;", "settings", "statement_timeout=5s; work_mem=8MB"),
        (.options, "-c geqo=off", "startupOptions", "-c geqo=off"),
        (.statementCache, "12", "statementCacheCapacity", "12"),
        (.keepaliveIdle, "11", "keepaliveIdle", "11s"),
        (.credentialTTL, "10m", "credential.ttl", "10m"),
        (.credentialClaims, claims, "credential.claims", claims),
        (.credentialGroup, "analysts", "credential.group", "analysts"),
        (.minimumConnections, "1", "pool.minimumConnections", "1"),
        (.maximumConnections, "2", "pool.maximumConnections", "2"),
        (.maximumWaiters, "3", "pool.maximumWaiters", "3"),
        (.acquireTimeout, "4", "pool.acquireTimeout", "4s"),
        (.connectTimeout, "5s", "pool.connectTimeout", "5s"),
        (.wakeTimeout, "6s", "pool.wakeTimeout", "6s"),
        (.idleTimeout, "7s", "pool.idleTimeout", "7s"),
        (.livenessCheckAfter, "8s", "pool.livenessCheckAfter", "8s"),
        (.livenessCheckTimeout, "900ms", "pool.livenessCheckTimeout", "900ms"),
        (.maximumAge, "2h", "pool.maximumAge", "2h"),
        (.drainTimeout, "11s", "pool.drainTimeout", "11s"),
        (.processCount, "12", "pool.processCount", "12"),
        (.leakWarningAfter, "1m", "pool.leakWarningAfter", "1m"),
        (.sessionReset, "ALWAYS", "pool.sessionReset", "always"),
        (.multiplexing, "OFF", "pool.multiplexing", "off"),
        (.measuresStatements, "false", "telemetry.measuresStatements", "false"),
        (.measuresPool, "FALSE", "telemetry.measuresPool", "false"),
        (.measuresCredentials, "false", "telemetry.measuresCredentials", "false"),
        (.tracesStatements, "false", "telemetry.tracesStatements", "false"),
        (.slowStatementThreshold, "250ms", "telemetry.slowStatementThreshold", "250ms"),
        (.includesStatementText, "true", "telemetry.includesStatementText", "true"),
        (.poolName, "orders", "telemetry.poolName", "orders"),
        (.fillsAbsentAttributes, "true", "telemetry.fillsAbsentAttributes", "true"),
    ]

    /// Settings that need a test of their own, since they exclude the ones above or are other names of them.
    static let others: Set<LakebaseSetting> = [
        .databaseURL, .type, .endpointName, .platformEndpointName, .instance, .instanceName, .host, .password, .sslMode,
        .platformConnectTimeout,
    ]

    private func variables(_ prefix: String = "") -> [String: String] {
        Dictionary(uniqueKeysWithValues: Self.values.map { (prefix + $0.setting.variable, $0.text) })
            .merging(EnvironmentTests.workspace) { $1 }
    }

    private func check(
        _ configuration: LakebaseConfiguration, source: (LakebaseSetting) -> LakebaseConfiguration.Source
    ) {
        let description = configuration.describe()
        for (setting, _, field, shown) in Self.values {
            let entry = description.entries.first { $0.name == field }
            #expect(entry?.value == shown, "\(setting)")
            #expect(entry?.source == source(setting), "\(setting)")
        }
        #expect(configuration.notes == [])
    }

    @Test func `no setting is left out of these tests`() {
        #expect(Set(Self.values.map(\.setting)).union(Self.others) == Set(LakebaseSetting.allCases))
    }

    @Test func `from the environment`() throws {
        let configuration = try LakebaseConfiguration.fromEnvironment(self.variables())
        self.check(configuration) { .environment($0.variable) }
        #expect(configuration.allowsOtherHosts)
        #expect(configuration.credential.claims.first?.permissionSet == .readOnly)
    }

    @Test func `from the environment with a prefix, the workspace shared`() throws {
        var variables = self.variables("ORDERS_")
        variables["PGPORT"] = "nonsense"
        variables["LAKEBASE_ENDPOINT"] = "another's"
        let configuration = try LakebaseConfiguration.fromEnvironment(variables, prefix: "ORDERS")
        self.check(configuration) { .environment("ORDERS_\($0.variable)") }
        let host = configuration.describe().entries.first { $0.name == "workspace.host" }
        #expect(host?.source == .environment("DATABRICKS_HOST"))
    }

    @Test func `a prefix with a workspace of its own takes nothing from the other`() throws {
        var variables = self.variables("ORDERS_")
        variables["ORDERS_DATABRICKS_HOST"] = "https://dbc-2.cloud.databricks.com"
        variables["ORDERS_DATABRICKS_TOKEN"] = "dapi2"
        variables["ORDERS_DATABRICKS_CONFIG_FILE"] = "/nonexistent/databrickscfg"
        let configuration = try LakebaseConfiguration.fromEnvironment(variables, prefix: "ORDERS")
        #expect(configuration.workspace?.host.value == "https://dbc-2.cloud.databricks.com")
        let host = configuration.describe().entries.first { $0.name == "workspace.host" }
        #expect(host?.source == .environment("ORDERS_DATABRICKS_HOST"))
        variables["ORDERS_DATABRICKS_TOKEN"] = nil
        #expect(throws: LakebaseConfigurationError.self) {
            try LakebaseConfiguration.fromEnvironment(variables, prefix: "ORDERS")
        }
    }

    @Test func `from a reader of the environment`() throws {
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: self.variables()))
        self.check(try .from(reader)) { .reader(key: $0.key, provider: nil) }
    }

    @Test func `from a reader with prefixes, two databases in one application`() throws {
        let variables = self.variables("ORDERS_").merging([
            "STOCK_LAKEBASE_INSTANCE": "stock", "STOCK_LAKEBASE_POOL_IDLE_TIMEOUT": "20s",
        ]) { $1 }
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        self.check(try .from(reader, prefix: "orders")) { .reader(key: "orders.\($0.key)", provider: nil) }
        let stock = try LakebaseConfiguration.from(reader, prefix: "stock")
        guard case .provisioned("stock", nil) = stock.target else {
            Issue.record("\(stock.target)")
            return
        }
        #expect(stock.pool.idleTimeout == .seconds(20) && stock.username == nil)
        #expect(stock.workspace?.host.value == "https://dbc-1.cloud.databricks.com")
    }

    @Test func `from providers, each value with the provider that had it first`() throws {
        let memory = InMemoryProvider(
            name: "defaults",
            values: [
                "pgport": 6000, "lakebase.pool.maximumConnections": 7, "lakebase.endpoint": "ignored", "pguser": "",
                "lakebase.sessionSettings": .init(
                    .stringArray(["work_mem=8MB", "statement_timeout=5s"]), isSecret: false),
            ])
        let environment = EnvironmentVariablesProvider(
            environmentVariables: EnvironmentTests.workspace.merging([
                "LAKEBASE_ENDPOINT": EnvironmentTests.endpoint, "PGUSER": "ann",
            ]) { $1 })
        let configuration = try LakebaseConfiguration.from(providers: [environment, memory])
        #expect(configuration.port == 6000 && configuration.pool.maximumConnections == 7)
        #expect(configuration.username == "ann")
        #expect(configuration.settings == ["work_mem": "8MB", "statement_timeout": "5s"])
        let entries = configuration.describe().entries
        func source(_ name: String) -> LakebaseConfiguration.Source? { entries.first { $0.name == name }?.source }
        #expect(source("port") == .reader(key: "pgport", provider: memory.providerName))
        #expect(source("endpoint") == .reader(key: "lakebase.endpoint", provider: environment.providerName))
        #expect(
            source("workspace.token") == .reader(key: "databricks.token", provider: environment.providerName))
        #expect(source("tls") == .standard && source("pool.idleTimeout") == .standard)
    }

    @Test func `problems of a reader name the keys`() {
        let reader = ConfigReader(
            provider: InMemoryProvider(values: [
                "lakebase.type": "serverless", "pgport": 99999, "lakebase.pool.idleTimeout": "soon",
                "lakebase.pool.maximumConnections": 0, "databricks.host": "https://h", "databricks.token": "dapi0",
            ]))
        let error = #expect(throws: LakebaseConfigurationError.self) { try LakebaseConfiguration.from(reader) }
        #expect(
            Set(error?.problems.map(\.setting) ?? []) == [
                "lakebase.type", "pgport", "lakebase.pool.idleTimeout", "lakebase.pool.maximumConnections",
            ])
    }

    @Test func `a reader's password is read as a secret and shown nowhere`() throws {
        let reporter = Accesses()
        let reader = ConfigReader(
            provider: InMemoryProvider(values: ["pgpassword": "canary5c7e", "pghost": "h"]), accessReporter: reporter)
        let configuration = try LakebaseConfiguration.from(reader)
        #expect(!everythingPrintable(of: configuration).contains("canary5c7e"))
        #expect(!configuration.describe().description.contains("canary5c7e"))
        #expect(
            configuration.describe().description.contains("password: ******** (from the configuration key pgpassword)"))
        #expect(reporter.secretKeys.contains("pgpassword") && !reporter.secretKeys.contains("pghost"))
    }
}
