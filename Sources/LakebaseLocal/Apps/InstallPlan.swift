//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import Secrets

/// What has to be installed for an app before it starts, as on the platform.
///
/// Source: Databricks, "Deployment logic": `package.json` first, then `requirements.txt`, else `pyproject.toml` with
/// `uv.lock`.
struct InstallPlan: Equatable, Sendable {
    enum Python: Equatable, Sendable {
        /// With pip.
        case requirements(Basis)
        /// With uv.
        case lock
    }

    /// The files that determine what is installed.
    enum Basis: Equatable, Sendable {
        /// These files, the first of which is `requirements.txt`.
        case files([String])
        /// Any file of the source may matter.
        case source
    }

    /// A package of Node.js.
    struct Node: Equatable, Sendable {
        /// Whether it has a build script.
        var builds: Bool
    }

    var node: Node?
    var python: Python?

    static let requirements = "requirements.txt"

    /// Reads the plan from the files of an app.
    init(source: String) {
        self.node = NodePackage(in: source).map { Node(builds: $0.scripts.contains("build")) }
        func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(source)/\(name)") }
        if let data = FileManager.default.contents(atPath: "\(source)/\(Self.requirements)") {
            let lines = Self.lines(of: String(decoding: data, as: UTF8.self))
            // Many templates contain an empty one.
            if !lines.isEmpty { self.python = .requirements(Self.basis(in: source)) }
        } else if exists("pyproject.toml"), exists("uv.lock") {
            self.python = .lock
        }
    }

    /// Finds the files that `requirements.txt` names, directly or indirectly.
    private static func basis(in source: String) -> Basis {
        var files = [Self.requirements]
        var unread = files
        while let file = unread.popLast() {
            guard let data = FileManager.default.contents(atPath: "\(source)/\(file)") else { return .source }
            let folder = file.splitExactly(at: "/").dropLast().map { $0 + "/" }.joined()
            for line in Self.lines(of: String(decoding: data, as: UTF8.self)) {
                let path: String
                switch Self.reference(line) {
                case .packages: continue
                case .unknown: return .source
                case .list(let name): path = name.startsExactly(with: "/") ? name : folder + name
                case .archive(let name): path = name
                }
                guard let plain = Self.plain(path), FileManager.default.isReadableFile(atPath: "\(source)/\(plain)"),
                    !PrivateFile.isDirectory("\(source)/\(plain)")
                else { return .source }
                guard !files.contains(where: { $0.isExactly(plain) }) else { continue }
                files.append(plain)
                if case .list = Self.reference(line) { unread.append(plain) }
            }
        }
        return .files(files)
    }

    /// A normalized path below the source; `nil` for a path outside of it.
    private static func plain(_ path: String) -> String? {
        guard !path.startsExactly(with: "/") else { return nil }
        var parts: [Substring] = []
        for part in path.splitExactly(at: "/") where !part.isExactly(".") {
            if !part.isExactly("..") { parts.append(part) } else if parts.popLast() == nil { return nil }
        }
        return parts.joined(separator: "/")
    }

    /// What a line of `requirements.txt` refers to.
    enum Reference: Equatable, Sendable {
        /// Packages of a package index.
        case packages
        /// A file with more lines of this kind.
        case list(String)
        /// A package file.
        case archive(String)
        case unknown
    }

    static func reference(_ line: String) -> Reference {
        // A comment begins with a word that begins with its sign.
        let line = line.split { $0 == " " || $0 == "\t" }.prefix { !$0.startsExactly(with: "#") }.joined(separator: " ")
        if Self.isSelfContained(line) { return .packages }
        let words = line.split { $0 == " " || $0 == "=" || $0 == ";" }.map(String.init)
        guard let first = words.first, !line.containsExactly(":") else { return .unknown }
        let options = ["-r", "--requirement", "-c", "--constraint"]
        if options.contains(where: { first.isExactly($0) }) { return words.count == 2 ? .list(words[1]) : .unknown }
        // What follows is a marker, which names no file.
        let isArchive = [".whl", ".tar.gz"].contains { first.endsExactly(with: $0) }
        return isArchive && !first.startsExactly(with: "-") ? .archive(first) : .unknown
    }

    /// The lines that are neither empty nor comments.
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
