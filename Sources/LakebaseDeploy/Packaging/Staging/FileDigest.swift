//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Crypto
import Foundation

/// Files of a folder and their checksums.
enum FileDigest {
    /// A file's size, and its SHA-256 in lower-case hexadecimal digits.
    static func of(_ path: String) throws -> (size: Int, sha256: String) {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        var hash = SHA256()
        var size = 0
        while let chunk = try handle.read(upToCount: 1 << 20), !chunk.isEmpty {
            hash.update(data: chunk)
            size += chunk.count
        }
        return (size, Self.hexadecimal(hash.finalize()))
    }

    static func of(text: String) -> String { Self.hexadecimal(SHA256.hash(data: Data(text.utf8))) }

    /// All regular files below a folder, by path, with `/` between the parts.
    static func files(in folder: String) throws -> [StagedApp.File] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().compactMap { path in
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")
            guard attributes[.type] as? FileAttributeType == .typeRegular else { return nil }
            let (size, sha256) = try Self.of("\(folder)/\(path)")
            return StagedApp.File(path: path, size: size, sha256: sha256)
        }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
