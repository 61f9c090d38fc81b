//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Secrets

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension LakebaseConfiguration {
    /// Lists each setting with its value and its origin; secrets are masked.
    ///
    /// A value that the program changed after it was read is reported as set by the program.
    public func describe() -> LakebaseConfigurationDescription {
        let standard = Dictionary(uniqueKeysWithValues: Self.standard.values.map { ($0.name, $0.value) })
        var entries = self.values.map { name, value in
            LakebaseConfigurationDescription.Entry(
                name: name, value: Self.shown(value), source: self.source(of: name, value, standard: standard[name]))
        }
        entries += self.workspaceEntries
        return LakebaseConfigurationDescription(entries: entries, notes: self.notes)
    }

    /// Records the values as they were read, to detect later changes.
    mutating func setOrigins(_ sources: [String: Source]) {
        self.origins = [:]
        for (name, value) in self.values {
            self.origins[name] = Origin(value: value, source: sources[name] ?? .standard)
        }
    }

    /// Records that options of a command line set values.
    ///
    /// - Parameter options: The options, by the names of the values.
    mutating func setOptions(_ options: [String: String]) {
        for (name, value) in self.values {
            if let option = options[name] { self.origins[name] = Origin(value: value, source: .option(option)) }
        }
    }

    private static let standard = LakebaseConfiguration(target: .autoscaling(endpoint: nil, host: nil))

    private static func shown(_ value: Value) -> String {
        switch value {
        case .text(let text): text
        case .secret: ConfigurationDescription.mask
        }
    }

    private func source(of name: String, _ value: Value, standard: Value?) -> Source {
        if let origin = self.origins[name], origin.value == value { return origin.source }
        return self.origins.isEmpty && value == standard ? .standard : .program
    }

    /// The settings that have a value, in the order in which they are shown.
    private var values: [(name: String, value: Value)] {
        var values: [(name: String, value: Value)] = []
        func add(_ name: String, _ text: String?) {
            if let text { values.append((name, .text(text))) }
        }
        switch self.target {
        case .autoscaling(let endpoint, let host):
            add("target", "autoscaling")
            add("endpoint", endpoint)
            add("host", host)
        case .provisioned(let instance, let host):
            add("target", "provisioned")
            add("instance", instance)
            add("host", host)
        case .postgres(let host, let password):
            add("target", "postgres")
            add("host", host)
            if let password { values.append(("password", .secret(password))) }
        }
        add("hostAddress", self.hostAddress)
        add("port", String(self.port))
        let others = self.additionalHosts.map { host in
            "\(host.name):\(host.port)" + (host.address.map { " at \($0)" } ?? "")
        }
        add("additionalHosts", others.isEmpty ? nil : others.joined(separator: ", "))
        add("targetSession", self.targetSession == .any ? nil : self.targetSession.rawValue)
        add("loadBalancing", self.loadBalancing == .disable ? nil : self.loadBalancing.rawValue)
        let parameters = self.libpqParameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        add("libpqParameters", parameters.isEmpty ? nil : parameters.joined(separator: "; "))
        if let passphrase = self.keyPassphrase { values.append(("keyPassphrase", .secret(passphrase))) }
        add("database", self.database)
        add("username", self.username)
        add("tls", self.tls.rawValue)
        add("allowsOtherHosts", String(self.allowsOtherHosts))
        add("rootCertificate", self.rootCertificate)
        add("applicationName", self.applicationName)
        add("schema", self.schema)
        let settings = self.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        add("settings", settings.isEmpty ? nil : settings.joined(separator: "; "))
        add("startupOptions", self.startupOptions)
        add("statementCacheCapacity", String(self.statementCacheCapacity))
        add("keepaliveIdle", DurationText.text(self.keepaliveIdle))
        add("credential.ttl", self.credential.ttl.map(DurationText.text))
        add("credential.claims", self.credential.claims.isEmpty ? nil : Self.json(self.credential.claims))
        add("credential.group", self.credential.group)
        for limit in PropertySetting<PQPoolConfiguration>.all { add("pool.\(limit.name)", limit.text(in: self.pool)) }
        for property in PropertySetting<LakebaseConfiguration.Telemetry>.all {
            add("telemetry.\(property.name)", property.text(in: self.telemetry))
        }
        return values
    }

    private static func json(_ claims: [RequestedClaims]) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and lists of texts, which always can be encoded.
        return (try? encoder.encode(claims)).map { String(decoding: $0, as: UTF8.self) } ?? "\(claims.count) claims"
    }

    private var workspaceEntries: [LakebaseConfigurationDescription.Entry] {
        guard let description = self.workspace?.describe() else { return [] }
        return description.entries.map {
            .init(name: "workspace.\($0.name)", value: $0.value, source: self.source($0.source))
        }
    }

    private func source(_ source: SettingSource) -> Source {
        switch source {
        case .argument: .program
        case .environment(let name): self.workspaceSources[name] ?? .environment(name)
        case .file(let path, let profile): .profile(path: path, name: profile)
        case .host: .host
        case .standard: .standard
        }
    }
}
