//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// A file cut into pieces.
enum FileParts {
    /// Cuts `file` into `name.000`, `name.001` and so on in `folder`, none larger than `limit` bytes.
    ///
    /// - Returns: The parts in their order; one at least.
    static func cut(_ file: String, into folder: String, name: String, limit: Int) throws -> [StagedApp.File] {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
        defer { try? handle.close() }
        var parts: [StagedApp.File] = []
        while true {
            let bytes = try handle.read(upToCount: limit) ?? Data()
            if bytes.isEmpty, !parts.isEmpty { return parts }
            let number = String(parts.count)
            let path = "\(name).\(String(repeating: "0", count: max(0, 3 - number.count)))\(number)"
            try bytes.write(to: URL(fileURLWithPath: "\(folder)/\(path)"))
            let (size, sha256) = try FileDigest.of("\(folder)/\(path)")
            parts.append(StagedApp.File(path: path, size: size, sha256: sha256))
        }
    }
}
