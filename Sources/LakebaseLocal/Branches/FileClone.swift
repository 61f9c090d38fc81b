//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

#if canImport(Darwin)
import Darwin
#endif

/// Copies one file by sharing its blocks, or where the file system cannot, by its bytes.
enum FileClone {
    /// Copies a file.
    ///
    /// - Returns: How many bytes it has; `nil` if there is no such file (any more).
    static func copy(
        _ source: String, _ destination: String, owner: ServerUser
    ) throws(PrivateFile.Failure) -> Int64? {
        let input = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard input >= 0 else {
            if errno == ENOENT { return nil }
            throw PrivateFile.Failure(operation: "read", path: source, code: errno)
        }
        defer { close(input) }
        #if canImport(Darwin)
        if fclonefileat(input, AT_FDCWD, destination, 0) == 0 {
            var status = stat()
            fstat(input, &status)
            try owner.own(destination)
            return Int64(status.st_size)
        }
        #endif
        let output = open(destination, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw PrivateFile.Failure(operation: "create", path: destination, code: errno) }
        defer { close(output) }
        var bytes: Int64 = 0
        if Self.share(input, output) {
            bytes = Int64(lseek(output, 0, SEEK_END))
        } else {
            bytes = try Self.copyBytes(input, output, destination)
        }
        if let other = owner.other, fchown(output, other.userID, other.groupID) != 0 {
            throw PrivateFile.Failure(operation: "give away", path: destination, code: errno)
        }
        return bytes
    }

    /// Makes the output a reflink of the input; false where that is not possible.
    private static func share(_ input: Int32, _ output: Int32) -> Bool {
        #if canImport(Darwin)
        false
        #else
        // FICLONE of linux/fs.h: _IOW(0x94, 9, int). A macro, which Swift does not see.
        ioctl(output, 0x4004_9409, input) == 0
        #endif
    }

    private static func copyBytes(
        _ input: Int32, _ output: Int32, _ path: String
    ) throws(PrivateFile.Failure) -> Int64 {
        var total: Int64 = 0
        var failure: Int32 = 0
        withUnsafeTemporaryAllocation(byteCount: 256 * 1024, alignment: 4096) { buffer in
            while true {
                let count = read(input, buffer.baseAddress, buffer.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    failure = errno
                    return
                }
                if count == 0 { return }
                var written = 0
                while written < count {
                    let step = write(output, buffer.baseAddress?.advanced(by: written), count - written)
                    if step < 0 {
                        if errno == EINTR { continue }
                        failure = errno
                        return
                    }
                    written += step
                }
                total += Int64(count)
            }
        }
        guard failure == 0 else { throw PrivateFile.Failure(operation: "copy to", path: path, code: failure) }
        return total
    }
}
