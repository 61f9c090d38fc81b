//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Digests
import Foundation

/// Files of a folder and their checksums.
enum FileDigest {
    /// A file's size, and its SHA-256 in lower-case hexadecimal digits.
    static func of(_ path: String) throws -> (size: Int, sha256: String) {
        let (hash, size) = try SHA256Hash.ofFile(path)
        return (size, hash.hex)
    }

    /// All regular files below a folder, by path, with `/` between the parts.
    static func files(in folder: String) throws -> [StagedApp.File] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().compactMap { path in
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")
            guard attributes[.type] as? FileAttributeType == .typeRegular else { return nil }
            let (size, sha256) = try Self.of("\(folder)/\(path)")
            return StagedApp.File(path: path, size: size, sha256: sha256)
        }
    }
}
