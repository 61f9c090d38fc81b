//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// Finds the command that starts an app.
enum AppCommand {
    /// The app's command, or the default command, with the port filled in.
    ///
    /// No shell is involved, and only `$DATABRICKS_APP_PORT` stands for something (Databricks DevHub, "App
    /// configuration").
    ///
    /// - Throws: If there is neither a command nor a program from which one could be derived.
    static func resolve(_ command: [String]?, source: String, port: Int) throws(AppExit) -> [String] {
        let chosen: [String]
        if let command, !command.isEmpty {
            chosen = command
        } else {
            let names = ((try? FileManager.default.contentsOfDirectory(atPath: source)) ?? []).sorted()
            guard let standard = Self.standard(names, scripts: NodePackage(in: source)?.scripts ?? []) else {
                throw AppExit(
                    reason:
                        "There is no command in app.yaml, and neither package.json with a script named start nor a Python "
                        + "file in the source")
            }
            chosen = standard
        }
        return chosen.map { word in
            word.replacing("${DATABRICKS_APP_PORT}", with: "$DATABRICKS_APP_PORT")
                .replacing("$DATABRICKS_APP_PORT", with: String(port))
        }
    }

    /// The platform's default command for an app without one: for Node.js a script of its package, for Python its first
    /// file.
    static func standard(_ names: [String], scripts: Set<String>) -> [String]? {
        if scripts.contains("start") { return ["npm", "run", "start"] }
        return names.first { $0.hasSuffix(".py") }.map { ["python", $0] }
    }
}

/// The relevant contents of `package.json`.
struct NodePackage: Equatable, Sendable {
    /// The names of its scripts.
    var scripts: Set<String>

    /// Reads the `package.json` of an app; `nil` without one.
    init?(in source: String) {
        guard let data = FileManager.default.contents(atPath: source + "/package.json") else { return nil }
        struct File: Decodable {
            var scripts: [String: String]?
        }
        // npm refuses an invalid file.
        self.scripts = Set((try? JSONDecoder().decode(File.self, from: data))?.scripts?.keys.map { $0 } ?? [])
    }
}
