//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Files that users keep, and may have moved elsewhere, leaving a symbolic link.
extension PrivateFile {
    /// The maximum number of links that are followed, as in Linux.
    private static let maximumLinks = 40

    /// The path to which a link leads; the file there need not exist.
    package static func target(of path: String) throws(Failure) -> String {
        var path = path
        for _ in 0..<Self.maximumLinks {
            guard let next = try Self.link(at: path) else { return path }
            path = next.utf8.first == UInt8(ascii: "/") ? next : "\(Self.folder(of: path))/\(next)"
        }
        throw Failure(operation: "follow the links of", path: path, code: ELOOP)
    }

    /// Replaces a file in one step, as ``write(_:to:mode:durable:)`` does; if the path is a link, the file that it
    /// leads to is replaced.
    ///
    /// The file keeps its owner. Where there is something that is no file, such as a device or a folder, nothing is
    /// replaced.
    package static func replace(_ bytes: some Sequence<UInt8>, at path: String) throws(Failure) {
        let (target, owner) = try Self.replaceable(path)
        try Self.write(bytes, to: target)
        // Who works as root on another one's file must not take it away from him.
        if let owner, owner.user != geteuid(), chown(target, owner.user, owner.group) != 0 {
            throw Failure(operation: "give back", path: target, code: errno)
        }
    }

    /// Checks whether a file of this size could be replaced: writes as much beside it, and deletes it again.
    package static func checkReplaceable(_ path: String, size: Int) throws(Failure) {
        let target = try Self.replaceable(path).target
        let probe = "\(target).\(UInt64.random(in: 0...UInt64.max)).new"
        try Self.write(repeatElement(0, count: max(size, 0)), to: probe)
        unlink(probe)
    }

    private static func replaceable(
        _ path: String
    ) throws(Failure) -> (target: String, owner: (user: uid_t, group: gid_t)?) {
        let target = try Self.target(of: path)
        var facts = stat()
        guard stat(target, &facts) == 0 else {
            guard errno == ENOENT else { throw Failure(operation: "look at", path: target, code: errno) }
            return (target, nil)
        }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw Failure(operation: "replace what is no file,", path: target, code: EINVAL)
        }
        return (target, (facts.st_uid, facts.st_gid))
    }

    /// The destination of a link; nil where there is no link.
    private static func link(at path: String) throws(Failure) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(path, &bytes, bytes.count - 1)
        if count < 0 {
            if errno == EINVAL || errno == ENOENT { return nil }
            throw Failure(operation: "look at", path: path, code: errno)
        }
        guard let text = String(validating: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) else {
            throw Failure(operation: "follow the link", path: path, code: EILSEQ)
        }
        return text
    }
}
