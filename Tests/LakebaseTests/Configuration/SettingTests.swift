//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Configuration
import Databricks
import Foundation
import Secrets
import Testing

@testable import Lakebase

@Suite("The table of settings")
struct SettingTests {
    @Test func `the documentation's table is this one`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../Sources/Lakebase/Documentation.docc/Configuration.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        #expect(text.contains(LakebaseSetting.documentationTable), "\(LakebaseSetting.documentationTable)")
    }

    /// What makes the environment and a reader the same: their own provider turns the key into the variable.
    @Test(arguments: LakebaseSetting.allCases.map(\.variable) + WorkspaceConfiguration.variables.map(\.name))
    func `a reader's environment provider finds the key under the variable's name`(variable: String) {
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: [variable: "x"]))
        #expect(reader.string(forKey: ConfigKey(LakebaseSetting.key(ofVariable: variable))) == "x")
    }

    @Test func `keys are those of nested files, none the beginning of another`() {
        #expect(LakebaseSetting.idleTimeout.key == "lakebase.pool.idleTimeout")
        #expect(LakebaseSetting.hostOverride.key == "lakebase.pgHost")
        #expect(LakebaseSetting.platformConnectTimeout.key == "pgconnect.timeout")
        let keys = LakebaseSetting.allCases.map(\.key)
        #expect(Set(keys).count == keys.count)
        for key in keys { #expect(!keys.contains { $0.hasPrefix(key + ".") }, "\(key)") }
    }

    @Test func `every property of the pool is a setting, and its default is the documented one`() {
        let properties = Mirror(reflecting: PQPoolConfiguration()).children.compactMap(\.label)
            // For tests inside the package, and not public.
            .filter { $0 != "sharing" }
        #expect(Set(PropertySetting<PQPoolConfiguration>.all.map(\.name)) == Set(properties))
        for limit in PropertySetting<PQPoolConfiguration>.all {
            #expect(limit.text(in: PQPoolConfiguration()) == limit.setting.facts.standard, "\(limit.name)")
        }
    }

    @Test func `every property of telemetry but the names is a setting, and its default is the documented one`() {
        let properties = Set(Mirror(reflecting: LakebaseConfiguration.Telemetry()).children.compactMap(\.label))
        #expect(
            Set(PropertySetting<LakebaseConfiguration.Telemetry>.all.map(\.name))
                == properties.subtracting(["attributes", "metrics"]))
        for property in PropertySetting<LakebaseConfiguration.Telemetry>.all where property.name != "poolName" {
            #expect(
                property.text(in: LakebaseConfiguration.Telemetry()) == property.setting.facts.standard,
                "\(property.name)")
        }
    }

    @Test func `switches and limits of telemetry are read, and mistakes reported together`() throws {
        var variables = ["PGHOST": "h"]
        for property in PropertySetting<LakebaseConfiguration.Telemetry>.all {
            switch property.field {
            case .flag: variables[property.setting.variable] = "\(property.setting.facts.standard != "true")"
            case .text: variables[property.setting.variable] = "orders"
            case .time, .timeOrOff: variables[property.setting.variable] = "250ms"
            case .reset: variables[property.setting.variable] = "never"
            case .multiplexing: variables[property.setting.variable] = "off"
            case .count: variables[property.setting.variable] = "3"
            }
        }
        let telemetry = try LakebaseConfiguration.fromEnvironment(variables).telemetry
        #expect(!telemetry.measuresStatements && !telemetry.measuresPool && !telemetry.measuresCredentials)
        #expect(!telemetry.tracesStatements && telemetry.includesStatementText && telemetry.fillsAbsentAttributes)
        #expect(telemetry.slowStatementThreshold == .milliseconds(250) && telemetry.poolName == "orders")
        variables["LAKEBASE_POOL_LEAK_WARNING_AFTER"] = "OFF"
        #expect(try LakebaseConfiguration.fromEnvironment(variables).pool.leakWarningAfter == nil)
        variables["LAKEBASE_POOL_LEAK_WARNING_AFTER"] = "5s"
        #expect(try LakebaseConfiguration.fromEnvironment(variables).pool.leakWarningAfter == .seconds(5))
        variables["LAKEBASE_TELEMETRY_TRACES_STATEMENTS"] = "maybe"
        variables["LAKEBASE_TELEMETRY_SLOW_STATEMENT_THRESHOLD"] = "soon"
        variables["LAKEBASE_TELEMETRY_SPANS"] = "true"
        let error = #expect(throws: LakebaseConfigurationError.self) {
            try LakebaseConfiguration.fromEnvironment(variables)
        }
        #expect(error?.problems.count == 3, "\(String(describing: error))")
    }

    @Test func `every property of a configuration is described`() throws {
        var configuration = LakebaseConfiguration(
            target: .postgres(host: "h", password: Secret("x")), hostAddress: "10.0.0.1", username: "u",
            rootCertificate: "/ca",
            applicationName: "a", schema: "s")
        configuration.settings = ["work_mem": "8MB"]
        configuration.startupOptions = "-c geqo=off"
        configuration.additionalHosts = [.init("i", address: "10.0.0.2", port: 1)]
        configuration.targetSession = .primary
        configuration.loadBalancing = .random
        configuration.keyPassphrase = Secret("x")
        configuration.libpqParameters = ["sslcert": "c"]
        let names = configuration.describe().entries.map(\.name)
        for property in Mirror(reflecting: configuration).children.compactMap(\.label) {
            switch property {
            case "workspace", "notes", "origins", "workspaceSources", "credential": continue
            case "telemetry":
                #expect(
                    PropertySetting<LakebaseConfiguration.Telemetry>.all.allSatisfy {
                        $0.name == "poolName" || names.contains("telemetry.\($0.name)")
                    })
            case "pool":
                #expect(names.filter { $0.hasPrefix("pool.") }.count == PropertySetting<PQPoolConfiguration>.all.count)
            case let property: #expect(names.contains(property), "\(property)")
            }
        }
        let options = Mirror(reflecting: LakebaseConfiguration.CredentialOptions()).children.compactMap(\.label)
        var minted = LakebaseConfiguration(target: .autoscaling(endpoint: EnvironmentTests.endpoint, host: nil))
        minted.credential = LakebaseConfiguration.CredentialOptions(ttl: .seconds(600), claims: [.init()], group: "g")
        let described = Set(minted.describe().entries.map(\.name))
        for option in options { #expect(described.contains("credential.\(option)"), "\(option)") }
    }

    @Test(arguments: [
        ("0", Duration.zero), ("30", .seconds(30)), ("30s", .seconds(30)), ("250ms", .milliseconds(250)),
        ("5m", .seconds(300)), ("1h", .seconds(3600)), ("240000h", .seconds(864_000_000)),
    ])
    func `a length of time is read and written`(text: String, duration: Duration) {
        #expect(DurationText.duration(text) == duration)
        #expect(DurationText.duration(DurationText.text(duration)) == duration)
    }

    @Test(arguments: ["", "s", "-1s", "1.5s", "1d", " 1s", "1 s", "0x1s", "１s", "240001h", "99999999999999999999h"])
    func `what is no length of time is refused`(text: String) {
        #expect(DurationText.duration(text) == nil)
    }
}
