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

/// A password file for one run of a program, in a folder of its own that only its owner can look into.
///
/// Not a variable: the environment of a process is handed on to everything it starts, and shown by `ps e` and in crash
/// reports. Not an argument, which everybody can see.
struct PasswordFile: Sendable {
    let path: String
    private let folder: String

    /// Makes the folder; the file comes with ``write(_:_:)``.
    init() throws(PrivateFile.Failure) {
        let parents: [String] = ["XDG_RUNTIME_DIR", "TMPDIR"].compactMap { (name: String) in
            getenv(name).map { String(cString: $0) }
        }
        let parent: String = parents.first { $0.hasPrefix("/") && access($0, W_OK | X_OK) == 0 } ?? "/tmp"
        self.folder = try PrivateFile.makeTemporaryDirectory("\(parent)/lakebase-psql-XXXXXX")
        self.path = self.folder + "/pgpass"
    }

    /// Replaces the file as a whole, for a login can read it at any time.
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
