//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LakebaseLocal
import Secrets

/// Writes an environment as `NAME=value` lines, readable by its owner only.
///
/// A value is quoted only if a shell needs quotes, so that readers that do not parse quotes (`docker run --env-file`) can use
/// plain values. Quotes are single, which shells and readers of dotenv files understand alike; double for a value that
/// contains a single quote.
enum EnvironmentFile {
    /// The file cannot be written.
    struct Failure: Error, CustomStringConvertible {
        var path: String
        var reason: String

        var description: String {
            "the environment cannot be written to \(self.path): \(self.reason); choose another --env-file"
        }
    }

    /// Replaces the file atomically, so that no reader sees half of it.
    static func write(_ environment: LocalEnvironment, to path: String) throws(Failure) {
        try Self.check(path)
        do throws(PrivateFile.Failure) {
            try PrivateFile.write(Self.text(environment).utf8, to: path)
        } catch {
            throw Failure(path: path, reason: error.reason)
        }
    }

    /// Refuses a path that cannot be written, before anything is started.
    static func check(_ path: String) throws(Failure) {
        guard !path.isEmpty else { throw Failure(path: "\"\"", reason: "the name is empty") }
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
            // A name that is free is fine if there is a folder to put it in.
            guard access(PrivateFile.folder(of: path), W_OK | X_OK) == 0 else { throw Self.failure(path) }
            return
        }
        switch attributes[.type] as? FileAttributeType {
        case .typeRegular?: return
        case .typeDirectory?: throw Failure(path: path, reason: "it is a folder")
        // Replacing the link would surprise, and following it could put secrets where another user wants them.
        case .typeSymbolicLink?: throw Failure(path: path, reason: "it is a symbolic link, name the file itself")
        case _: throw Failure(path: path, reason: "it is not an ordinary file")
        }
    }

    /// The lines of the file.
    static func text(_ environment: some Sequence<(name: String, value: String)>) -> String {
        environment.map { "\($0.name)=\(Self.quoted($0.value))\n" }.joined()
    }

    /// The shell commands that read the file; a plain name gets `./`, because a POSIX shell looks it up on `PATH`.
    static func hint(_ path: String) -> String {
        "set -a; . \(Self.quoted(path.contains("/") ? path : "./\(path)")); set +a"
    }

    static func quoted(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_-./:@%+,=".utf8.contains(byte)
            }
        }
        if isPlain { return value }
        if !value.contains("'") { return "'\(value)'" }
        var text = "\""
        for character in value.unicodeScalars {
            if "\\\"$`".unicodeScalars.contains(character) { text += "\\" }
            text.unicodeScalars.append(character)
        }
        return text + "\""
    }

    private static func failure(_ path: String) -> Failure {
        Failure(path: path, reason: String(cString: strerror(errno)))
    }
}
