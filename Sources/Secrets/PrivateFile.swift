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

/// Files and folders with exact modes, whatever the umask.
package enum PrivateFile {
    /// A failed system call: the call, its path, and the reason.
    package struct Failure: Error, CustomStringConvertible {
        package let operation: String
        package let path: String
        package let code: Int32

        package init(operation: String, path: String, code: Int32) {
            self.operation = operation
            self.path = path
            self.code = code
        }

        package var description: String {
            "cannot \(self.operation) \(self.path): \(self.reason)"
        }

        /// The reason in the system's words.
        package var reason: String { String(cString: strerror(self.code)) }
    }

    // MARK: Files

    /// Replaces a file in one step: a reader, or the next start after a crash, sees the old contents or the new.
    ///
    /// - Parameter durable: Whether it is to survive a power failure right after.
    package static func write(
        _ bytes: some Sequence<UInt8>, to path: String, mode: mode_t = 0o600, durable: Bool = true
    ) throws(Failure) {
        let temporary = "\(path).\(UInt64.random(in: 0...UInt64.max)).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Failure(operation: "create", path: temporary, code: errno) }
        var code = Self.fill(descriptor, with: bytes)
        // The umask may have taken something away; and a full disk may show only when the bytes leave the memory.
        if code == 0, fchmod(descriptor, mode) != 0 || durable && fsync(descriptor) != 0 { code = errno }
        if close(descriptor) != 0, code == 0 { code = errno }
        if code != 0 {
            unlink(temporary)
            throw Failure(operation: "write", path: path, code: code)
        }
        if rename(temporary, path) != 0 {
            let failure = Failure(operation: "replace", path: path, code: errno)
            unlink(temporary)
            throw failure
        }
    }

    /// Writes all of the bytes: on a disk that is nearly full, a call may write a part of them only.
    ///
    /// - Returns: 0, or the number of the error.
    static func fill(_ descriptor: Int32, with bytes: some Sequence<UInt8>) -> Int32 {
        // Directly, if the bytes are contiguous: a file that is mapped into memory may be larger than the memory.
        if let code = bytes.withContiguousStorageIfAvailable({ Self.fill(descriptor, with: UnsafeRawBufferPointer($0)) }
        ) {
            return code
        }
        return Array(bytes).withUnsafeBytes { Self.fill(descriptor, with: $0) }
    }

    private static func fill(_ descriptor: Int32, with bytes: UnsafeRawBufferPointer) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = Self.systemWrite(descriptor, part.baseAddress, part.count)
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 {
                return EIO
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes, count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes, count)
        #elseif canImport(Darwin)
        Darwin.write(descriptor, bytes, count)
        #endif
    }

    /// Sets the mode of a file or folder.
    package static func setMode(_ path: String, _ mode: mode_t) throws(Failure) {
        if chmod(path, mode) != 0 { throw Failure(operation: "set the mode of", path: path, code: errno) }
    }

    // MARK: Folders

    /// Creates a folder with exactly `mode`; an existing one is left as it is.
    package static func createDirectory(_ path: String, mode: mode_t) throws(Failure) {
        if mkdir(path, mode) != 0 {
            let code = errno
            if code != EEXIST || !Self.isDirectory(path) {
                throw Failure(operation: "create the folder", path: path, code: code)
            }
            return
        }
        try Self.setMode(path, mode)
    }

    /// Creates a folder and its missing parents; the parents get the usual mode.
    package static func createDirectories(_ path: String, mode: mode_t) throws(Failure) {
        if Self.isDirectory(path) { return }
        let parent = Self.folder(of: path)
        if parent != path, !Self.isDirectory(parent) { try Self.createDirectories(parent, mode: 0o755) }
        try Self.createDirectory(path, mode: mode)
    }

    /// The folder of a path; `.` for a bare name.
    package static func folder(of path: String) -> String {
        var bare = path[...]
        while bare.count > 1, bare.hasSuffix("/") { bare = bare.dropLast() }
        guard let slash = bare.lastIndex(of: "/") else { return "." }
        return slash == bare.startIndex ? "/" : String(bare[..<slash])
    }

    /// Whether there is a folder at the path.
    package static func isDirectory(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    // MARK: Facts

    /// The kind of the entry at a path.
    package enum Kind: Sendable, Hashable {
        case folder, file, link, other
    }

    /// The kind of the entry at a path, and a file's size in bytes; a link is not followed.
    ///
    /// It is `nil` if there is nothing. Here, where no other module has a say in whose `stat` it is.
    package static func facts(of path: String) -> (kind: Kind, size: Int64)? {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        let kind: Kind =
            switch facts.st_mode & S_IFMT {
            case S_IFDIR: .folder
            case S_IFREG: .file
            case S_IFLNK: .link
            default: .other
            }
        return (kind, Int64(facts.st_size))
    }

    /// The size of an open file in bytes; `nil` if it is not a file.
    package static func size(of descriptor: Int32) -> Int64? {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? Int64(facts.st_size) : nil
    }

    /// Makes a new folder with an unpredictable name and mode 0700 from a template that ends in `XXXXXX`.
    package static func makeTemporaryDirectory(_ template: String) throws(Failure) -> String {
        var characters = Array(template.utf8CString)
        let made = characters.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        guard made else { throw Failure(operation: "create the folder", path: template, code: errno) }
        return String(decoding: characters.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
