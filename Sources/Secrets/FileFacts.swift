//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
package import Glibc
#elseif canImport(Musl)
package import Musl
#elseif canImport(Darwin)
package import Darwin
#endif

/// The owner and permissions of a file or folder; a link is not followed.
package struct FileFacts: Equatable, Sendable {
    package var kind: PrivateFile.Kind
    package var owner: uid_t
    package var group: gid_t
    /// The permissions, with the set-id and sticky bits.
    package var mode: mode_t
    /// The number of names (hard links).
    package var names: UInt64

    package init(kind: PrivateFile.Kind, owner: uid_t, group: gid_t, mode: mode_t, names: UInt64 = 1) {
        (self.kind, self.owner, self.group, self.mode, self.names) = (kind, owner, group, mode, names)
    }

    /// The facts about a path.
    ///
    /// - Returns: `nil` if there is nothing.
    /// - Throws: When that cannot be told.
    package static func of(_ path: String) throws(PrivateFile.Failure) -> FileFacts? {
        var facts = stat()
        if lstat(path, &facts) == 0 { return FileFacts(facts) }
        if errno == ENOENT { return nil }
        throw PrivateFile.Failure(operation: "look at", path: path, code: errno)
    }

    /// The facts about an open file; `nil` if none is open.
    package init?(of descriptor: Int32) {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return nil }
        self.init(facts)
    }

    private init(_ facts: stat) {
        self.kind =
            switch facts.st_mode & S_IFMT {
            case S_IFDIR: .folder
            case S_IFREG: .file
            case S_IFLNK: .link
            default: .other
            }
        self.owner = facts.st_uid
        self.group = facts.st_gid
        self.mode = facts.st_mode & 0o7777
        self.names = UInt64(facts.st_nlink)
    }
}
