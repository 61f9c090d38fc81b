//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Secrets

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

extension SHA256Hash {
    /// How much of a file is in memory at a time.
    private static let partSize = 1 << 18

    /// Hashes a file, a part at a time, so that a large file needs no more memory than a small one.
    ///
    /// - Returns: The hash, and how many bytes were read.
    /// - Throws: When the file cannot be opened or read.
    package static func ofFile(_ path: String) throws(PrivateFile.Failure) -> (hash: SHA256Hash, size: Int) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PrivateFile.Failure(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        var hasher = Hasher()
        var size = 0
        var part = [UInt8](repeating: 0, count: Self.partSize)
        while true {
            let count = read(descriptor, &part, part.count)
            if count == 0 { return (hasher.finish(), size) }
            if count < 0 {
                if errno == EINTR { continue }
                throw PrivateFile.Failure(operation: "read", path: path, code: errno)
            }
            hasher.update(part.prefix(count))
            size += count
        }
    }
}
