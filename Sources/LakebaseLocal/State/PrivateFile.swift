//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// Files and folders with exact modes, whatever the umask.
enum PrivateFile {
    /// A failed system call: what was tried, where, and why it failed.
    struct Failure: Error, CustomStringConvertible {
        let operation: String
        let path: String
        let code: Int32

        var description: String { "cannot \(self.operation) \(self.path): \(String(cString: strerror(self.code)))" }
    }

    /// Creates a folder with exactly `mode`; an existing one is left as it is.
    static func createDirectory(_ path: String, mode: mode_t) throws(Failure) {
        if mkdir(path, mode) != 0 {
            let code = errno
            if code != EEXIST || !Self.isDirectory(path) {
                throw Failure(operation: "create the folder", path: path, code: code)
            }
            return
        }
        try Self.setMode(path, mode)
    }

    /// Creates a folder and the folders above it that are missing; those get the usual mode.
    static func createDirectories(_ path: String, mode: mode_t) throws(Failure) {
        if Self.isDirectory(path) { return }
        let parent = (path as NSString).deletingLastPathComponent
        if !parent.isEmpty, parent != path, !Self.isDirectory(parent) {
            try Self.createDirectories(parent, mode: 0o755)
        }
        try Self.createDirectory(path, mode: mode)
    }

    /// Replaces a file in one step: a reader sees the old text or the new one, and so does the next start after a crash.
    ///
    /// - Parameter durable: Whether it is to survive a power failure right after.
    static func write(
        _ data: Data, to path: String, mode: mode_t = 0o600, durable: Bool = true
    ) throws(Failure) {
        let temporary = "\(path).\(UInt32.random(in: 0...UInt32.max)).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Failure(operation: "create", path: temporary, code: errno) }
        var failure: Failure?
        var offset = 0
        let bytes = [UInt8](data)
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                failure = Failure(operation: "write", path: temporary, code: errno)
                break
            }
            offset += count
        }
        if failure == nil, fchmod(descriptor, mode) != 0 || durable && fsync(descriptor) != 0 {
            failure = Failure(operation: "write", path: temporary, code: errno)
        }
        close(descriptor)
        if failure == nil, rename(temporary, path) != 0 {
            failure = Failure(operation: "replace", path: path, code: errno)
        }
        if let failure {
            unlink(temporary)
            throw failure
        }
    }

    /// Sets the mode of a file or folder.
    static func setMode(_ path: String, _ mode: mode_t) throws(Failure) {
        if chmod(path, mode) != 0 { throw Failure(operation: "set the mode of", path: path, code: errno) }
    }

    /// Whether there is a folder of that name.
    static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// Makes a new folder with an unpredictable name and mode 0700 from a template that ends in `XXXXXX`.
    static func makeTemporaryDirectory(_ template: String) throws(Failure) -> String {
        var characters = Array(template.utf8CString)
        let made = characters.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        guard made else { throw Failure(operation: "create the folder", path: template, code: errno) }
        return String(decoding: characters.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
