//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// The manifest of a staged folder, a JSON file beside the parts.
///
/// It marks a folder as written by the packager, which may replace it.
struct PackageManifest: Codable, Sendable, Equatable {
    /// The file's name.
    static let name = "lakebase-package.json"
    static let writer = "lakebase deploy package"

    struct Entry: Codable, Sendable, Equatable {
        var path: String
        var size: Int
        var sha256: String

        init(_ file: StagedApp.File) {
            (self.path, self.size, self.sha256) = (file.path, file.size, file.sha256)
        }
    }

    var writtenBy = Self.writer
    var program: String
    /// The newest version of the C library that is required.
    var glibc: String?
    /// The uploaded files, without this one.
    var files: [Entry]
    /// The files in the archives.
    var contents: [Entry]

    /// The bytes as they are written: the same for the same contents.
    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// The manifest of a folder; nil if it has none, or one of another program.
    static func of(_ folder: String) -> PackageManifest? {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(Self.name)")),
            let manifest = try? JSONDecoder().decode(PackageManifest.self, from: data),
            manifest.writtenBy == Self.writer
        else { return nil }
        return manifest
    }
}
