//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Foundation
package import LocalGround
package import Secrets

/// The system user that runs PostgreSQL.
///
/// PostgreSQL refuses to run as root. Started by root it runs as `postgres` if there is such a user, else as `nobody`.
package struct ServerUser: Sendable, Equatable {
    /// The user to switch to; `nil` for the current user.
    package struct Other: Sendable, Equatable {
        var name: String
        package var userID: uid_t
        var groupID: gid_t
        /// The command prefix that runs a program as the user.
        var prefix: [String]
    }
    package let other: Other?

    package init(other: Other?) {
        self.other = other
    }

    /// The user's name, for messages.
    var name: String { self.other?.name ?? NSUserName() }

    /// Determines the user.
    package static func resolve() throws(LocalLakebaseError) -> ServerUser {
        guard geteuid() == 0 else { return ServerUser(other: nil) }
        for name in ["postgres", "nobody"] {
            guard let entry = getpwnam(name), entry.pointee.pw_uid != 0 else { continue }
            let (userID, groupID) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
            return ServerUser(
                other: Other(
                    name: name, userID: userID, groupID: groupID,
                    prefix: try Self.prefix(name: name, userID: userID, groupID: groupID)
                )
            )
        }
        throw LocalLakebaseError(
            .postgresFailed,
            "PostgreSQL cannot run as root, and there is neither a user postgres nor a user nobody to run it as.",
            remedy: "Start as an ordinary user, or add one: useradd --system postgres."
        )
    }

    /// The program and arguments that run `program` as this user.
    func command(_ program: String, _ arguments: [String]) -> (program: String, arguments: [String]) {
        guard let prefix = self.other?.prefix, let first = prefix.first else { return (program, arguments) }
        return (first, Array(prefix.dropFirst()) + [program] + arguments)
    }

    /// Makes this user the owner of a file or folder.
    package func own(_ path: String) throws(PrivateFile.Failure) {
        guard let other else { return }
        if lchown(path, other.userID, other.groupID) != 0 {
            throw PrivateFile.Failure(operation: "give away", path: path, code: errno)
        }
    }

    /// Writes a file owned by this user, in a folder that this user may own too.
    ///
    /// Given away before it has its name: a name in another's folder may lead somewhere else a moment later.
    package func write(_ data: Data, to path: String) throws(PrivateFile.Failure) {
        let temporary = "\(path).\(UInt64.random(in: 0...UInt64.max)).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw PrivateFile.Failure(operation: "create", path: temporary, code: errno)
        }
        let count = data.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        var code: Int32 = count == data.count ? 0 : count < 0 ? errno : EIO
        if code == 0, let other, fchown(descriptor, other.userID, other.groupID) != 0 { code = errno }
        if code == 0, fsync(descriptor) != 0 { code = errno }
        if close(descriptor) != 0, code == 0 { code = errno }
        if code == 0, rename(temporary, path) != 0 { code = errno }
        guard code == 0 else {
            unlink(temporary)
            throw PrivateFile.Failure(operation: "write", path: path, code: code)
        }
    }

    /// Checks that this user can enter every folder of a path.
    package func checkReaches(_ path: String) throws(LocalLakebaseError) {
        guard let folder = self.barrier(to: path) else { return }
        throw LocalLakebaseError(
            .dataDirectory,
            "PostgreSQL cannot run as root, so it runs as user \(self.name), who cannot enter \(folder).",
            remedy: "Choose a data folder outside of it, such as --data /var/lib/lakebase, "
                + "or let others pass: chmod o+x \(folder)."
        )
    }

    /// The first folder of a path, the path included, that this user cannot enter; `nil` if there is none.
    func barrier(to path: String) -> String? {
        guard let other else { return nil }
        var folder = path
        while true {
            if let attributes = try? FileManager.default.attributesOfItem(atPath: folder),
                let mode = (attributes[.posixPermissions] as? NSNumber)?.uint32Value,
                let owner = (attributes[.ownerAccountID] as? NSNumber)?.uint32Value,
                let group = (attributes[.groupOwnerAccountID] as? NSNumber)?.uint32Value
            {
                let bit: UInt32 = owner == other.userID ? 0o100 : group == other.groupID ? 0o010 : 0o001
                if mode & bit == 0 { return folder }
            }
            let parent = (folder as NSString).deletingLastPathComponent
            if parent == folder || parent.isEmpty { return nil }
            folder = parent
        }
    }

    private static func prefix(name: String, userID: uid_t, groupID: gid_t) throws(LocalLakebaseError) -> [String] {
        let folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"]
        func find(_ program: String) -> String? {
            folders.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
        }
        // The two replace themselves by the program, which keeps its process id and our session.
        if let setpriv = find("setpriv") {
            return [
                setpriv, "--reuid=\(userID)", "--regid=\(groupID)", "--clear-groups", "--inh-caps=-all", "--",
            ]
        }
        #if canImport(Darwin)
        if let sudo = find("sudo") { return [sudo, "-n", "-u", name, "--"] }
        #else
        if let runuser = find("runuser") { return [runuser, "-u", name, "--"] }
        #endif
        throw LocalLakebaseError(
            .postgresFailed,
            "PostgreSQL cannot run as root, and neither setpriv nor runuser is there to become \(name).",
            remedy: "Start as an ordinary user, or install util-linux."
        )
    }
}
