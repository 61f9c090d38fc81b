//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalGround
import Secrets

/// The lock of one process on a data directory.
///
/// An advisory lock (`flock`), so it ends with the process however that ends. The file names the holder for the message
/// a second start prints.
final class DataDirectoryLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { FileLock.release(self.descriptor) }

    /// Whether a process uses the folder now.
    static func isTaken(folder: String) -> Bool {
        let descriptor = OwnFile.open(folder + "/lock", O_RDONLY)
        guard descriptor >= 0 else { return false }
        defer { FileLock.release(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// Takes the lock of the folder, or throws an error that names its holder.
    static func acquire(folder: String) throws(LocalLakebaseError) -> DataDirectoryLock {
        let path = folder + "/lock"
        let descriptor = OwnFile.open(path, O_RDWR | O_CREAT)
        guard descriptor >= 0 else {
            throw LocalLakebaseError(
                .dataDirectory,
                "Cannot open \(path): \(String(cString: strerror(errno))).",
                remedy: "Give yourself write permission on the folder or choose another one."
            )
        }
        guard Self.lock(descriptor) else {
            let code = errno
            var buffer = [UInt8](repeating: 0, count: 32)
            let count = pread(descriptor, &buffer, buffer.count, 0)
            close(descriptor)
            guard code == EWOULDBLOCK else {
                throw LocalLakebaseError(
                    .dataDirectory,
                    "Cannot lock \(path): \(String(cString: strerror(code))).",
                    remedy: "Choose a folder on a local file system."
                )
            }
            let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
            let holder = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
            let who = holder.map { "Process \($0)" } ?? "Another process"
            throw LocalLakebaseError(
                .dataDirectoryInUse,
                "\(who) already runs a local Lakebase on \(folder).",
                remedy: holder.map { "Stop it (kill \($0)) or choose another folder with --data." }
                    ?? "Stop it or choose another folder with --data."
            )
        }
        let line = Array("\(getpid())\n".utf8)
        // Only for the message above; a full disk must not keep a start from working.
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, line, line.count, 0)
        return DataDirectoryLock(descriptor: descriptor)
    }

    /// Locks for one process; returns false, with the reason in `errno`, where another holds the lock.
    private static func lock(_ descriptor: Int32) -> Bool {
        // One that only looks whether the folder is in use holds the lock for some microseconds.
        for _ in 0..<20 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK || errno == EINTR else { return false }
            usleep(5000)
        }
        return flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }
}
