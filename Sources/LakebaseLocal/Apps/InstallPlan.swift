//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation

/// What is to be installed for an app before it starts, as the platform does it.
///
/// Source: Databricks, "Deployment logic": `package.json` first, then `requirements.txt`, else `pyproject.toml` with `uv.lock`.
struct InstallPlan: Equatable, Sendable {
    enum Python: Equatable, Sendable {
        /// With pip; whether the file alone says what it is, and names no other ones of the source.
        case requirements(isSelfContained: Bool)
        /// With uv.
        case lock
    }

    /// A package of Node.js.
    struct Node: Equatable, Sendable {
        /// Whether it has a script that builds it.
        var builds: Bool
    }

    var node: Node?
    var python: Python?

    static let requirements = "requirements.txt"

    /// Finds out for the files of an app.
    init(source: String) {
        self.node = NodePackage(in: source).map { Node(builds: $0.scripts.contains("build")) }
        func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(source)/\(name)") }
        if let data = FileManager.default.contents(atPath: "\(source)/\(Self.requirements)") {
            let lines = Self.lines(of: String(decoding: data, as: UTF8.self))
            // One that says nothing is in many templates.
            if !lines.isEmpty {
                self.python = .requirements(isSelfContained: lines.allSatisfy(Self.isSelfContained))
            }
        } else if exists("pyproject.toml"), exists("uv.lock") {
            self.python = .lock
        }
    }

    /// The lines that say something.
    static func lines(of text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && !$0.startsExactly(with: "#") }
    }

    /// Whether a line of `requirements.txt` names a package and no file.
    static func isSelfContained(_ line: String) -> Bool {
        guard let first = line.utf8.first else { return true }
        let isName = (97...122).contains(first) || (65...90).contains(first) || (48...57).contains(first)
        let named = line.utf8.prefix { $0 != UInt8(ascii: "#") }
        // "name @ https://…" is the one form in which a slash is no file.
        return isName && !line.containsExactly("file:")
            && (!named.contains(UInt8(ascii: "/")) || line.containsExactly("@ http"))
            && !line.containsExactly(".whl") && !line.containsExactly(".tar.gz")
    }
}
