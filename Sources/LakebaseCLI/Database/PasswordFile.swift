//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase
import Secrets

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A password file for one run of a program, in its own folder that only its owner can read.
///
/// Not an environment variable: those are inherited by every child process, and shown by `ps e` and in crash reports. Not an
/// argument, which every user can see.
struct PasswordFile: Sendable {
    let path: String
    private let folder: String

    /// Creates the folder; ``write(_:for:)`` creates the file.
    init() throws(PrivateFile.Failure) {
        let parents: [String] = ["XDG_RUNTIME_DIR", "TMPDIR"].compactMap { (name: String) in
            getenv(name).map { String(cString: $0) }
        }
        let parent: String = parents.first { $0.hasPrefix("/") && access($0, W_OK | X_OK) == 0 } ?? "/tmp"
        self.folder = try PrivateFile.makeTemporaryDirectory("\(parent)/lakebase-psql-XXXXXX")
        self.path = self.folder + "/pgpass"
    }

    /// Replaces the file atomically, because a login can read it at any time.
    func write(_ password: Secret, for parameters: LakebaseCredentials.DriverParameters) throws {
        try parameters.passwordFile(password).withUnsafeValue { text in
            try PrivateFile.write(text.utf8, to: self.path, durable: false)
        }
    }

    func remove() {
        unlink(self.path)
        rmdir(self.folder)
    }
}
