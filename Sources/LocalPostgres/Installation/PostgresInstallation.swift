//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

/// An installed PostgreSQL server.
package struct PostgresInstallation: Sendable, Equatable {
    /// The folder of `postgres` and `initdb`.
    package var binFolder: String
    /// The folder of `extension/`, with which the server was built.
    var shareFolder: String
    /// The folder of loadable modules, with which the server was built.
    var libFolder: String
    /// The full version, such as `15.18`.
    package var version: String
    /// The major version.
    package var major: Int

    var postgres: String { self.binFolder + "/postgres" }
    var initdb: String { self.binFolder + "/initdb" }

    /// The folder without symbolic links, if it contains both programs.
    ///
    /// A link to `postgres` in another folder (as in `/usr/bin`) leads to the folder it really is in.
    static func resolvedFolder(_ folder: String) -> String? {
        guard folder.hasPrefix("/"), let real = realpath(folder + "/postgres", nil) else { return nil }
        defer { free(real) }
        let resolved = (String(cString: real) as NSString).deletingLastPathComponent
        guard access(resolved + "/postgres", X_OK) == 0, access(resolved + "/initdb", X_OK) == 0 else { return nil }
        return resolved
    }

    static func inspect(_ folder: String) async -> PostgresInstallation? {
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
}
