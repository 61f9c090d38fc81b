//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The session, the credential and the pool.
extension SettingsResolver {
    mutating func takeSession(into configuration: inout LakebaseConfiguration) {
        configuration.schema = self.text(.schema, as: "schema")
        if let text = self.text(.sessionSettings, as: "settings") {
            configuration.settings = self.sessionSettings(text)
        }
        // A connection string may have brought its own.
        if configuration.startupOptions == nil {
            configuration.startupOptions = self.text(.options, as: "startupOptions")
        }
        if let capacity = self.count(.statementCache, as: "statementCacheCapacity") {
            configuration.statementCacheCapacity = capacity
        }
        if let idle = self.time(.keepaliveIdle, as: "keepaliveIdle") { configuration.keepaliveIdle = idle }
    }

    mutating func takeCredential(into configuration: inout LakebaseConfiguration) {
        configuration.credential.ttl = self.time(.credentialTTL, as: "credential.ttl")
        configuration.credential.group = self.text(.credentialGroup, as: "credential.group")
        guard let text = self.text(.credentialClaims, as: "credential.claims") else { return }
        do {
            configuration.credential.claims = try JSONDecoder().decode(
                [RequestedClaims].self, from: Data(text.utf8))
        } catch {
            self.report(
                .credentialClaims, "cannot be read as a list of claims",
                #"use JSON such as [{"permission_set": "READ_ONLY", "resources": [{"table_name": "a.b.c"}]}]"#)
        }
    }

    mutating func takePool(into configuration: inout LakebaseConfiguration, defaults: PQPoolConfiguration) {
        let standard = PQPoolConfiguration()
        for limit in PropertySetting<PQPoolConfiguration>.all where limit.text(in: defaults) != limit.text(in: standard)
        {
            self.sources["pool.\(limit.name)"] = .program
        }
        if let timeout = self.stringConnectTimeout {
            configuration.pool.connectTimeout = timeout
            self.sources["pool.connectTimeout"] = .connectionString(self.name(.databaseURL))
        } else if let timeout = self.platformConnectTimeout() {
            configuration.pool.connectTimeout = timeout
        }
        let isInString = self.stringConnectTimeout != nil
        self.take(
            PropertySetting<PQPoolConfiguration>.all.filter { !($0.setting == .connectTimeout && isInString) },
            into: &configuration.pool, as: "pool")
    }

    mutating func takeTelemetry(into configuration: inout LakebaseConfiguration) {
        self.take(PropertySetting<LakebaseConfiguration.Telemetry>.all, into: &configuration.telemetry, as: "telemetry")
    }

    private mutating func take<Root>(_ settings: [PropertySetting<Root>], into root: inout Root, as part: String) {
        for property in settings {
            let name = "\(part).\(property.name)"
            switch property.field {
            case .flag(let path):
                if let flag = self.flag(property.setting, as: name) { root[keyPath: path] = flag }
            case .count(let path):
                if let count = self.count(property.setting, as: name) { root[keyPath: path] = count }
            case .text(let path):
                if let text = self.text(property.setting, as: name) { root[keyPath: path] = text }
            case .time(let path):
                if let time = self.time(property.setting, as: name) { root[keyPath: path] = time }
            case .timeOrOff(let path):
                if let time = self.timeOrOff(property.setting, as: name) { root[keyPath: path] = time.duration }
            case .reset(let path):
                if let reset = self.reset(property.setting, as: name) { root[keyPath: path] = reset }
            case .multiplexing(let path):
                if let value = self.multiplexing(property.setting, as: name) { root[keyPath: path] = value }
            }
        }
    }

    private mutating func platformConnectTimeout() -> Duration? {
        guard let text = self.text(.platformConnectTimeout, as: "pool.connectTimeout") else { return nil }
        if self.isSet(.connectTimeout) {
            self.notes.append(
                "\(self.name(.connectTimeout)) is set: \(self.name(.platformConnectTimeout)) is ignored")
            return nil
        }
        guard let seconds = Int(text), (0...3600).contains(seconds) else {
            self.report(.platformConnectTimeout, "is \"\(text)\"", "use a number of seconds up to 3600")
            return nil
        }
        return PQConnection.Configuration.connectTimeout(libpqSeconds: seconds)
    }

    // MARK: Values

    private mutating func count(_ setting: LakebaseSetting, as field: String) -> Int? {
        guard let text = self.text(setting, as: field) else { return nil }
        guard let count = Int(text), (0...1_000_000).contains(count) else {
            self.report(setting, "is \"\(text)\"", "use a whole number up to 1000000")
            return nil
        }
        return count
    }

    private mutating func time(_ setting: LakebaseSetting, as field: String) -> Duration? {
        guard let text = self.text(setting, as: field) else { return nil }
        guard let duration = DurationText.duration(text) else {
            self.report(setting, "is \"\(text)\"", DurationText.remedy)
            return nil
        }
        return duration
    }

    private struct Switchable {
        /// Nil for `off`.
        var duration: Duration?
    }

    /// Nil when it is not set, or wrong.
    private mutating func timeOrOff(_ setting: LakebaseSetting, as field: String) -> Switchable? {
        guard let text = self.text(setting, as: field) else { return nil }
        if text.lowercased() == "off" { return Switchable(duration: nil) }
        guard let duration = DurationText.duration(text) else {
            self.report(setting, "is \"\(text)\"", DurationText.remedy + ", or off")
            return nil
        }
        return Switchable(duration: duration)
    }

    private mutating func reset(_ setting: LakebaseSetting, as field: String) -> SessionReset? {
        guard let text = self.text(setting, as: field) else { return nil }
        if let reset = SessionReset(rawValue: text.lowercased()) { return reset }
        self.report(setting, "is \"\(text)\"", "use when-changed, always or never")
        return nil
    }

    private mutating func multiplexing(_ setting: LakebaseSetting, as field: String) -> PQMultiplexing? {
        guard let text = self.text(setting, as: field) else { return nil }
        if text.lowercased() == "off" { return .off }
        if let depth = Int(text), (2...256).contains(depth) { return .depth(depth) }
        self.report(setting, "is \"\(text)\"", "use a number between 2 and 256, or off")
        return nil
    }

    private mutating func flag(_ setting: LakebaseSetting, as field: String) -> Bool? {
        guard let text = self.text(setting, as: field) else { return nil }
        switch text.lowercased() {
        // A JSON file's `true` comes as the number 1 from its reader.
        case "true", "1": return true
        case "false", "0": return false
        default:
            self.report(setting, "is \"\(text)\"", "use true or false")
            return nil
        }
    }

    /// `name=value` pairs with semicolons between them.
    private mutating func sessionSettings(_ text: String) -> [String: String] {
        var settings: [String: String] = [:]
        for pair in text.split(separator: ";", omittingEmptySubsequences: true) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
            if parts.count == 1, parts[0].isEmpty { continue }
            guard parts.count == 2, Self.isSettingName(parts[0]), settings[parts[0]] == nil else {
                self.report(
                    .sessionSettings, "has \"\(Self.trimmed(pair))\" in it",
                    "use name=value once for each name, with semicolons between them")
                continue
            }
            settings[parts[0]] = parts[1]
        }
        return settings
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    private static func isSettingName(_ name: String) -> Bool {
        !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
    }

    mutating func rootCertificate() -> String? {
        guard let path = self.text(.rootCertificate, as: "rootCertificate"), path != "system" else { return nil }
        if !FileManager.default.isReadableFile(atPath: path) {
            self.report(
                .rootCertificate, "names \(path), which cannot be read", "name a file with certificates in PEM")
        }
        return path
    }
}
