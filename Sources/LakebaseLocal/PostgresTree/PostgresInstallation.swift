//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

/// An installed PostgreSQL server.
struct PostgresInstallation: Sendable, Equatable {
    /// The oldest major version that works.
    static let oldestVersion = 15

    /// The folder of `postgres` and `initdb`.
    var binFolder: String
    /// The folder of `extension/`, as the server was built with.
    var shareFolder: String
    /// The folder of loadable modules, as the server was built with.
    var libFolder: String
    /// The full version, such as `15.18`.
    var version: String
    /// The major version.
    var major: Int

    var postgres: String { self.binFolder + "/postgres" }
    var initdb: String { self.binFolder + "/initdb" }

    /// Looks for a server.
    ///
    /// - Parameter configured: The folder to take; nothing else is looked at then.
    static func find(
        configured: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws(LocalLakebaseError) -> PostgresInstallation {
        let candidates: [String]
        if let configured {
            let folder = (configured as NSString).expandingTildeInPath
            // The installation's own folder will do as well.
            candidates = [folder, folder + "/bin"]
        } else {
            candidates = Self.candidateFolders(environment: environment)
        }
        var seen = Set<String>()
        var tooOld: [String] = []
        var best: PostgresInstallation?
        for folder in candidates {
            let resolved = Self.resolvedFolder(folder)
            guard let resolved, seen.insert(resolved).inserted else { continue }
            guard let found = await Self.inspect(resolved) else { continue }
            guard found.major >= Self.oldestVersion else {
                tooOld.append("\(found.version) in \(resolved)")
                continue
            }
            // PATH and a configured folder are the user's choice; among the rest the newest wins.
            if configured != nil { return found }
            if best.map({ $0.major < found.major }) ?? true { best = found }
        }
        if let best { return best }
        throw Self.notFound(configured: configured, looked: candidates, tooOld: tooOld)
    }

    /// Folders a server may be in, the likeliest first.
    static func candidateFolders(environment: [String: String]) -> [String] {
        var folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for base in ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/postgresql"] {
            let versions = (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? []
            folders += versions.compactMap { Int($0) }.sorted(by: >).map { "\(base)/\($0)/bin" }
        }
        for base in ["/usr/pgsql-"] { folders += (15...30).reversed().map { "\(base)\($0)/bin" } }
        for base in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
            folders += (15...30).reversed().map { "\(base)/postgresql@\($0)/bin" } + ["\(base)/postgresql/bin"]
        }
        folders += (15...30).reversed().map { "/Applications/Postgres.app/Contents/Versions/\($0)/bin" }
        return folders + ["/usr/local/pgsql/bin"]
    }

    /// The folder without symbolic links, if there are both programs in it.
    ///
    /// A link to `postgres` in another folder (as in `/usr/bin`) leads to the folder it really is in.
    private static func resolvedFolder(_ folder: String) -> String? {
        guard folder.hasPrefix("/"), let real = realpath(folder + "/postgres", nil) else { return nil }
        defer { free(real) }
        let resolved = (String(cString: real) as NSString).deletingLastPathComponent
        guard access(resolved + "/postgres", X_OK) == 0, access(resolved + "/initdb", X_OK) == 0 else { return nil }
        return resolved
    }

    private static func inspect(_ folder: String) async -> PostgresInstallation? {
        guard let text = await Self.output(of: folder + "/postgres", ["--version"]),
            let version = Self.version(in: text), let major = Int(version.prefix { $0.isNumber })
        else { return nil }
        if access(folder + "/pg_config", X_OK) == 0,
            let text = await Self.output(of: folder + "/pg_config", ["--sharedir", "--pkglibdir", "--bindir"])
        {
            let lines = text.split(separator: "\n").map(String.init)
            if lines.count == 3, PrivateFile.isDirectory(lines[0]), PrivateFile.isDirectory(lines[1]) {
                return PostgresInstallation(
                    binFolder: folder, shareFolder: lines[0], libFolder: lines[1], version: version, major: major
                )
            }
        }
        // Client packages carry pg_config on some systems; without it the usual places have to do.
        let prefix = (folder as NSString).deletingLastPathComponent
        let share = ["/usr/share/postgresql/\(major)", prefix + "/share/postgresql", prefix + "/share"]
            .first { FileManager.default.fileExists(atPath: $0 + "/postgres.bki") }
        let lib = [prefix + "/lib/postgresql", prefix + "/lib"].first { folder in
            ["so", "dylib"].contains { FileManager.default.fileExists(atPath: folder + "/plpgsql." + $0) }
        }
        guard let share, let lib else { return nil }
        return PostgresInstallation(
            binFolder: folder, shareFolder: share, libFolder: lib, version: version, major: major
        )
    }

    /// The version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
    static func version(in text: String) -> String? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard let index = words.firstIndex(of: "(PostgreSQL)"), index + 1 < words.count else { return nil }
        let version = words[index + 1].prefix { $0.isNumber || $0 == "." }
        return version.isEmpty ? nil : String(version)
    }

    private static func output(of program: String, _ arguments: [String]) async -> String? {
        let result = try? await ChildProcess.run(program, arguments)
        return result.flatMap { $0.status == 0 ? $0.output : nil }
    }

    private static func notFound(configured: String?, looked: [String], tooOld: [String]) -> LocalLakebaseError {
        let wanted = "PostgreSQL \(Self.oldestVersion) or newer"
        var message: String
        if let configured {
            message = "There is no \(wanted) (postgres and initdb) in \(configured)."
        } else {
            message =
                "\(wanted) was not found: no postgres with initdb beside it on PATH, in /usr/lib/postgresql/*/bin, "
                + "/usr/pgsql-*/bin, /usr/local/pgsql/bin, or in the folders of Homebrew and Postgres.app."
        }
        if !tooOld.isEmpty { message += " Too old: \(tooOld.joined(separator: ", "))." }
        #if canImport(Darwin)
        let install = "brew install postgresql@17"
        #else
        let install = "sudo apt-get install postgresql"
        #endif
        return LocalLakebaseError(
            .postgresNotFound, message, remedy: "Run script/setup, or install it yourself: \(install)."
        )
    }
}
