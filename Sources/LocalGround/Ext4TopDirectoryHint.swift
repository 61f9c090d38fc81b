//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Foundation
import Secrets

/// Tells the file system where to place folders on the disk.
package enum Ext4TopDirectoryHint {
    /// Asks to spread the folders in this one over the disk, as for the home folders in `/home`.
    ///
    /// ext4 puts files near the folder they are in and, for minutes, does not reuse the place of a file that was
    /// removed (`recently_deleted` in fs/ext4/ialloc.c): each new file passes over all of those again. Where branches
    /// of more than a thousand files come and go side by side, a copy of 0.1 s took 1 s. With the top-of-a-hierarchy
    /// flag each branch has a corner of its own. Other file systems do not know the flag, nor need it.
    package static func mark(_ path: String) {
        #if os(Linux)
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_TOPDIR_FL of linux/fs.h: macros, which Swift does not see. They are
        // numbered for a long and carry an int.
        let size = UInt(MemoryLayout<CLong>.size) << 16
        var flags: CInt = 0
        guard ioctl(descriptor, 0x8000_6601 | size, &flags) == 0, flags & 0x2_0000 == 0 else { return }
        flags |= 0x2_0000
        _ = ioctl(descriptor, 0x4000_6602 | size, &flags)
        #endif
    }

    /// Creates a folder in a marked one, in a different block group of the disk each time.
    ///
    /// The corner goes by the name that a folder is made with (`find_group_orlov` in fs/ext4/ialloc.c). One that is called the
    /// same in every data folder would have all their removed files for neighbours.
    package static func create(_ path: String, mode: mode_t) throws {
        let first = "\(path).\(UInt64.random(in: 0...UInt64.max)).new"
        try PrivateFile.createDirectories(first, mode: mode)
        guard rename(first, path) == 0 else {
            let code = errno
            rmdir(first)
            throw PrivateFile.Failure(operation: "make", path: path, code: code)
        }
    }
}
