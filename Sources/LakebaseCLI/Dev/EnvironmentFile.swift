//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseLocal

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes an environment as `NAME=value` lines, readable by its owner only.
enum EnvironmentFile {
    /// A file could not be written.
    struct Failure: Error, CustomStringConvertible {
        var path: String
        var reason: String

        var description: String {
            "the environment cannot be written to \(self.path): \(self.reason); choose another --env-file"
        }
    }

    /// Replaces the file as a whole, so that nobody reads half of it.
    static func write(_ environment: LocalEnvironment, to path: String) throws(Failure) {
        var text = ""
        for (name, value) in environment { text += "\(name)=\(value)\n" }
        let temporary = "\(path).\(getpid()).tmp"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure(path) }
        let bytes = Array(text.utf8)
        let written = bytes.withUnsafeBytes { systemWrite(file, $0.baseAddress, $0.count) }
        let code = errno
        close(file)
        guard written == bytes.count else {
            unlink(temporary)
            throw Failure(path: path, reason: String(cString: strerror(code)))
        }
        guard rename(temporary, path) == 0 else {
            let failure = Self.failure(path)
            unlink(temporary)
            throw failure
        }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(path: path, reason: String(cString: strerror(errno)))
    }
}
