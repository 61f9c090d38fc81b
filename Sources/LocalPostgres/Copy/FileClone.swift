//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

#if canImport(Darwin)
import Darwin
#endif

/// Copies files by sharing their blocks, or where the file system cannot, by their bytes.
///
/// It is a value with a memory: a file system that could not share the blocks of one file is not asked for the next, and the
/// room that bytes pass through is made once.
struct FileClone {
    private var mayShare = true
    private var room: [UInt8] = []

    /// Copies a file.
    ///
    /// - Parameter limit: How many bytes are needed at least; the rest of the copy may be zeros. `nil` for all.
    /// - Returns: How many bytes it has; `nil` if there is no such file (any more).
    mutating func copy(
        _ source: String, _ destination: String, owner: ServerUser, limit: Int64? = nil
    ) throws(PrivateFile.Failure) -> Int64? {
        let input = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard input >= 0 else {
            if errno == ENOENT { return nil }
            throw PrivateFile.Failure(operation: "read", path: source, code: errno)
        }
        defer { close(input) }
        #if canImport(Darwin)
        if fclonefileat(input, AT_FDCWD, destination, 0) == 0 {
            try owner.own(destination)
            return PrivateFile.size(of: input) ?? 0
        }
        #endif
        let output = open(destination, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw PrivateFile.Failure(operation: "create", path: destination, code: errno) }
        defer { close(output) }
        let bytes: Int64
        if self.share(input, output) {
            bytes = Int64(lseek(output, 0, SEEK_END))
        } else {
            bytes = try self.copyBytes(input, output, destination, limit: limit)
        }
        if let other = owner.other, fchown(output, other.userID, other.groupID) != 0 {
            throw PrivateFile.Failure(operation: "give away", path: destination, code: errno)
        }
        return bytes
    }

    /// Makes the output a reflink of the input; false where that is not possible.
    private mutating func share(_ input: Int32, _ output: Int32) -> Bool {
        #if canImport(Darwin)
        return false
        #else
        guard self.mayShare else { return false }
        // FICLONE of linux/fs.h: _IOW(0x94, 9, int). A macro, which Swift does not see.
        self.mayShare = ioctl(output, 0x4004_9409, input) == 0
        return self.mayShare
        #endif
    }

    private mutating func copyBytes(
        _ input: Int32, _ output: Int32, _ path: String, limit: Int64?
    ) throws(PrivateFile.Failure) -> Int64 {
        if self.room.isEmpty { self.room = [UInt8](repeating: 0, count: 256 * 1024) }
        var total: Int64 = 0
        let failure = self.room.withUnsafeMutableBytes { buffer -> Int32 in
            while limit.map({ total < $0 }) ?? true {
                let count = read(input, buffer.baseAddress, buffer.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                if count == 0 { return 0 }
                var written = 0
                while written < count {
                    let step = write(output, buffer.baseAddress?.advanced(by: written), count - written)
                    if step < 0 {
                        if errno == EINTR { continue }
                        return errno
                    }
                    written += step
                }
                total += Int64(count)
                // A short read of a file is its end; what a server appends just now is in its log as well.
                if count < buffer.count { return 0 }
            }
            return 0
        }
        guard failure == 0 else { throw PrivateFile.Failure(operation: "copy to", path: path, code: failure) }
        guard limit != nil else { return total }
        guard let size = PrivateFile.size(of: input), total >= size || ftruncate(output, off_t(size)) == 0 else {
            throw PrivateFile.Failure(operation: "lengthen", path: path, code: errno)
        }
        return max(total, size)
    }
}
