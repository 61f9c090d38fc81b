//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// The folder of the package, found from where this file was when it was compiled.
enum Repository {
    static let root = #filePath.components(separatedBy: "/Tests/LakebaseTests/").first ?? "."

    /// The paths below `folder` with an extension, from the root.
    static func files(in folder: String, withExtension ending: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: Self.root + "/" + folder)
        return (all?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix("." + ending) }.map { "\(folder)/\($0)" }.sorted()
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: Self.root + "/" + path, encoding: .utf8)
    }
}
