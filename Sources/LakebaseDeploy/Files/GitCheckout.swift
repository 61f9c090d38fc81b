//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
internal import Foundation
internal import ProgramLauncher

/// The checkout of git that a folder is in: what leaves files out of it beside the `.gitignore` files in it.
///
/// git itself is asked where that is and what its configuration says, when it is installed and answers. Without it the usual files are read.
struct GitCheckout: Sendable, Hashable {
    /// The folder that the repository's paths begin at, without links.
    var top: String
    /// What `core.excludesFile` and `info/exclude` say, in that order: the later one wins.
    var patterns: [[UInt8]]
    /// Whether names match in either case (`core.ignoreCase`).
    var ignoresCase: Bool

    /// The checkout around a folder; nil when there is none.
    ///
    /// - Parameters:
    ///   - folder: Its path, without links.
    ///   - environment: Of this process, unless it is a test.
    ///   - asksGit: Whether git is asked, if there is one.
    /// - Throws: `CancellationError`.
    static func around(
        _ folder: String, environment: [String: String] = ProcessInfo.processInfo.environment, asksGit: Bool = true
    ) async throws -> GitCheckout? {
        if asksGit, let checkout = try await Self.asked(folder, environment) { return checkout }
        return Self.read(folder, environment)
    }

    // MARK: By git

    private static func asked(_ folder: String, _ environment: [String: String]) async throws -> GitCheckout? {
        guard
            let places = try await Self.run(
                ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-path", "info/exclude"], folder,
                environment)
        else { return nil }
        let lines = places.exactLines
        guard lines.count == 2, !lines[0].utf8.isEmpty else { return nil }
        let configured = try await Self.run(
            ["config", "--type=path", "--get", "core.excludesFile"], folder, environment)
        let ignoresCase = try await Self.run(
            ["config", "--type=bool", "--get", "core.ignoreCase"], folder, environment)
        let excludes = configured?.exactLines.first.map(String.init) ?? Self.usualExcludesFile(environment)
        let top = String(lines[0])
        return GitCheckout(
            top: top,
            patterns: [excludes.map { Self.absolute($0, in: top) }, String(lines[1])].compactMap { $0 }
                .compactMap(Self.contents),
            ignoresCase: ignoresCase?.exactLines.first?.isExactly("true") == true)
    }

    /// What git prints; nil when it cannot be run, refuses, or does not answer.
    private static func run(
        _ arguments: [String], _ folder: String, _ environment: [String: String]
    ) async throws -> String? {
        // A hook of git has these set for its own repository.
        let repository = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"]
        let git = Program(
            "git", ["-C", folder, "-c", "core.fsmonitor=false"] + arguments,
            environment: .exactly(environment.filter { !repository.contains($0.key) }), timeLimit: .seconds(30))
        do {
            let outcome = try await git.collectingOutput()
            return outcome.status.isSuccess ? outcome.text : nil
        } catch is ProgramError {
            return nil
        }
    }

    // MARK: Without git

    private static func read(_ folder: String, _ environment: [String: String]) -> GitCheckout? {
        var parts = folder.splitExactly(at: "/")
        var top = folder
        while Self.gitFolder(of: top) == nil {
            guard parts.popLast() != nil, !parts.isEmpty else { return nil }
            top = "/" + parts.joined(separator: "/")
        }
        guard let repository = Self.gitFolder(of: top) else { return nil }
        let home = environment["HOME"] ?? NSHomeDirectory()
        var files: [String] = []
        if !Self.isTrue(environment["GIT_CONFIG_NOSYSTEM"] ?? "no") {
            files.append(environment["GIT_CONFIG_SYSTEM"] ?? "/etc/gitconfig")
        }
        if let file = environment["GIT_CONFIG_GLOBAL"] {
            files.append(file)
        } else {
            files += ["\(Self.configurationFolder(environment))/config", "\(home)/.gitconfig"]
        }
        files.append("\(repository)/config")
        var (excludes, ignoresCase) = (Self.usualExcludesFile(environment), false)
        for file in files {
            guard let bytes = Self.contents(file) else { continue }
            let settings = GitConfiguration.core(String(decoding: bytes, as: UTF8.self))
            if let path = settings["excludesfile"] {
                excludes = path.startsExactly(with: "~/") ? home + path.dropFirst() : path
            }
            if let word = settings["ignorecase"] { ignoresCase = Self.isTrue(word) }
        }
        return GitCheckout(
            top: top,
            patterns: [excludes.map { Self.absolute($0, in: top) }, "\(repository)/info/exclude"].compactMap { $0 }
                .compactMap(Self.contents), ignoresCase: ignoresCase)
    }

