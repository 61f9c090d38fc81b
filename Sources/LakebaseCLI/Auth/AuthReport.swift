//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation

/// The identity and its settings, as text and as JSON.
struct AuthReport: Encodable {
    struct Setting: Encodable {
        var name: String
        var value: String
        var source: String
    }

    struct PassedOver: Encodable {
        var method: String
        var reason: String
    }

    var host: String?
    var workspaceID: String?
    var identity: String?
    var method: String?
    var profile: String?
    var configFile: String?
    var settings: [Setting] = []
    var passedOver: [PassedOver] = []
    var error: String?

    mutating func take(_ configuration: WorkspaceConfiguration) {
        let description = configuration.describe()
        self.host = configuration.host.value
        self.workspaceID = configuration.workspaceID?.value
        self.method = description.authType.rawValue
        self.profile = description.profile
        self.configFile = description.configFile
        self.settings = description.entries.map {
            Setting(name: $0.name, value: $0.value, source: $0.source.description)
        }
        self.passedOver = description.unfitMethods.map { PassedOver(method: $0.type.rawValue, reason: $0.reason) }
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    func text() -> String {
        let facts = [
            ("identity", self.identity ?? "not known"), ("method", self.method ?? "none"),
            ("workspace", self.host ?? "none"), ("workspace id", self.workspaceID),
            ("profile", self.profile.map { "\($0) in \(self.configFile ?? "the configuration file")" }),
        ]
        var lines = facts.compactMap { name, value in value.map { Self.pad(name, 14) + $0 } }
        if !self.settings.isEmpty {
            let (name, value) = (self.width(\.name), self.width(\.value))
            lines += ["", "settings"]
            lines += self.settings.map { "  \(Self.pad($0.name, name))\(Self.pad($0.value, value))from \($0.source)" }
        }
        if !self.passedOver.isEmpty {
            lines += ["", "passed over"]
            let width = self.passedOver.map(\.method.count).max() ?? 0
            lines += self.passedOver.map { "  \(Self.pad($0.method, width + 2))\($0.reason)" }
        }
        return lines.joined(separator: "\n")
    }

    /// The width of a column; a few long values do not widen it.
    private func width(_ part: (Setting) -> String) -> Int {
        (self.settings.map { part($0).count }.filter { $0 <= 48 }.max() ?? 0) + 2
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
