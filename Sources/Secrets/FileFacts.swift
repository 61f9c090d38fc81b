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

/// Whose a file or folder is, and who may do what with it; a link is a link.
package struct FileFacts: Equatable, Sendable {
    package var kind: PrivateFile.Kind
    package var owner: uid_t
    package var group: gid_t
    /// The permissions, and the bits for sets and stickiness.
    package var mode: mode_t
    /// How many names it has.
    package var names: UInt64

    package init(kind: PrivateFile.Kind, owner: uid_t, group: gid_t, mode: mode_t, names: UInt64 = 1) {
        (self.kind, self.owner, self.group, self.mode, self.names) = (kind, owner, group, mode, names)
    }

    /// What there is at a path.
    ///
    /// - Returns: `nil` if there is nothing.
    /// - Throws: When that cannot be told.
    package static func of(_ path: String) throws(PrivateFile.Failure) -> FileFacts? {
        var facts = stat()
        if lstat(path, &facts) == 0 { return FileFacts(facts) }
        if errno == ENOENT { return nil }
        throw PrivateFile.Failure(operation: "look at", path: path, code: errno)
    }

    /// What is open; `nil` if nothing is.
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