    /// The folder with a repository's own files, when that folder is a checkout; `.git` may be a file that names it.
    static func gitFolder(of folder: String) -> String? {
        let place = "\(folder)/.git"
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) else { return nil }
        if isFolder.boolValue {
            return FileManager.default.fileExists(atPath: "\(place)/HEAD") ? place : nil
        }
        guard let bytes = Self.contents(place) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).exactLines.first ?? ""
        guard let named = line.droppingExactly(prefix: "gitdir: ") else { return nil }
        let own = Self.absolute(String(named), in: folder)
        // A further working tree shares the configuration with the first one.
        guard let common = Self.contents("\(own)/commondir") else { return own }
        return Self.absolute(String(String(decoding: common, as: UTF8.self).exactLines.first ?? "."), in: own)
    }

    /// A setting without a value is true.
    private static func isTrue(_ word: String) -> Bool { ["true", "yes", "on", "1", ""].contains(word.lowercased()) }

    private static func usualExcludesFile(_ environment: [String: String]) -> String? {
        "\(Self.configurationFolder(environment))/ignore"
    }

    private static func configurationFolder(_ environment: [String: String]) -> String {
        if let folder = environment["XDG_CONFIG_HOME"], !folder.isEmpty { return "\(folder)/git" }
        return "\(environment["HOME"] ?? NSHomeDirectory())/.config/git"
    }

    private static func absolute(_ path: String, in folder: String) -> String {
        path.startsExactly(with: "/") ? path : "\(folder)/\(path)"
    }

    private static func contents(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { [UInt8]($0) }
    }
}

/// The settings of the section `[core]` in a configuration file of git.
enum GitConfiguration {
    /// - Returns: The values by the names of the settings, in lower case; of several the last.
    static func core(_ text: String) -> [String: String] {
        var settings: [String: String] = [:]
        var isCore = false
        for line in text.exactLines {
            let words = line.utf8.drop { $0 == 0x20 || $0 == 0x09 }
            guard let first = words.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { continue }
            if first == UInt8(ascii: "[") {
                isCore = String(Substring(words)).lowercased().startsExactly(with: "[core]")
                continue
            }
            guard isCore else { continue }
            let parts = Substring(words).splitExactly(at: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0].lowercased().filter { !$0.isWhitespace }
            settings[name] = parts.count == 2 ? Self.value(parts[1]) : ""
        }
        return settings
    }

    /// A value without the quotes, escapes and comment that it may have.
    private static func value(_ text: Substring) -> String {
        var value: [UInt8] = []
        var (isQuoted, isEscaped, kept) = (false, false, 0)
        loop: for byte in text.utf8 {
            switch byte {
            case _ where isEscaped:
                value.append(byte == UInt8(ascii: "t") ? 0x09 : byte)
                isEscaped = false
            case UInt8(ascii: "\\"):
                isEscaped = true
                continue
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "#") where !isQuoted, UInt8(ascii: ";") where !isQuoted: break loop
            case 0x20 where !isQuoted, 0x09 where !isQuoted:
                if !value.isEmpty { value.append(byte) }
                continue
            default: value.append(byte)
            }
            kept = value.count
        }
        return String(decoding: value.prefix(kept), as: UTF8.self)
    }
}
