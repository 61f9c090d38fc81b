//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Foundation
package import Secrets

/// Opening files that nobody else can have put in the place of ours.
package enum OwnFile {
    /// Opens a file of ours in a folder of ours; a symbolic link is not followed.
    ///
    /// - Returns: A descriptor, or a negative number with `errno`: `EPERM` for a file of another user.
    package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) -> Int32 {
        let descriptor = Foundation.open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode)
        guard descriptor >= 0 else { return descriptor }
        guard let facts = FileFacts(of: descriptor), facts.kind == .file, facts.owner == geteuid(), facts.names == 1
        else {
            close(descriptor)
            errno = EPERM
            return -1
        }
        return descriptor
    }

    /// The content of a file of ours; `nil` if there is none.
    package static func read(_ path: String) throws(PrivateFile.Failure) -> Data? {
        let descriptor = Self.open(path, O_RDONLY)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw PrivateFile.Failure(operation: "read", path: path, code: errno)
        }
        defer { close(descriptor) }
        var data = Data()
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Foundation.read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw PrivateFile.Failure(operation: "read", path: path, code: errno) }
            guard count > 0 else { return data }
            data += bytes[..<count]
        }
    }
}
