//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets

/// The folder of an app in the data directory.
///
/// ```
/// app.log, app.log.1   what it said, the older part in the second
/// home/                its HOME
/// VERSION/source/      the files of a deployment, as they were
/// VERSION/environment.json   the variables that came with the deployment (0600)
/// ```
struct AppFolder: Sendable {
    let path: String

    var logFile: String { self.path + "/app.log" }
    var olderLogFile: String { self.path + "/app.log.1" }
    var home: String { self.path + "/home" }
    func version(_ version: String) -> String { "\(self.path)/\(version)" }
    func source(_ version: String) -> String { self.version(version) + "/source" }
    /// The folder of the packages that are installed for one version only.
    func environment(_ version: String) -> String { self.version(version) + "/environment" }
    private func environmentFile(_ version: String) -> String { self.version(version) + "/environment.json" }

    /// Whether a text is a valid name of an app.
    static func isName(_ name: String) -> Bool {
        (1...63).contains(name.utf8.count)
            && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }

    /// Whether a text is a valid id of a deployment, which is also the name of a folder.
    static func isVersion(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || byte == 45
                    || byte == 95
            } && id != "home"
    }

    /// Creates the folders that every app has.
    func create() throws {
        try PrivateFile.createDirectories(self.path, mode: 0o700)
        try PrivateFile.createDirectory(self.home, mode: 0o700)
    }

    /// Stores the variables of a deployment, which the API does not return again.
    func keep(_ variables: [Apps.EnvironmentVariable], of version: String) throws {
        guard !variables.isEmpty else { return }
        try PrivateFile.createDirectories(self.version(version), mode: 0o700)
        let entries = variables.map { variable in
            Entry(
                name: variable.name ?? "", value: variable.value?.withUnsafeValue { $0 }, valueFrom: variable.valueFrom)
        }
        try PrivateFile.write(try JSONEncoder().encode(entries), to: self.environmentFile(version))
    }

    /// The variables of a deployment.
    func variables(of version: String) throws -> [Apps.EnvironmentVariable] {
        guard let data = FileManager.default.contents(atPath: self.environmentFile(version)) else { return [] }
        return try JSONDecoder().decode([Entry].self, from: data).map { entry in
            Apps.EnvironmentVariable(
                name: entry.name, value: entry.value.map { Secret($0) }, valueFrom: entry.valueFrom)
        }
    }

    /// Removes all versions but these.
    func removeVersions(except kept: Set<String>) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: self.path)) ?? []
        for name in names where name != "home" && !kept.contains(name) && PrivateFile.isDirectory(self.version(name)) {
            try? FileManager.default.removeItem(atPath: self.version(name))
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: self.path) }

    private struct Entry: Codable {
        var name: String
        var value: String?
        var valueFrom: String?
    }
}
